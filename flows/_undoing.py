"""Undoing a run's effects one after the other: shared by the flow `undo` and by runs that fail."""

from collections import Counter

from prefect import get_run_logger

from mergewright.domain.delivery import Delivery, Run
from mergewright.domain.undo import STAGE, UndoneEffect, UndoReport, UndoStep
from mergewright.errors import MergewrightError, StoreFailed
from tasks import stages, undo


def undo_all(run: Run, *, dry_run: bool = False) -> UndoReport:
    """Undo what a run did outside, the last effect first; the caller holds the run.

    What cannot be undone now, because a service refuses or does not answer, is kept, and the rest
    is undone all the same.

    Args:
        run: The run.
        dry_run: Only look, and say what would come of it; the log is not written either.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    earlier, steps = undo.undone_before(run), undo.left_to_undo(run)
    report = UndoReport(run_id=run.id, dry_run=dry_run, earlier=earlier)
    if not steps:
        return report
    if dry_run:
        return report.model_copy(update={"effects": _undo(run, steps, earlier, dry_run=True)})
    with stages.recorded_stage(run, STAGE, "Undo what was done outside") as outcome:
        effects = _undo(run, steps, earlier, dry_run=False)
        counts = Counter(effect.outcome for effect in effects)
        outcome.summary = ", ".join(f"{number} {name}" for name, number in counts.items())
    return report.model_copy(update={"effects": effects})


def undo_failed(run: Run, delivery: Delivery) -> Delivery:
    """Undo what a failed run did outside; return its report without what is gone.

    A fault in this never hides the one that the run failed of.
    """
    try:
        report = undo_all(run)
    except MergewrightError as error:
        get_run_logger().warning("The run could not be undone: %s", error)
        return delivery
    effects = (*report.earlier, *report.effects)
    gone = {effect.effect for effect in effects if effect.outcome in {"undone", "already"}}
    empty = {
        "pull request": ("pull_request", None),
        "page": ("page", None),
        "branch": ("commit", ""),
    }
    return delivery.model_copy(update=dict(empty[name] for name in gone & empty.keys()))


def _undo(
    run: Run, steps: tuple[UndoStep, ...], earlier: tuple[UndoneEffect, ...], *, dry_run: bool
) -> tuple[UndoneEffect, ...]:
    done: list[UndoneEffect] = []
    for step in steps:
        state = undo.undo_effect(run, step, (*earlier, *done), dry_run, return_state=True)
        result = state.result(raise_on_failure=False)
        if isinstance(result, MergewrightError) and not isinstance(result, StoreFailed):
            result = undo.could_not(step, result)
            if not dry_run:
                undo.record(run, step, result)
        if isinstance(result, Exception):
            raise result
        done.append(result)
    return tuple(done)
