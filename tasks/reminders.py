"""Looking after runs that wait for people: remind them, end what nobody answers, wake what is answered."""

from collections.abc import Sequence
from datetime import datetime

from mergewright.domain.approval_events import ApprovalAwaited, ApprovalRequested
from mergewright.domain.approval_standing import standing_of
from mergewright.domain.delivery import Outcome, Run
from mergewright.domain.events import Event, Noted, RunFinished, RunStarted
from mergewright.domain.open_effects import RetriedEffect
from mergewright.errors import MergewrightError, RunInterrupted, StoreFailed
from mergewright.events import projections
from tasks import notices, records
from tasks._approval_form import wake
from tasks._runs import event_store, journal_of
from tasks.approvals import expire, nobody_answered
from tasks.past_runs import find_run
from tasks.suspensions import end_suspended

EFFECT = "approval"
"""What is told of a question in a report of effects."""


def look_after_questions(at: datetime) -> tuple[RetriedEffect, ...]:
    """Look at every run that waits for people; say what was done about those that need something.

    Args:
        at: Now, aware.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    store = event_store()
    waited = {stored.event.run_id for stored in store.read(types=("approval_awaited",))}
    came: list[RetriedEffect] = []
    for run_id in sorted(waited):
        events = projections.read_events(store, run_id)
        question = _last_question(events)
        if question is None:
            continue
        try:
            run = find_run(run_id)
            done = _look_after(run, question, events, at) if _lets_go(events) else _tidy(run)
        except RunInterrupted:
            continue  # somebody works on it just now
        except StoreFailed:
            raise
        except MergewrightError as error:
            came.append(_told(question, "open", reason=error.message, hint=error.hint))
        else:
            came += [_told(question, "done", reason=done)] if done else []
    return tuple(came)


def _look_after(
    run: Run, question: ApprovalRequested, events: Sequence[Event], at: datetime
) -> str:
    """Do what a question needs now; return it in words, empty if nothing."""
    standing = standing_of(question, events, at)
    flow_run_id = _suspended(events)
    if (standing.is_settled or standing.is_expired) and flow_run_id and wake(flow_run_id):
        return "the suspended run was woken"
    if standing.is_settled:
        return ""
    if standing.is_expired:
        return _end(run, question, events)
    number = _reminders_due(question, at)
    journal, key = journal_of(run, question.stage), f"reminder {number} {question.key}"
    if not number or journal.store.find(run.id, "noted", key):
        return ""
    notices.tell_question(run, question, reminder=number)
    told = f"people were reminded of the {question.point}"
    journal.append(journal.make(Noted, key=key, text=told))
    return told


def _tidy(run: Run) -> str:
    """End what still waits in Prefect for a run that is over; return it in words, empty if nothing."""
    return "its suspended run has ended: nobody is asked any more" if end_suspended(run) else ""


def _end(run: Run, question: ApprovalRequested, events: Sequence[Event]) -> str:
    """End a run that nobody answers and nothing wakes: whoever goes on with it is asked once more."""
    with event_store().hold(run.id):
        expire(run, question)
        error = nobody_answered(run, question)
        report = projections.report_of(events) or records.empty_report(run)
        ended = records.finish_run(run, records.failed(report, error), error)
    notices.notify(run, ended)
    return "nobody answered in time: the run has ended"


def _last_question(events: Sequence[Event]) -> ApprovalRequested | None:
    return next((e for e in reversed(events) if isinstance(e, ApprovalRequested)), None)


def _lets_go(events: Sequence[Event]) -> bool:
    """Say whether the run waits without a process."""
    last = next((e for e in reversed(events) if isinstance(e, RunStarted | RunFinished)), None)
    return isinstance(last, RunFinished) and last.outcome == Outcome.WAITING


def _suspended(events: Sequence[Event]) -> str:
    last = next((e for e in reversed(events) if isinstance(e, ApprovalAwaited)), None)
    return last.flow_run_id if last else ""


def _reminders_due(question: ApprovalRequested, at: datetime) -> int:
    """Return which reminder is the last that is due; the ones before it are not made up for."""
    if not question.remind_seconds:
        return 0
    return int((at - question.at).total_seconds() // question.remind_seconds)


def _told(
    question: ApprovalRequested, outcome: str, *, reason: str = "", hint: str = ""
) -> RetriedEffect:
    return RetriedEffect.model_validate(
        {
            "run_id": question.run_id,
            "effect": EFFECT,
            "target": question.point,
            "outcome": outcome,
            "reason": reason,
            "hint": hint,
        }
    )
