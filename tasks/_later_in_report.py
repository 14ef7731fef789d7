"""What was done later, told in the report of a run that had ended before."""

from collections.abc import Sequence
from typing import NamedTuple

from mergewright.domain.delivery import Delivery, Run
from mergewright.domain.events import EffectDone, RunFinished
from mergewright.domain.open_effects import STAGE, LeftOver, OpenEffect, RetriedEffect
from mergewright.domain.page import Page
from mergewright.domain.undo import MESSAGE
from mergewright.events import projections
from tasks._runs import event_store, journal_of
from tasks.pages import SPACE


class Later(NamedTuple):
    """An effect that was open, and what came of it."""

    was: OpenEffect
    came: RetriedEffect

    @property
    def is_done(self) -> bool:
        """Whether it is done by now."""
        return self.came.outcome in {"done", "found"}


def with_later(report: Delivery, later: Sequence[Later], page: Page | None = None) -> Delivery:
    """Return a report that tells what was done after it was written.

    Args:
        report: As it was written when the run ended.
        later: What was open since, and what came of it.
        page: The page about the delivery, if it is there by now.
    """
    told: set[tuple[str, str]] = set()
    left = []
    for one in report.left:
        same = [it for it in later if _is_about(one, it.was)]
        told |= {(it.was.effect, it.was.target) for it in same}
        is_done = bool(same) and all(it.is_done for it in same)
        left.append(one.model_copy(update={"done": _where(same)}) if is_done else one)
    left += [
        LeftOver(
            effect=it.was.effect,
            target=it.was.target,
            reason=it.was.reason or "The run ended before it was done.",
            remedy=it.was.remedy,
            done=_where([it]),
        )
        for it in later
        if it.is_done and (it.was.effect, it.was.target) not in told
    ]
    return report.model_copy(update={"left": tuple(left), "page": page or report.page})


def amend_report(run: Run, later: Sequence[Later]) -> Delivery | None:
    """Write the end of a run to the log anew, with what was done later; return the report.

    Returns:
        None where nothing was done, or the run has no report.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    events = projections.read_events(event_store(), run.id)
    report = projections.report_of(events)
    ends = [event for event in events if isinstance(event, RunFinished)]
    if report is None or not any(one.is_done for one in later):
        return None
    amended = with_later(report, later, _page(run))
    again = ends[-1].model_dump(include={"outcome", "resumable"})
    journal = journal_of(run, STAGE)
    journal.append(journal.make(RunFinished, **again, report=amended.model_dump(mode="json")))
    return amended


def _is_about(left: LeftOver, was: OpenEffect) -> bool:
    """Say whether a report's line tells of an effect: by its target, or by the stage that gave it up."""
    if was.effect == MESSAGE or left.target:
        return (left.effect, left.target) == (was.effect, was.target)
    return left.effect == was.stage


def _where(later: Sequence[Later]) -> str:
    references = dict.fromkeys(it.came.reference for it in later if it.came.reference)
    return ", ".join(references) or "done"


def _page(run: Run) -> Page | None:
    """Return the page about the delivery as the log has it."""
    stored = event_store().read(run_id=run.id, types=("effect_done",))
    pages = [
        entry.event
        for entry in stored
        if isinstance(entry.event, EffectDone)
        and entry.event.effect == "page"
        and entry.event.target.startswith(f"{SPACE}/")
    ]
    return Page.model_validate(pages[-1].result["value"]) if pages else None
