"""Watching a run in the log: which one this process works on, and how far a run is."""

import os
import socket
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal

from mergewright.domain.approval_standing import open_question
from mergewright.domain.close import AFTERWARDS
from mergewright.domain.events import CallReserved, Event, RunFinished, RunStarted, StageStarted
from mergewright.domain.run_state import RunState
from mergewright.events.projections import costs, stages
from mergewright.events.store import EventStore


def own_run(store: EventStore) -> Callable[[], str | None]:
    """Return what finds the run that this process is about to start or go on with.

    Raises:
        StoreFailed: The log cannot be read; so does what is returned.
    """
    before = store.read(types=("run_started",))
    after = before[-1].seq if before else 0
    process = f"{socket.gethostname()}:{os.getpid()}"

    def find() -> str | None:
        for stored in store.read(after=after, types=("run_started",)):
            event = stored.event
            if isinstance(event, RunStarted) and event.process == process:
                return event.run_id
        return None

    return find


def state_of(events: Sequence[Event], now: datetime) -> RunState | None:
    """Return how far a run is; nothing while it has not begun.

    Args:
        events: All of the run, in the order of the log.
        now: Until when its time is counted while it goes on.
    """
    started, finished = _start_and_end(events)
    if started is None:
        return None
    titles = {event.stage: event.title for event in events if isinstance(event, StageStarted)}
    question = open_question(events)
    asked = [event.model for event in events if isinstance(event, CallReserved)]
    return RunState(
        run_id=started.run_id,
        workflow=started.workflow,
        ticket=started.ticket,
        repository=started.repository,
        base=str(started.request.get("base") or ""),
        model=asked[-1] if asked else str(started.request.get("model") or ""),
        stages=tuple(
            record.model_copy(update={"name": titles.get(record.name, record.name)})
            for record in stages(events)
        ),
        costs=costs(events),
        budget_usd=Decimal(str(started.request.get("budget_usd") or 0)),
        seconds=max((_end(events, finished, now) - started.at).total_seconds(), 0.0),
        outcome=finished.outcome if finished else "",
        waits_for=question.point if question else "",
    )


def _end(events: Sequence[Event], finished: RunFinished | None, now: datetime) -> datetime:
    """Return when the run's own work ended; undoing it may come much later."""
    own = [event.at for event in events if event.stage not in AFTERWARDS]
    return own[-1] if finished and own else now


def _start_and_end(events: Sequence[Event]) -> tuple[RunStarted | None, RunFinished | None]:
    ends = [event for event in events if isinstance(event, RunStarted | RunFinished)]
    starts = [event for event in ends if isinstance(event, RunStarted)]
    last = ends[-1] if ends else None
    return (starts[-1] if starts else None, last if isinstance(last, RunFinished) else None)
