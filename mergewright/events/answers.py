"""Taking an answer to what a run asks: the one function behind every door."""

from datetime import datetime

from mergewright.domain.approval_events import ApprovalDecided, ApprovalRequested
from mergewright.domain.approval_question import Given, Verdict
from mergewright.domain.approval_standing import (
    Standing,
    decision_key,
    refuse_unfit,
    standing_of,
)
from mergewright.events.projections import read_events
from mergewright.events.store import EventStore


def standing_in_log(store: EventStore, question: ApprovalRequested, at: datetime) -> Standing:
    """Return what the answers to a question come to, as the log has it now.

    Raises:
        StoreFailed: The log cannot be read.
    """
    return standing_of(question, read_events(store, question.run_id), at)


def take_answer(
    store: EventStore, question: ApprovalRequested, given: Given, at: datetime
) -> Standing:
    """Write an answer to the log, if it may be given; return what all answers come to with it.

    Args:
        store: The log.
        question: What was asked.
        given: The answer, and who gives it.
        at: When it was given, aware.

    Raises:
        AnswerRefused: It is about other bytes, too late, or not this person's to give.
        StoreFailed: The log cannot be read or written.
    """
    refuse_unfit(question, standing_in_log(store, question, at), given)
    decision = ApprovalDecided(
        run_id=question.run_id,
        stage=question.stage,
        at=at,
        key=decision_key(question, given),
        point=question.point,
        digest=question.digest,
        approved=given.verdict is Verdict.APPROVE,
        by=given.person.label,
        door=given.door,
        comment=given.comment.strip(),
        question=question.key,
        person=given.person,
        ends=given.verdict is Verdict.END,
        plan=_edited(question, given),
    )
    store.append([decision])
    standing = standing_in_log(store, question, at)
    if all(one.key != decision.key for one in standing.counted):
        # somebody else's answer came between the look and the writing
        refuse_unfit(question, standing, given)
    return standing


def _edited(question: ApprovalRequested, given: Given) -> dict[str, object]:
    plan = given.plan.model_dump(mode="json") if given.plan else {}
    return {} if plan == question.plan else plan
