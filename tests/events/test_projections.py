"""What the log means, on runs written by hand."""

from decimal import Decimal

import pytest

from mergewright.domain.approval_events import ApprovalDecided, ApprovalRequested
from mergewright.domain.delivery import Delivery, Outcome, StageState
from mergewright.domain.events import (
    EffectDone,
    GateChecked,
    StepReplayed,
    ToolStarted,
)
from mergewright.domain.gates import Gate, GateStatus
from mergewright.errors import NotFound, StoreFailed
from mergewright.events.projections import (
    costs,
    find_resumable,
    read_summaries,
    report_of,
    stages,
    summarise,
)
from tests.events.samples import (
    NOON,
    answered,
    at,
    finished,
    note,
    reserved,
    settled,
    stage_finished,
    stage_started,
    started,
)


def test_costs_of_a_run():
    spent = costs(
        [
            reserved("r1", "0.5"),
            settled("r1", "0.1", input_tokens=10, output_tokens=5),
            reserved("r2", "0.5"),
            settled("r2", "0", outcome="failed"),
            reserved("r3", "0.5"),
            settled("r3", "0.5", outcome="unknown"),
            reserved("r4", "0.3"),
            StepReplayed(run_id="run-1", at=NOON, kind="model", agent="a"),
            StepReplayed(run_id="run-1", at=NOON, kind="tool", agent="a"),
        ]
    )
    assert spent.settled_usd == Decimal("0.6")
    assert spent.reserved_usd == Decimal("0.3")
    assert (spent.calls, spent.replayed) == (2, 1)
    assert (spent.input_tokens, spent.output_tokens) == (10, 5)
    assert not spent.recorded


def test_recorded_calls_show_their_list_price():
    events = [reserved("r1", recorded=True), settled("r1", "0.1", recorded=True)]
    assert costs(events).recorded
    assert costs(events).settled_usd == Decimal("0.1")
    assert not costs([*events, reserved("r2")]).recorded
    assert not costs([]).recorded


def test_a_second_settlement_changes_nothing():
    assert costs([settled("r1", "0.1"), settled("r1", "9")]).settled_usd == Decimal("0.1")


def test_stages_tell_state_time_and_cost():
    records = stages(
        [
            started(),
            stage_started("plan", seconds=1),
            reserved("r1", stage="plan"),
            settled("r1", "0.1", stage="plan"),
            stage_finished("plan", took=5, summary="3 steps"),
            stage_started("implement", seconds=7),
            reserved("r2", stage="implement"),
            settled("r2", "0.2", stage="implement"),
            reserved("r3", "0.4", stage="implement"),
            stage_finished("check-0", "failed", took=2, seconds=9),
            stage_finished("ticket", "reused", took=0, seconds=9),
        ]
    )
    plan, implement, check, ticket = records
    assert [record.name for record in records] == ["plan", "implement", "check-0", "ticket"]
    assert (plan.state, plan.seconds, plan.detail) == (StageState.DONE, 5, "3 steps")
    assert (plan.started_at, plan.cost_usd, plan.calls) == (at(1), Decimal("0.1"), 1)
    assert implement.state is StageState.RUNNING
    assert (implement.cost_usd, implement.calls) == (Decimal("0.2"), 1)
    assert (check.state, check.seconds) == (StageState.FAILED, 2)
    assert ticket.state is StageState.REUSED


def test_a_stage_that_ran_again_has_one_record():
    events = [
        stage_started("plan", seconds=1),
        stage_finished("plan", "failed", took=3),
        stage_started("plan", seconds=10),
    ]
    (running,) = stages(events)
    assert (running.state, running.started_at, running.seconds) == (StageState.RUNNING, at(1), 3)
    (done,) = stages([*events, stage_finished("plan", took=4)])
    assert (done.state, done.seconds) == (StageState.DONE, 7)


def test_the_last_thing_that_happened_is_in_words():
    fields = {"run_id": "run-1", "stage": "guard", "at": NOON}
    gate = Gate(name="secrets", status=GateStatus.PASSED, summary="none found")
    approval = {"point": "plan", "digest": "d"}
    steps = {
        "hello": note(stage="guard"),
        "analysis asks anthropic:claude-opus-5-5": reserved("r", stage="guard"),
        "read a.py": ToolStarted(**fields, agent="a", tool="read", summary="read a.py"),
        "secrets: none found": GateChecked(**fields, gate=gate),
        "Waiting for approval of the plan": ApprovalRequested(**fields, **approval, subject="?"),
        "Rejected by kim": ApprovalDecided(
            **fields, **approval, approved=False, by="kim", door="terminal"
        ),
        "push: origin": EffectDone(**fields, effect="push", target="origin", found=False),
    }
    for words, event in steps.items():
        assert stages([event])[0].detail == words
    silent = stage_finished("guard")
    assert stages([steps["hello"], answered("k", stage="guard"), silent])[0].detail == "hello"


def test_summary_of_a_run():
    summary = summarise(
        [
            started(process="host:1"),
            stage_started("plan", seconds=1),
            reserved("r1", recorded=True),
            settled("r1", "0.1", recorded=True),
            started(process="host:2", seconds=5),
            stage_started("implement", seconds=6),
        ]
    )
    assert (summary.run_id, summary.workflow, summary.ticket) == ("run-1", "standard_dev", "T-1")
    assert (summary.outcome, summary.resumable) == ("running", True)
    assert (summary.started_at, summary.last_event_at) == (at(0), at(6))
    assert (summary.cost_usd, summary.calls, summary.recorded) == (Decimal("0.1"), 1, True)
    assert (summary.stage, summary.process) == ("implement", "host:2")
    assert (summary.repository, summary.request_digest) == ("/repo", "d1")


def test_no_events_are_no_run():
    with pytest.raises(NotFound, match="no such run"):
        summarise([])


def test_events_without_a_beginning_still_have_a_summary():
    summary = summarise([note()])
    assert (summary.workflow, summary.outcome, summary.stage) == ("", "running", "plan")


@pytest.mark.parametrize(
    ("events", "found"),
    [
        ([started()], True),
        ([started(), finished()], False),
        ([started(), finished(outcome="failed")], False),
        ([started(), finished(outcome="failed", resumable=True)], True),
        ([started(), finished(outcome="failed", resumable=True), started(seconds=9)], True),
        (
            [started(), finished(resumable=True), started(seconds=9), finished(seconds=10)],
            False,
        ),
        ([started(digest="other")], False),
        ([], False),
    ],
    ids=[
        "interrupted",
        "delivered",
        "failed",
        "failed to be resumed",
        "resumed and interrupted",
        "resumed and delivered",
        "another request",
        "empty log",
    ],
)
def test_find_resumable(store, events, found):
    store.append(events)
    summary = find_resumable(store, "d1")
    assert (summary is not None) is found


def test_only_the_newest_run_of_a_request_is_taken_up_again(store):
    store.append([started("run-1"), started("run-2", seconds=1)])
    summary = find_resumable(store, "d1")
    assert summary is not None
    assert summary.run_id == "run-2"
    store.append([started("run-3", seconds=2), finished("run-3")])
    assert find_resumable(store, "d1") is None


def test_runs_in_a_line_each(store):
    store.append([started("run-1"), reserved("r1"), settled("r1", "0.1"), answered("k")])
    store.append([started("run-2", seconds=5), finished("run-2")])
    newest, oldest = read_summaries(store)
    assert (newest.run_id, newest.outcome) == ("run-2", "delivered")
    assert (oldest.run_id, oldest.cost_usd) == ("run-1", Decimal("0.1"))
    assert [summary.run_id for summary in read_summaries(store, limit=1)] == ["run-2"]


def test_the_report_is_the_one_of_the_last_end(store):
    report = Delivery(
        run_id="run-1",
        workflow="standard_dev",
        outcome=Outcome.DELIVERED,
        repository="/repo",
        stages=stages([stage_started("plan")]),
        costs=costs([settled("r1", "0.1")]),
        started_at=NOON,
        finished_at=at(60),
    )
    first = finished(report={"run_id": "old"})
    last = finished(report=report.model_dump(mode="json"))
    store.append([started(), first, last])
    assert report_of(stored.event for stored in store.read()) == report


def test_no_report_is_none_and_a_foreign_one_is_an_error():
    assert report_of([]) is None
    assert report_of([started(), finished()]) is None
    with pytest.raises(StoreFailed, match="'run-1'"):
        report_of([finished(report={"run_id": "run-1"})])
