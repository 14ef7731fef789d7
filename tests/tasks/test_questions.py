"""A question is written down once, by the rules of its workflow, bound to what it costs and shows."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from mergewright.domain.approval_events import ApprovalExpired
from mergewright.domain.approval_identity import Identity
from mergewright.domain.approval_policy import ApprovalPolicy
from mergewright.domain.delivery import Run
from mergewright.domain.events import CallReserved, CallSettled, FactPinned
from mergewright.domain.requests import StandardDevRequest
from mergewright.errors import SettingInvalid
from tasks import records
from tasks._questions import ask, bind
from tasks._requester import keep_requester, requester_of
from tasks._runs import event_store, journal_of

pytestmark = pytest.mark.engine

NOW = datetime.now(UTC)
ADA = Identity(name="ada", mail="ada@example.org")


@pytest.fixture
def run(home):
    return Run(
        id="shop-7-abc123", workflow="standard_dev", profile="local", ticket="SHOP-7",
        repository="/r", base="main", model=None, budget_usd=Decimal(1), started_at=NOW,
        approve=("plan",),
    )  # fmt: skip


def spend(run, stage, cost):
    journal = journal_of(run, stage)
    about = {"reservation_id": f"{stage}-{cost}", "agent": "a", "model": "m"}
    journal.append(
        journal.make(
            CallReserved, step_key="s", worst_case_usd=1, input_tokens=1, max_output_tokens=1,
            **about,
        ),
        journal.make(CallSettled, cost_usd=Decimal(cost), outcome="answered", **about),
    )  # fmt: skip


def bound_of(run, *passed):
    return bind(run, "plan", "A plan.", records.empty_report(run), passed)


def with_policy(run, **rules):
    return bound_of(run).model_copy(update={"policy": ApprovalPolicy(**rules)})


def test_what_was_spent_before_the_question_is_bound_and_what_comes_later_is_not(run):
    spend(run, "research", "0.10")
    spend(run, "plan", "0.20")
    bound = bound_of(run, "research", "plan")
    assert bound.cost_usd == Decimal("0.30")
    spend(run, "implement", "0.40")
    assert bound_of(run, "research", "plan").digest == bound.digest
    spend(run, "plan", "0.01")
    assert bound_of(run, "research", "plan").digest != bound.digest


def test_a_question_is_asked_once_and_once_more_after_nobody_answered(run):
    journal, bound = journal_of(run, "approve-plan"), bound_of(run)
    question = ask(journal, run, bound)
    assert ask(journal, run, bound) == question
    assert question.digest == bound.digest
    assert question.expires_at > NOW + timedelta(days=6)
    assert question.digest[:12] in question.subject
    assert question.approvers is None
    journal.append(
        journal.make(ApprovalExpired, key=question.key, point="plan", digest=question.digest)
    )
    again = ask(journal, run, bound)
    assert (again.digest, again.number) == (question.digest, 1)
    assert again.key != question.key
    assert len(event_store().read(types=("approval_requested",))) == 2


def test_the_rules_are_written_into_the_question(run):
    journal = journal_of(run, "")
    journal.append(
        journal.make(
            FactPinned, key="requester", name="requester", value=ADA.model_dump(mode="json")
        )
    )
    bound = with_policy(run, never_requester=True, approvers=("bo", "cy", "ada"), needed=2)
    question = ask(journal_of(run, "approve-plan"), run, bound)
    assert (question.needed, question.excluded) == (2, (ADA,))
    assert [one.label for one in question.approvers] == ["bo", "cy", "ada"]
    assert "2 different people" in question.subject


def test_a_rule_that_nobody_can_meet_is_refused(run):
    journal = journal_of(run, "")
    journal.append(
        journal.make(
            FactPinned, key="requester", name="requester", value=ADA.model_dump(mode="json")
        )
    )
    bound = with_policy(run, never_requester=True, approvers=("bo", "ada"), needed=2)
    with pytest.raises(SettingInvalid, match="only bo may") as caught:
        ask(journal_of(run, "approve-plan"), run, bound)
    assert "more approvers" in caught.value.hint
    assert event_store().read(types=("approval_requested",)) == []


def test_who_asks_is_kept_whoever_goes_on(run):
    request = StandardDevRequest(ticket="SHOP-7", requested_by="Ada <ada@example.org>")
    assert keep_requester(run, request).label == "Ada <ada@example.org>"
    other = StandardDevRequest(ticket="SHOP-7", requested_by="bo")
    assert keep_requester(run, other) == requester_of(run)
    assert requester_of(run).mail == "ada@example.org"
    (pinned,) = event_store().read(types=("fact_pinned",))
    assert pinned.event.value["mail"] == "ada@example.org"


def test_the_person_at_this_machine_asks_where_nothing_is_said(run):
    assert keep_requester(run, StandardDevRequest(ticket="SHOP-7")).is_known
