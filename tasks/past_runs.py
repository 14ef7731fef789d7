"""Runs that a command takes up after they have ended or stopped: found in the log, and held."""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from types import MappingProxyType
from typing import Any, NamedTuple

from mergewright.domain.close import STAGE as CLOSE_STAGE
from mergewright.domain.delivery import Run
from mergewright.domain.events import RunStarted
from mergewright.domain.open_effects import STAGE as RETRY_STAGE
from mergewright.domain.ticket_done import STAGE as DONE_STAGE
from mergewright.domain.undo import STAGE as UNDO_STAGE
from mergewright.errors import NotFound, RunInterrupted
from mergewright.events import projections
from tasks._holds import held, is_seen_everywhere
from tasks._runs import event_store, forget_profiles

ALL_RUNS = 1_000_000
"""More than a log holds."""


class _Words(NamedTuple):
    """How a refusal is told to whoever wanted to take up a run that may still go."""

    undone: str
    """What was not done."""
    then: str
    """What to do once the run has ended."""
    command: str
    """The command that may be told that the machine of the run is gone."""


_WORDS: Mapping[str, _Words] = MappingProxyType(
    {
        UNDO_STAGE: _Words("undone", "undo it", "undo"),
        CLOSE_STAGE: _Words("closed", "close it", "close"),
        RETRY_STAGE: _Words("done later", "try again", "effects retry"),
        DONE_STAGE: _Words("moved", "run this again", "close"),
    }
)
"""By the stage of the command."""


def find_run(run_id: str) -> Run:
    """Return a run as its log tells it.

    Raises:
        NotFound: The log holds no start of the run.
        StoreFailed: The log cannot be read.
    """
    stored = event_store().read(run_id=run_id, types=("run_started",))
    starts = [found.event for found in stored if isinstance(found.event, RunStarted)]
    if not starts:
        raise NotFound(
            f"There is no run {run_id!r} in the event log.",
            hint="`mergewright runs` lists the runs in the log.",
        )
    request: Mapping[str, Any] = starts[-1].request
    return Run(
        id=run_id,
        workflow=starts[-1].workflow,
        profile=str(request.get("profile") or "local"),
        ticket=starts[-1].ticket,
        repository=starts[-1].repository,
        base=str(request.get("base") or "main"),
        model=None,
        budget_usd=Decimal(0),
        dry_run=bool(request.get("dry_run")),
        started_at=starts[0].at,
    )


@contextmanager
def holding(run: Run, *, orphaned: bool = False, to: str) -> Iterator[None]:
    """Hold a run that nobody works on, so that nobody begins to.

    Args:
        run: The run.
        orphaned: Believe that the other machine that worked on it no longer does.
        to: What for: the stage of the command.

    Raises:
        RunInterrupted: A process works on it, or one elsewhere may.
        StoreFailed: The log or the run's folder cannot be written.
    """
    _see_it_is_not_elsewhere(run, orphaned=orphaned, to=to)
    forget_profiles()
    with held(run, lambda error: _still_goes(run, error, to)):
        yield


def _still_goes(run: Run, error: RunInterrupted, to: str) -> RunInterrupted:
    return RunInterrupted(
        f"The run {run.id!r} is still going: nothing was {_WORDS[to].undone}. {error.message}",
        hint=f"Let it end, or stop it (Ctrl-C, or cancel its flow run); then {_WORDS[to].then}."
        f" Watch it with: mergewright show {run.id} --follow",
        run_id=run.id,
    )


def _see_it_is_not_elsewhere(run: Run, *, orphaned: bool, to: str) -> None:
    """Refuse a run that another machine may still work on, unless the log would tell of its hold."""
    if orphaned or is_seen_everywhere():
        return
    summary = projections.summarise(projections.read_events(event_store(), run.id))
    host = summary.process.rpartition(":")[0]
    if summary.outcome != projections.RUNNING or host == socket.gethostname():
        return
    raise RunInterrupted(
        f"The run {run.id!r} has not ended, and {host!r} worked on it last: whether it still goes"
        " cannot be seen from here.",
        hint=f"{_WORDS[to].then.capitalize()} there. If that machine is gone: mergewright"
        f" {_WORDS[to].command} {run.id} --orphaned",
        run_id=run.id,
    )
