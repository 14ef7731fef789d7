"""What is held against a change is approved by name, by a person, or not at all."""

from datetime import UTC, datetime

import pytest
from prefect import flow

from flows._objecting import settle_objections
from flows._work import delivering
from mergewright.domain.approval_identity import Identity
from mergewright.domain.approval_question import Given, Verdict
from mergewright.domain.changeset import Changeset, ImplementationSummary
from mergewright.domain.delivery import Outcome
from mergewright.domain.gates import Gate, GateStatus
from mergewright.domain.requests import StandardDevRequest
from mergewright.domain.ticket import Ticket
from mergewright.errors import ApprovalDenied
from mergewright.events.answers import take_answer
from tasks._runs import event_store

pytestmark = pytest.mark.engine

NAME = "deleted-test tests/test_a.py test_a"
OBJECTED = Gate(
    name="Integrity", status=GateStatus.FAILED, summary="1 objection", approvable=(NAME,)
)
RED = Gate(name="Tests", status=GateStatus.FAILED, summary="1 newly red")
CHANGE = Changeset(
    base_commit="b", tree="t", diff="", files=(),
    summary=ImplementationSummary(summary="So.", commit_subject="Take a test out"),
)  # fmt: skip


@pytest.fixture
def request_(home, tmp_path):
    ticket = tmp_path / "T-1.md"
    ticket.write_text("---\nkey: T-1\ntitle: Broken\n---\nIt is broken.\n")
    return StandardDevRequest(ticket=str(ticket), repository=str(tmp_path), budget_usd=1)


def settle(request, *gates, workflow="standard_dev"):
    """Settle what is held against a change in a flow; return whether it was, and who approved."""

    @flow
    def little():
        with delivering("standard_dev", request) as work:
            ticket = Ticket(key="T-1", title="Broken", description="It is broken.")
            work.learn(ticket=ticket, changeset=CHANGE, gates=gates)
            work.run = work.run.model_copy(update={"workflow": workflow})
            settled.append((settle_objections(work, gates), work.approved))
            work.learn(outcome=Outcome.REHEARSED)

    settled: list[tuple[bool, dict[str, str]]] = []
    little()
    return settled[0] if settled else None


def answer(verdict, comment=""):
    (stored,) = event_store().read(types=("approval_requested",))
    person = Identity(name="Ada Moreau")
    given = Given(verdict=verdict, person=person, door="test", comment=comment)
    take_answer(event_store(), stored.event, given, datetime.now(UTC))
    return stored.event


def test_a_run_waits_until_a_person_approves_by_name(request_):
    assert settle(request_, OBJECTED) is None
    question = answer(Verdict.APPROVE)
    assert NAME in question.subject
    assert settle(request_, OBJECTED) == (True, {NAME: "Ada Moreau"})


def test_who_says_no_ends_the_run(request_):
    assert settle(request_, OBJECTED) is None
    answer(Verdict.SEND_BACK, "Keep the test.")
    with pytest.raises(ApprovalDenied, match=r"Keep the test\."):
        settle(request_, OBJECTED)


def test_a_replay_asks_nobody_for_what_was_approved_then(request_):
    request = request_.model_copy(update={"dry_run": True})
    settled, approved = settle(request, OBJECTED, workflow="replay")
    assert settled
    assert "replayed" in approved[NAME]
    assert list(event_store().read(types=("approval_requested",))) == []


@pytest.mark.parametrize(
    ("gates", "changes"), [((OBJECTED, RED), {}), ((OBJECTED,), {"dry_run": True}), ((), {})]
)
def test_nobody_is_asked_where_a_yes_would_not_help(request_, gates, changes):
    request = request_.model_copy(update=changes)
    assert settle(request, *gates) == (False, {})
    assert list(event_store().read(types=("approval_requested",))) == []
