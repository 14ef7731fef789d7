"""Who works on a run, as the one who holds it tells it and the next one reads it."""

import os
import socket
from datetime import datetime
from typing import Final

from pydantic import AwareDatetime, ValidationError

from mergewright.domain.value import Value
from mergewright.errors import RunInterrupted
from mergewright.events.clock import utc_now

_HINT: Final = "Wait for it or stop it there, and start the same request again."


class Holder(Value):
    """A process that works on a run."""

    token: str
    """Tells holds of one process apart."""
    process: str
    """Its host and process id."""
    since: AwareDatetime


def this_process(token: str) -> Holder:
    """Return this process as a holder from now on."""
    return Holder(token=token, process=f"{socket.gethostname()}:{os.getpid()}", since=utc_now())


def read_holder(text: str) -> Holder | None:
    """Read what a holder wrote down, if it is all there."""
    try:
        return Holder.model_validate_json(text)
    except ValidationError:
        return None


def held_by_another(
    run_id: str, holder: Holder | None, *, free_at: datetime | None = None
) -> RunInterrupted:
    """Say who works on a run.

    Args:
        run_id: The run.
        holder: None where it is not known yet.
        free_at: When its hold ends unless it renews it; None where it ends with the process.
    """
    who = "another process"
    if holder is not None:
        who = f"{holder.process}, since {holder.since:%Y-%m-%d %H:%M:%S} UTC"
    ends = ""
    if free_at is not None:
        ends = f" If it has died, the run is free at {free_at:%H:%M:%S} UTC at the latest."
    return RunInterrupted(
        f"The run {run_id!r} is held by {who}.", hint=f"{_HINT}{ends}", run_id=run_id
    )
