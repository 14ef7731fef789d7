"""Stages that take back what a run did outside, as far as nobody has built on it since."""

import re

from prefect.artifacts import create_markdown_artifact

from mergewright.domain.delivery import Run
from mergewright.domain.events import EffectUndone
from mergewright.domain.undo import STAGE, UndoneEffect, UndoReport, UndoStep
from mergewright.events import projections
from mergewright.events.undo_list import undo_plan, undone_effects, undone_key
from mergewright.safety.redaction import redact
from mergewright.texts.undo import undo_report
from tasks._compensations import Place, compensate
from tasks._policies import stage
from tasks._runs import event_store, journal_of, profile_of


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
