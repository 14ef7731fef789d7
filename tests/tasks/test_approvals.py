"""The stage that asks: it waits without a process, takes what a form says, and ends what expired."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from prefect import flow
from prefect.client.orchestration import get_client

from mergewright.domain.approval_events import ApprovalRequested
from mergewright.domain.approval_question import question_key
from mergewright.domain.delivery import Run
from mergewright.domain.plan import Plan, PlannedFile
from mergewright.errors import NobodyAnswered
from mergewright.texts.approvals_plan import plan_document
from tasks import records
from tasks._approval_form import _stem
from tasks._questions import bind
from tasks._runs import event_store
from tasks.approvals import ask_approval

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]

NOW = datetime.now(UTC)


@pytest.fixture
def run(home):
    return Run(
        id="shop-7-abc123", workflow="standard_dev", profile="local", ticket="SHOP-7",
        repository="/r", base="main", model=None, budget_usd=Decimal(1), started_at=NOW,
        approve=("plan",),
    )  # fmt: skip


@flow
def asking():
    """Stand for the flow whose run is suspended."""


@pytest.fixture
def flow_run_id(monkeypatch):
    """Be a run of a deployment, as far as Prefect says so."""
    with get_client(sync_client=True) as client:
        began = client.create_flow_run(asking)
    monkeypatch.setenv("PREFECT__RUNTIME__FLOW_RUN__ID", str(began.id))
    monkeypatch.setenv("PREFECT__RUNTIME__DEPLOYMENT__ID", "11111111-1111-1111-1111-111111111111")
    return began.id


def ask(run):
    return ask_approval.fn(run, "plan", "A plan.", records.empty_report(run), ())


def events(*types):
    return [stored.event for stored in event_store().read(types=types)]


def fill_in(flow_run_id, number, **form):
    (question,) = events("approval_requested")
    with get_client(sync_client=True) as client:
        client.create_flow_run_input(
            flow_run_id=flow_run_id,
            key=f"suspended-{_stem(question)}-{number}-response",
            value=json.dumps(form),
        )


PLAN = Plan(
    summary="Round up.", steps=("Round.",), acceptance_criteria=("It adds up.",),
    files=(PlannedFile(path="a.py", action="edit", why="It is here."),), test_plan=("test_it",),
)  # fmt: skip


def ask_about(run, plan):
    """Ask about a plan, which the form then holds as a document."""
    report = records.empty_report(run).model_copy(update={"plan": plan})
    return ask_approval.fn(run, "plan", "A plan.", report, ())


def test_a_plan_that_is_changed_in_the_form_is_the_one_to_go_on_with(run, flow_run_id):
    assert ask_about(run, PLAN).waits
    document = plan_document(PLAN)
    changed = document.replace("1. Round.", "1. Ask first.\n2. Round.").replace("\n", "\r\n")
    fill_in(
        flow_run_id, 0, decision="approve", person="ada", plan=changed.replace("Steps", "Ideas")
    )
    assert ask_about(run, PLAN).waits
    (refused,) = [one.text for one in events("noted") if one.key.startswith("refused ")]
    assert "The plan in the form, line 5: there is no part 'Ideas' in a plan." in refused
    assert "mend that line there" in refused
    fill_in(flow_run_id, 1, decision="approve", person="ada", plan=changed)
    assert ask_about(run, PLAN).plan.steps == ("Ask first.", "Round.")


@pytest.mark.parametrize("plan", ["", plan_document(PLAN).replace("\n", "\r\n")])
def test_a_plan_that_is_left_as_it_is_is_approved_as_it_is(run, flow_run_id, plan):
    assert ask_about(run, PLAN).waits
    fill_in(flow_run_id, 0, decision="approve", person="ada", plan=plan)
    answer = ask_about(run, PLAN)
    assert (answer.approved, answer.plan) == (True, None)


def test_a_plan_that_is_sent_back_goes_with_its_reason_whatever_the_form_holds(run, flow_run_id):
    assert ask_about(run, PLAN).waits
    told = {"decision": "send back", "person": "ada", "comment": "Too much.", "plan": "# Nothing"}
    fill_in(flow_run_id, 0, **told)
    answer = ask_about(run, PLAN)
    assert (answer.approved, answer.comment, answer.plan) == (False, "Too much.", None)


def expired_question(run):
    """Write a question to the log whose time is over."""
    digest = bind(run, "plan", "A plan.", records.empty_report(run), ()).digest
    question = ApprovalRequested(
        run_id=run.id, stage="approve-plan", at=NOW, key=question_key("plan", digest),
        point="plan", digest=digest, subject="A plan.", expires_at=NOW - timedelta(seconds=1),
    )  # fmt: skip
    event_store().append([question])


def test_it_waits_and_takes_the_first_form_that_may_be_taken(run, flow_run_id):
    waits = ask(run)
    assert waits.waits
    assert waits.flow_run_id == str(flow_run_id)
    fill_in(flow_run_id, 0, decision="send back", person="ada", comment="")
    assert ask(run).waits
    fill_in(flow_run_id, 1, decision="look again", person="mergewright")
    assert ask(run).waits
    fill_in(flow_run_id, 2, decision="approve", person="ada", comment="Good.")
    for _ in range(2):
        answer = ask(run)
        assert (answer.approved, answer.by, answer.comment) == (True, ("ada",), "Good.")
    assert [one.door for one in events("approval_decided")] == ["form"]
    refused = [one.text for one in events("noted") if one.key.startswith("refused ")]
    assert len(refused) == 1
    assert "without a reason" in refused[0]
    assert len(events("approval_requested")) == 1
    assert len(events("approval_awaited")) == 3


def test_a_deployment_ends_what_expired_and_its_retry_asks_once_more(run, flow_run_id):
    expired_question(run)
    with pytest.raises(NobodyAnswered, match="Nobody decided about the plan until") as caught:
        ask(run)
    assert caught.value.resumable
    assert len(events("approval_expired")) == 1
    assert ask(run).waits
    assert [one.number for one in events("approval_requested")] == [0, 1]


def test_a_person_who_goes_on_with_what_expired_is_asked_at_once(run):
    expired_question(run)
    waits = ask(run)
    assert (waits.waits, waits.flow_run_id) == (True, "")
    assert [one.number for one in events("approval_requested")] == [0, 1]
