"""Asking people at plan, change and publish, and doing again what they send back."""

from collections.abc import Callable
from functools import partial

from flows._improving import Understanding, improve
from flows._work import Work
from mergewright.domain.approval_question import Answer
from mergewright.domain.changeset import Changeset
from mergewright.domain.plan import Plan, Research
from mergewright.domain.requests import ApprovalPoint
from mergewright.errors import ApprovalDenied
from mergewright.texts.approvals import (
    change_subject,
    plan_subject,
    publish_subject,
    rejected_change,
)
from tasks import agents


def settle_plan(work: Work, known: Understanding, research: Research, plan: Plan) -> Plan:
    """Ask about the plan where that is wanted; return the one that is approved, edited or not.

    A plan that is sent back is planned again with the reason, and asked about again.

    Raises:
        ApprovalDenied: Somebody ended the run, nobody answered in time, or the rounds are used up.
        WorkError: The agent gave no usable answer.
        BudgetExceeded: A call did not fit under a cap.
    """
    rounds = 0
    while True:
        answer = work.ask(ApprovalPoint.PLAN, partial(plan_subject, known.ticket, plan))
        if answer is None:
            return plan
        if answer.plan is not None:
            plan = answer.plan
            work.learn(plan=plan)
        if answer.approved and (answer.plan is None or work.policy.approval.needed == 1):
            return plan
        if not answer.approved:
            rounds += 1
            _see_rounds_are_left(work, ApprovalPoint.PLAN, answer, rounds)
            inputs = (*known[:3], research, plan, answer.comment, rounds)
            plan = work.do(f"plan-{rounds}", agents.plan_again, *inputs)
            work.learn(plan=plan)


def settle_change(
    work: Work, known: Understanding, changeset: Changeset, guard: Callable[[Changeset], None]
) -> Changeset:
    """Guard the change and ask about it where that is wanted; return the one that is approved.

    A change that is sent back is repaired with the reason, passes all gates again, is guarded and
    asked about again.

    Args:
        work: The run under way.
        known: What is known about the base.
        changeset: The change, which passed its gates.
        guard: Guards a change, and has the report know it.

    Raises:
        PolicyError: The guard refused, somebody ended the run, nobody answered in time, or the
            rounds are used up.
        WorkError: It could not be repaired.
        BudgetExceeded: A call did not fit under a cap.
    """
    rounds = 0
    while True:
        guard(changeset)
        answer = work.ask(ApprovalPoint.CHANGE, lambda: change_subject(work.delivery))
        if answer is None or answer.approved:
            return changeset
        rounds += 1
        _see_rounds_are_left(work, ApprovalPoint.CHANGE, answer, rounds)
        changeset = improve(work, known, changeset, rejected_change(answer.comment))


def settle_publish(work: Work) -> None:
    """Ask before anything is seen by others, where that is wanted.

    Raises:
        ApprovalDenied: It was rejected, or nobody answered in time.
    """
    answer = work.ask(ApprovalPoint.PUBLISH, lambda: publish_subject(work.delivery))
    if answer is not None and not answer.approved:
        raise _denied(work, ApprovalPoint.PUBLISH, answer, "Nothing was published.")


def _see_rounds_are_left(work: Work, point: ApprovalPoint, answer: Answer, rounds: int) -> None:
    allowed = work.policy.approval.rounds
    if rounds > allowed:
        raise _denied(work, point, answer, f"It went back {allowed} times before.")


def _denied(work: Work, point: ApprovalPoint, answer: Answer, why: str) -> ApprovalDenied:
    by = " and ".join(answer.by)
    return ApprovalDenied(
        f"The {point} was rejected by {by}: {answer.comment}. {why}",
        hint="No pull request was opened. Say more in the ticket and run again.",
        run_id=work.run.id,
    )
