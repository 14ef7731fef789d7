"""Prefect's runs that were suspended for an answer which nobody needs any more: ended, not left.

A run that waited may be gone on with on a terminal, or be closed. Its suspended run would show a form
for ever, and whoever fills it in would only be told that nothing is left to do.

Source: `prefect.server.api.flow_runs.set_flow_run_state` 3.8.8, read and run 2026-11-20: no process
belongs to a suspended run, so that its state is all there is to change.
"""

from collections.abc import Sequence
from uuid import UUID

import httpx
from prefect import get_run_logger
from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound
from prefect.runtime import deployment, flow_run
from prefect.states import Cancelled, Completed

from mergewright.domain.approval_events import ApprovalAwaited
from mergewright.domain.delivery import Outcome, Run
from mergewright.domain.events import Event, Noted, RunFinished, RunStarted
from mergewright.errors import ServiceUnavailable
from mergewright.safety.redaction import redact
from tasks._runs import event_store, journal_of

_TYPES = ("approval_awaited", "noted", "run_started", "run_finished")


def end_suspended(run: Run) -> tuple[str, ...]:
    """End Prefect's runs that wait for what is over; return the ids of those that were ended now.

    Nothing is done before the run is over, nor to this very flow run. What another server has is
    left to whoever looks after questions beside that server.

    Raises:
        ServiceUnavailable: The Prefect server does not answer.
        StoreFailed: The log cannot be read or written.
    """
    events = [stored.event for stored in event_store().read(run_id=run.id, types=_TYPES)]
    end = _end_of(events)
    if end is None:
        return ()
    awaited = [event.flow_run_id for event in events if isinstance(event, ApprovalAwaited)]
    known = {event.key for event in events if isinstance(event, Noted)}
    ended = []
    for flow_run_id in dict.fromkeys(awaited):
        key = f"suspended run over {flow_run_id}"
        if not flow_run_id or flow_run_id == str(flow_run.id) or key in known:
            continue
        found = _end(flow_run_id, run, end)
        if found is None:
            continue
        told = "was ended" if found else "was over already"
        journal = journal_of(run, "")
        journal.append(journal.make(Noted, key=key, text=f"Prefect's suspended run {told}."))
        ended += [flow_run_id] if found else []
    return tuple(ended)


def end_if_possible(run: Run) -> tuple[str, ...]:
    """Do as `end_suspended` does; where the server does not answer, leave it to the next look.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    try:
        return end_suspended(run)
    except ServiceUnavailable as error:
        get_run_logger().warning("%s %s", redact(error.message), error.hint)
        return ()


def _end_of(events: Sequence[Event]) -> RunFinished | None:
    """Return how a run ended from which nothing goes on; None where something may."""
    last = next((e for e in reversed(events) if isinstance(e, RunStarted | RunFinished)), None)
    return last if isinstance(last, RunFinished) and not last.resumable else None


def _end(flow_run_id: str, run: Run, end: RunFinished) -> bool | None:
    """End a suspended run; say whether it was suspended, or None where that is not over."""
    told = f"The run {run.id} has ended elsewhere: {end.outcome}."
    state = Cancelled if end.outcome == Outcome.FAILED else Completed
    try:
        with get_client(sync_client=True) as client:
            there = client.read_flow_run(UUID(flow_run_id)).state
            if there is None or there.is_final():
                return False
            if not there.is_paused():
                return None
            client.set_flow_run_state(UUID(flow_run_id), state(message=told), force=True)
    except ObjectNotFound:
        # a run of a deployment asks the server that has the suspended ones
        return False if deployment.id else None
    except httpx.HTTPError as error:
        raise ServiceUnavailable(
            f"Prefect's suspended run {flow_run_id!r} could not be ended: {error}.",
            hint="The next `mergewright notices send-due` beside the server does it.",
            run_id=run.id,
        ) from error
    return True
