"""What answers to a question come to, and which are taken."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from mergewright.domain.approval_events import (
    ApprovalAwaited,
    ApprovalDecided,
    ApprovalExpired,
    ApprovalRequested,
)
from mergewright.domain.approval_identity import Identity
from mergewright.domain.approval_policy import ApprovalPolicy
from mergewright.domain.approval_question import Bound, Given, Target, Verdict, question_key
from mergewright.domain.approval_standing import (
    decision_key,
    may_approve,
    open_question,
    refuse_unfit,
    standing_of,
)
from mergewright.domain.events import RunFinished
from mergewright.domain.plan import Plan, PlannedFile
from mergewright.domain.requests import ApprovalPoint
from mergewright.errors import AnswerRefused

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
DIGEST = "ab" * 32
ADA, BO, CY = (Identity(name=name, mail=f"{name}@example.org") for name in ("ada", "bo", "cy"))
PLAN = Plan(
    summary="Do it.",
    steps=("Do it",),
    files=(PlannedFile(path="a.py", action="edit", why="here"),),
    acceptance_criteria=("It is done",),
    test_plan=("A test",),
)


def asked(**fields):
    fields = {"key": question_key("plan", DIGEST), "digest": DIGEST, "needed": 1} | fields
    return ApprovalRequested(
        run_id="run-1", stage="approve-plan", at=NOW, point="plan", subject="?", **fields
    )


def said(person=ADA, *, verdict=Verdict.APPROVE, **fields):
    return Given(verdict=verdict, person=person, door="command", **fields)


def decided(question, given):
    return ApprovalDecided(
        run_id="run-1", at=NOW, key=decision_key(question, given), point="plan", digest=DIGEST,
        approved=given.verdict is Verdict.APPROVE, by=given.person.label, door=given.door,
        question=question.key, person=given.person, comment=given.comment,
        plan=given.plan.model_dump(mode="json") if given.plan else {},
    )  # fmt: skip


def standing(question, *answers, at=NOW):
    return standing_of(question, [decided(question, one) for one in answers], at)


def test_two_of_three_must_be_two_people():
    question = asked(needed=2, approvers=(ADA, BO, CY))
    once = standing(question, said(ADA), said(Identity(mail="ADA@example.org")))
    assert not once.is_settled
    assert len(once.approvals) == 1
    both = standing(question, said(ADA), said(BO), said(CY))
    assert both.is_approved
    assert [one.by for one in both.deciding] == [ADA.label, BO.label]


def test_one_no_is_enough_and_what_settles_it_first_counts():
    question = asked(needed=2)
    no = said(BO, verdict=Verdict.SEND_BACK, comment="why?")
    rejected = standing(question, said(ADA), no, said(CY))
    assert rejected.is_settled
    assert not rejected.is_approved
    assert [one.by for one in rejected.deciding] == [BO.label]
    assert standing(question, said(ADA), said(CY), no).is_approved


def test_another_plan_is_a_question_of_its_own():
    edited = PLAN.model_copy(update={"summary": "Do it well."})
    found = standing(asked(needed=2), said(ADA), said(BO, plan=edited))
    assert found.is_edited
    assert [one.by for one in found.deciding] == [BO.label]


def test_answers_to_other_questions_do_not_count():
    question, again = asked(), asked(key=question_key("plan", DIGEST, 1), number=1)
    other = decided(again, said())
    assert not standing_of(question, [other], NOW).is_settled
    assert standing_of(again, [other], NOW).is_approved


def test_an_answer_of_an_older_log_counts():
    older = ApprovalDecided(
        run_id="run-1", at=NOW, key=f"plan:{DIGEST}", point="plan", digest=DIGEST,
        approved=True, by="kim", door="terminal",
    )  # fmt: skip
    assert standing_of(asked(), [older], NOW).is_approved


def test_time_runs_out_for_what_is_open_only():
    question = asked(expires_at=NOW + timedelta(hours=1))
    late = NOW + timedelta(hours=1)
    assert not standing(question).is_expired
    assert standing(question, at=late).is_expired
    assert not standing(question, said(), at=late).is_expired
    over = ApprovalExpired(run_id="run-1", at=NOW, key=question.key, point="plan", digest=DIGEST)
    assert standing_of(question, [over], NOW).is_expired


@pytest.mark.parametrize(
    ("fields", "given", "reason", "remedy"),
    [
        ({}, said(digest="cd" * 6), "has changed since", "mergewright question run-1"),
        ({"expires_at": NOW}, said(), "comes too late", "mergewright resume run-1"),
        ({"approvers": (BO, CY)}, said(), "may not answer", BO.label),
        ({"excluded": (ADA,)}, said(), "asked for the run", "Somebody else"),
        ({}, said(Identity()), "Nobody knows who", "MERGEWRIGHT_USER"),
        ({}, said(verdict=Verdict.SEND_BACK, comment=" "), "without a reason", "--end"),
        ({}, said(plan=PLAN), "no plan is asked about", "--stage plan"),
    ],
)
def test_an_unfit_answer_is_refused_with_a_remedy(fields, given, reason, remedy):
    question = asked(**fields)
    with pytest.raises(AnswerRefused, match=reason) as caught:
        refuse_unfit(question, standing(question), given)
    assert remedy in caught.value.hint
    assert caught.value.run_id == "run-1"


def test_what_is_settled_takes_no_further_answer_and_one_person_counts_once():
    question = asked()
    with pytest.raises(AnswerRefused, match=r"was approved by 'ada <ada@example\.org>'"):
        refuse_unfit(question, standing(question, said()), said(BO))
    question = asked(needed=3)
    with pytest.raises(AnswerRefused, match="counts once") as caught:
        refuse_unfit(question, standing(question, said()), said(Identity(name="ADA")))
    assert "2 more" in caught.value.hint


def test_a_good_answer_is_not_refused():
    question = asked(approvers=(ADA, BO), excluded=(CY,), plan={"summary": "x"})
    refuse_unfit(question, standing(question), said(digest=DIGEST[:12].upper(), plan=PLAN))
    # who asked for it may still take it back
    refuse_unfit(asked(excluded=(ADA,)), standing(asked()), said(verdict=Verdict.END))
    assert may_approve(question, ADA)
    assert not may_approve(question, CY)


def test_a_run_that_let_go_of_its_process_still_asks():
    question = asked()
    awaited = ApprovalAwaited(run_id="run-1", at=NOW, point="plan", digest=DIGEST)
    waits = RunFinished(run_id="run-1", at=NOW, outcome="waiting", resumable=True)
    ended = waits.model_copy(update={"outcome": "failed"})
    assert open_question([question, awaited, waits]) == question
    assert open_question([question, awaited, ended]) is None
    assert open_question([question, awaited, waits, decided(question, said())]) is None


BOUND = Bound(
    point="change",
    shown="A change.",
    plan=PLAN,
    diff_digest="d",
    cost_usd=Decimal("0.10"),
    target=Target(repository="/r", base="main"),
)


@pytest.mark.parametrize(
    "changed",
    [
        {"point": ApprovalPoint.PUBLISH},
        {"shown": "A change. "},
        {"plan": PLAN.model_copy(update={"risks": ("One",)})},
        {"plan": None},
        {"diff_digest": "e"},
        {"cost_usd": Decimal("0.11")},
        {"target": Target(repository="/r", base="release/1")},
        {"target": Target(repository="/s", base="main")},
        {"target": Target(repository="/r", base="main", base_commit="c")},
        {"policy": ApprovalPolicy(needed=2)},
    ],
)
def test_a_changed_byte_is_another_question(changed):
    assert BOUND.model_copy(update=changed).digest != BOUND.digest


def test_the_same_is_the_same_question():
    same = Bound.model_validate_json(BOUND.model_dump_json())
    assert same.model_copy(update={"cost_usd": Decimal("0.1")}).digest == BOUND.digest


def test_the_digest_of_a_question_is_what_it_always_was():
    """Computed otherwise, it would void the answers in every log."""
    bound = Bound(point="plan", shown="A plan.", target=Target(repository="/r", base="main"))
    assert bound.digest == "58875a60a4093186281c842df75bde9d2192db621ec0635b2a53f80a6306d158"
