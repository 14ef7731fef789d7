"""What every event of the log has in common."""

from typing import Any, Final, Literal

from pydantic import AwareDatetime

from mergewright.domain.value import Value

Json = dict[str, Any]

BESIDE_RUNS: Final = ":"
"""What an id begins with that is no run's: events below it belong to none, and no list shows it."""


class LoggedEvent(Value):
    """Something that happened in a run; never changed once it is written."""

    run_id: str
    stage: str = ""
    """Stage that the event belongs to; empty for the run as a whole."""
    at: AwareDatetime
    key: str = ""
    """Natural key: a run holds at most one event of a type with the same non-empty key."""
    version: Literal[1] = 1
