"""Stages that take back what a run did outside, as far as nobody has built on it since."""

import re
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from prefect.artifacts import create_markdown_artifact

from mergewright.domain.close import STAGE as CLOSE_STAGE
from mergewright.domain.delivery import Run
from mergewright.domain.events import EffectUndone, RunStarted
from mergewright.domain.open_effects import STAGE as RETRY_STAGE
from mergewright.domain.undo import STAGE, UndoneEffect, UndoReport, UndoStep
from mergewright.errors import NotFound, RunInterrupted
from mergewright.events import projections
from mergewright.events.undo_list import undo_plan, undone_effects, undone_key
from mergewright.safety.redaction import redact
from mergewright.texts.undo import undo_report
from tasks._compensations import Place, compensate
from tasks._holds import held, is_seen_everywhere
from tasks._policies import stage
from tasks._runs import event_store, forget_profiles, journal_of, profile_of

_WORDS = {
    STAGE: ("undone", "undo it"),
    CLOSE_STAGE: ("closed", "close it"),
    RETRY_STAGE: ("done later", "try again"),
}
"""What was not done of a run that still goes, and what to do then, by command."""


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
def holding(run: Run, *, orphaned: bool = False, to: str = STAGE) -> Iterator[None]:
    """Hold a run that nobody works on, so that nobody begins to.

    Args:
        run: The run.
        orphaned: Believe that the other machine that worked on it no longer does.
        to: What for: the command `undo`, `close` or `effects retry`.

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
        f"The run {run.id!r} is still going: nothing was {_WORDS[to][0]}. {error.message}",
        hint=f"Let it end, or stop it (Ctrl-C, or cancel its flow run); then {_WORDS[to][1]}."
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
        hint=f"{_WORDS[to][1].capitalize()} there. If that machine is gone: mergewright {to} {run.id}"
        " --orphaned",
        run_id=run.id,
    )


def left_to_undo(run: Run) -> tuple[UndoStep, ...]:
    """Return what there is to undo, in order.

    Raises:
        StoreFailed: The log cannot be read.
    """
    return undo_plan(projections.read_events(event_store(), run.id))


def undone_before(run: Run) -> tuple[UndoneEffect, ...]:
    """Return what was undone already.

    Raises:
        StoreFailed: The log cannot be read.
    """
    return undone_effects(projections.read_events(event_store(), run.id))


@stage("Undo an effect", run_name="Undo the {step.effect}", kept=False)
def undo_effect(
    run: Run, step: UndoStep, so_far: tuple[UndoneEffect, ...], rehearse: bool
) -> UndoneEffect:
    """Take one effect back if it is as we left it, and say in the log what came of it.

    Args:
        run: The run.
        step: The effect.
        so_far: What came of the effects that were undone before it.
        rehearse: Only look, and say what would come of it.

    Raises:
        ServiceError: The service refused or did not answer.
        Rejected: The log does not tell what was there before.
    """
    came = compensate(Place(run, profile_of(run), so_far, rehearse), step)
    undone = UndoneEffect(
        effect=step.effect,
        target=step.target,
        outcome=came.outcome,
        reason=came.reason,
        reference=came.reference or step.reference,
    )
    if not rehearse:
        record(run, step, undone)
    return undone


def could_not(step: UndoStep, error: Exception) -> UndoneEffect:
    """Return what came of an effect that could not be undone because of an error."""
    return UndoneEffect(
        effect=step.effect,
        target=step.target,
        outcome="kept",
        reason=redact(str(error)),
        reference=step.reference,
    )


def record(run: Run, step: UndoStep, undone: UndoneEffect) -> None:
    """Say in the log what came of undoing an effect; what was kept may be tried again.

    Raises:
        StoreFailed: The log cannot be written.
    """
    journal = journal_of(run, STAGE)
    key = "" if undone.outcome == "kept" else undone_key(step.key)
    fields = undone.model_dump()
    journal.append(journal.make(EffectUndone, key=key, effect_key=step.key, **fields))


@stage("Report what was undone", kept=False)
def write_undo_report(run: Run, report: UndoReport) -> str:
    """Publish what came of undoing a run as a Prefect artifact; return its text."""
    text = undo_report(report)
    name = re.sub(r"[^a-z0-9]+", "-", run.id).strip("-")
    create_markdown_artifact(key=f"undo-{name}", markdown=text, description="What was undone")
    return text
