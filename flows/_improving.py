"""Checking and reviewing a change, and having it repaired while rounds are left and help."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from flows._best_state import BestState
from flows._documents import judge_documents, write_documents
from flows._gates import (
    affected_gate,
    check_gates,
    complaint,
    failures,
    reproduction_gate,
    review_gate,
)
from flows._objecting import settle_objections
from flows._work import Work
from mergewright.domain.changeset import Changeset
from mergewright.domain.checks import CheckReport, Verification
from mergewright.domain.codebase import Codebase
from mergewright.domain.gates import Gate
from mergewright.domain.plan import Plan, Research
from mergewright.domain.ticket import Ticket
from mergewright.domain.workspace import Workspace
from mergewright.errors import ChecksFailed
from mergewright.safety.integrity import approvable
from tasks import agents, checks, guards


class Understanding(NamedTuple):
    """What is known before anything is changed."""

    ticket: Ticket
    workspace: Workspace
    codebase: Codebase
    base: CheckReport


def improve(
    work: Work,
    known: Understanding,
    changeset: Changeset,
    asked: str = "",
    *,
    rounds: int | None = None,
    may_stay: bool = False,
) -> Changeset:
    """Check and review a change, and send it back while rounds are left and help.

    Args:
        work: The run under way.
        known: What is known about what was there before.
        changeset: The change.
        asked: What is wrong with it already; empty looks first.
        rounds: How often it may be sent back; empty takes what the request says.
        may_stay: Whether the answer to what was asked may be that nothing is to be changed.

    Raises:
        ChecksFailed: Gates still fail after the last round.
        WorkError: An agent gave no usable answer.
        BudgetExceeded: A call did not fit under a cap.
    """
    allowed = work.request.max_repair_rounds if rounds is None else rounds
    repairs, earlier = 0, asked
    if asked:
        repairs, before = 1, changeset
        changeset = repair(work, known, changeset, asked, may_stay=may_stay)
        if changeset.digest == before.digest:
            return changeset
    best = BestState(work)
    with best.left_at_failure():
        return _improved(work, known, changeset, best, _Rounds(repairs, allowed, earlier))


@dataclass(slots=True)
class _Rounds:
    """How often a change went back, how often it may, and what failed the last time."""

    done: int
    allowed: int
    earlier: str

    def is_last(self, gates: tuple[Gate, ...]) -> bool:
        """Say whether what failed goes back to the agent no more."""
        return self.done >= self.allowed or complaint(gates) == self.earlier


def _improved(
    work: Work, known: Understanding, changeset: Changeset, best: BestState, rounds: _Rounds
) -> Changeset:
    while True:
        work.learn(changeset=changeset)
        gates = judge(work, known, changeset, is_last=rounds.is_last)
        if not failures(gates):
            return changeset
        told = complaint(gates)
        start, asked = best.see(changeset, told)
        if told == rounds.earlier or best.is_stuck:
            raise ChecksFailed(
                f"Repair round {work.round} made no progress: the same fails as before, or more. {told}",
                hint=_hint(work),
                run_id=work.run.id,
            )
        rounds.earlier = told
        if rounds.done >= rounds.allowed:
            raise ChecksFailed(
                f"The change still fails after {rounds.done} repair rounds: "
                + ", ".join(f"{gate.name} ({gate.summary})" for gate in failures(gates)),
                hint=_hint(work, "The report holds the change and what failed."),
                run_id=work.run.id,
            )
        rounds.done += 1
        changeset = repair(work, known, start, asked, may_stay=bool(approvable(gates)))


def repair(
    work: Work, known: Understanding, changeset: Changeset, asked: str, *, may_stay: bool = False
) -> Changeset:
    """Have the implementation agent correct a change once.

    Raises:
        ChecksFailed: Nothing was changed, and that is no answer.
        WorkError: The agent gave no usable answer.
        BudgetExceeded: A call did not fit under a cap.
    """
    work.round += 1
    repaired = _repaired(work, known, changeset, asked)
    if repaired.digest == changeset.digest and not may_stay:
        raise ChecksFailed(
            f"Repair round {work.round} changed nothing: {asked}",
            hint=_hint(work),
            run_id=work.run.id,
        )
    work.learn(repair_rounds=work.delivery.repair_rounds + 1)
    return repaired


def _repaired(work: Work, known: Understanding, changeset: Changeset, asked: str) -> Changeset:
    if work.delivery.documentation is not None:
        return write_documents(work, known.workspace, known.codebase, changeset, asked)
    inputs = (*known, *_thoughts(work), changeset, asked, work.round)
    return work.do(f"repair-{work.round}", agents.repair, *inputs)


def judge(
    work: Work,
    known: Understanding,
    changeset: Changeset,
    *,
    reviewed: bool = True,
    is_last: Callable[[tuple[Gate, ...]], bool] = lambda _: False,
) -> tuple[Gate, ...]:
    """Let checks speak first, and the QA agent only about what passes them.

    Args:
        work: The run under way.
        known: What is known about the base.
        changeset: The change.
        reviewed: Whether the QA agent is asked.
        is_last: Whether what failed goes back to the agent no more: what a person may approve by name
            is asked about then.

    Raises:
        ApprovalDenied: Somebody said no, or nobody answered in time.
        WorkError: The QA agent gave no usable answer.
        BudgetExceeded: A call did not fit under a cap.
    """
    early = _early_gates(work, known, changeset)
    if failures(early):
        return early
    if work.delivery.documentation is not None:
        return (*early, *judge_documents(work, known.workspace, known.codebase, changeset))
    stage_id = f"check-{work.round}"
    seen = work.do(stage_id, checks.check_change, *known[1:], changeset, work.round)
    work.learn(checks=seen.report, proof=seen.proof_run)
    gates = _checked(work, known, seen)
    work.gate(stage_id, gates)
    if failures(gates) and is_last(gates) and settle_objections(work, gates):
        gates = _checked(work, known, seen)
        work.gate(stage_id, gates)
    gates = (*early, *gates)
    if failures(gates) or not reviewed:
        return gates
    stage_id = f"review-{work.round}"
    _, plan = _thoughts(work)
    review = work.do(stage_id, agents.review, *known[:2], plan, changeset, seen, work.round)
    work.learn(review=review)
    work.gate(stage_id, (review_gate(review),))
    return (*gates, review_gate(review))


def _checked(work: Work, known: Understanding, seen: Verification) -> tuple[Gate, ...]:
    """Return what the checks say, without what a person approved by name."""
    gates = check_gates(known.ticket, seen, work.approved)
    if work.delivery.reproduction is not None:
        gates = (*gates, reproduction_gate(work.delivery.reproduction, seen))
    return gates


def _early_gates(work: Work, known: Understanding, changeset: Changeset) -> tuple[Gate, ...]:
    """Look at what is cheap and fails soon, where the policy says so: bounds, then nearby tests."""
    gates: tuple[Gate, ...] = ()
    if work.policy.is_bounded:
        stage_id = f"bounds-{work.round}"
        bounds = work.do(stage_id, guards.check_bounds, known.workspace, changeset, work.round)
        gates = (bounds,)
        work.gate(stage_id, gates)
    if work.policy.affected_tests_first and not failures(gates):
        stage_id = f"affected-{work.round}"
        seen = work.do(stage_id, checks.check_affected, *known[1:], changeset, work.round)
        if seen.report.results:
            work.gate(stage_id, (affected_gate(seen),))
            gates = (*gates, affected_gate(seen))
    return gates


def _thoughts(work: Work) -> tuple[Research, Plan]:
    research, plan = work.delivery.research, work.delivery.plan
    if research is None or plan is None:
        raise ChecksFailed(
            f"The run {work.run.id!r} has no plan by which its change could be judged.",
            hint="Start another run for the ticket.",
            run_id=work.run.id,
        )
    return research, plan


def _hint(work: Work, otherwise: str = "") -> str:
    """Say what became of the pull request, and what to do."""
    advice = otherwise or "Make the ticket more precise, or try another model."
    if work.delivery.pull_request is not None:
        return f"The pull request is as it was. {advice}"
    return f"No pull request was opened. {advice}"
