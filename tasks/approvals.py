"""The stage in which people decide: question and answers are events in the log, whatever the door.

A run that nobody has answered yet lets go of its process: Prefect suspends it where it runs from a
deployment, and elsewhere the same command goes on. Only where a person sits at the terminal and is
asked there, the stage waits.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

from prefect.exceptions import Pause
from tenacity import RetryError, Retrying, retry_if_result, stop_after_delay, wait_fixed

from mergewright.domain.approval_events import (
    ApprovalAwaited,
    ApprovalExpired,
    ApprovalRequested,
)
from mergewright.domain.approval_identity import Identity
from mergewright.domain.approval_question import Answer
from mergewright.domain.approval_standing import Standing, answer_of, has_approved, may_approve
from mergewright.domain.delivery import Delivery, Outcome, Run
from mergewright.domain.requests import ApprovalPoint
from mergewright.errors import ApprovalDenied, NobodyAnswered
from mergewright.events.answers import standing_in_log
from mergewright.events.journal import Journal, utc_now
from tasks._approval_form import suspend, suspendable_run, wake
from tasks._policies import stage
from tasks._questions import ask, bind, find_question, refusals, take_forms
from tasks._requester import keep_requester
from tasks._runs import journal_of
from tasks.notices import tell_answer, tell_question

__all__ = [
    "answered_here",
    "ask_approval",
    "keep_requester",
    "suspend_until_answered",
    "waiting_report",
    "wake",
]

POLL_SECONDS = 0.5
LONGEST_WAIT = timedelta(hours=24)
"""How long a process waits for the person at its terminal."""

_at_terminal: ContextVar[Identity | None] = ContextVar("at_terminal", default=None)


@contextmanager
def answered_here(person: Identity) -> Iterator[None]:
    """Have questions that a person may answer wait in this process: they are asked at its terminal."""
    token = _at_terminal.set(person)
    try:
        yield
    finally:
        _at_terminal.reset(token)


@stage("Ask for approval", run_name="Ask for approval of the {point}", kept=False, repeats=0)
def ask_approval(
    run: Run, point: ApprovalPoint, shown: str, delivery: Delivery, passed: Sequence[str]
) -> Answer:
    """Ask people, and return what they decided, or that nobody has yet.

    The answer is bound to a digest of what is shown, of plan and diff, of what the run has cost on
    its way here, and of where it goes: a changed byte needs another answer.

    Raises:
        ApprovalDenied: Somebody ended the run.
        NobodyAnswered: The time for it is over.
        SettingInvalid: So many people as must approve do not exist.
        ServiceUnavailable: The Prefect server does not say how its form was answered.
        StoreFailed: The log cannot be read or written.
    """
    journal = journal_of(run, f"approve-{point}")
    bound = bind(run, point, shown, delivery, passed)
    flow_run_id = suspendable_run()
    question = ask(journal, run, bound)
    take_forms(journal, question, flow_run_id)
    standing = standing_in_log(journal.store, question, utc_now())
    if standing.is_expired:
        expire(run, question)
        if flow_run_id:
            raise nobody_answered(run, question)
        # a person goes on with the run: they find it asked once more
        question = ask(journal, run, bound)
        standing = standing_in_log(journal.store, question, utc_now())
    if not standing.is_settled:
        tell_question(run, question)
        standing = _answered_at_terminal(journal, question) or standing
    if not standing.is_settled:
        return _wait_elsewhere(journal, question, flow_run_id)
    tell_answer(run, question, standing)
    return _answer(run, question, standing)


def waiting_report(delivery: Delivery, answer: Answer) -> Delivery:
    """Return the report of a run that waits for people."""
    goes_on = (
        "then it goes on by itself."
        if answer.flow_run_id
        else f"then go on with it: mergewright resume {delivery.run_id}"
    )
    hint = (
        f"Look at the question (mergewright question {delivery.run_id}) and answer it with"
        f" mergewright approve or reject; {goes_on}"
    )
    return delivery.model_copy(update={"outcome": Outcome.WAITING, "error": "", "hint": hint})


def suspend_until_answered(run: Run, answer: Answer) -> None:
    """Suspend this flow run, whose question nobody has answered; called when nothing is held.

    Raises:
        Pause: Prefect's run is suspended, and its process ends.
        ServiceUnavailable: The Prefect server does not answer.
        StoreFailed: The log cannot be read.
    """
    if not answer.flow_run_id:
        return
    journal = journal_of(run, "")
    question = find_question(journal, answer.question)
    try:
        suspend(question, refusals(journal, question))
    except Pause:
        # whoever answered in between found nothing that could be woken
        if standing_in_log(journal.store, question, utc_now()).is_settled:
            wake(answer.flow_run_id)
        raise


def expire(run: Run, question: ApprovalRequested) -> None:
    """Write to the log that nobody answered in time, and let the message that asked say so.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    journal = journal_of(run, question.stage)
    about = {"point": question.point, "digest": question.digest}
    journal.append(journal.make(ApprovalExpired, key=question.key, **about))
    tell_answer(run, question, Standing(question.needed, is_expired=True))


def nobody_answered(run: Run, question: ApprovalRequested) -> NobodyAnswered:
    """Return the error of a run that nobody answered in time."""
    until = f" until {question.expires_at:%Y-%m-%d %H:%M %Z}" if question.expires_at else ""
    return NobodyAnswered(
        f"Nobody decided about the {question.point}{until}.",
        hint="The work so far is kept: the same request goes on and asks once more, and so does"
        f" mergewright resume {run.id}",
        run_id=run.id,
    )


def _answered_at_terminal(journal: Journal, question: ApprovalRequested) -> Standing | None:
    """Wait for what the person at this process's terminal says; None where nobody is asked there."""
    person = _at_terminal.get()
    if person is None or not may_approve(question, person):
        return None

    def is_open(standing: Standing) -> bool:
        over = standing.is_settled or standing.is_expired
        return not (over or has_approved(standing, person))

    waiting = Retrying(
        wait=wait_fixed(POLL_SECONDS),
        stop=stop_after_delay(LONGEST_WAIT),
        retry=retry_if_result(is_open),
    )
    try:
        return waiting(lambda: standing_in_log(journal.store, question, utc_now()))
    except RetryError:
        return None


def _wait_elsewhere(journal: Journal, question: ApprovalRequested, flow_run_id: str) -> Answer:
    about = {"point": question.point, "digest": question.digest}
    journal.append(journal.make(ApprovalAwaited, **about, flow_run_id=flow_run_id))
    return Answer(approved=False, waits=True, question=question.key, flow_run_id=flow_run_id)


def _answer(run: Run, question: ApprovalRequested, standing: Standing) -> Answer:
    last = standing.deciding[-1]
    if standing.rejection is not None and (last.ends or not last.comment):
        raise ApprovalDenied(
            f"The {question.point} was rejected by {last.by}: {last.comment or 'no reason given'}.",
            hint="Nothing was published. Change the ticket and run again.",
            run_id=run.id,
        )
    return answer_of(question, standing)
