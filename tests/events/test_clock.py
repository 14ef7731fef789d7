"""A clock that is put back: the order of the log is the order of appends, and caps hold."""

from datetime import timedelta
from decimal import Decimal

import pytest

from mergewright.budget.limits import Caps
from mergewright.budget.prices import Usage
from mergewright.domain.delivery import StageState
from mergewright.errors import BudgetExceeded
from mergewright.events.audit import verify_run
from mergewright.events.chain import verify_chain
from mergewright.events.clock import utc_now
from mergewright.events.cost_report import CostKey, read_costs
from mergewright.events.ledger import Ledger
from mergewright.events.projections import (
    costs,
    find_resumable,
    read_events,
    read_summaries,
    stages,
    summarise,
)
from tests.events.samples import (
    NOON,
    answered,
    finished,
    note,
    reserve_five_cents,
    reserved,
    settled,
    stage_finished,
    stage_started,
    started,
)

DAY = timedelta(days=1)


def falling(run_id="run-1"):
    """Events of a run during which the clock fell by more than two days."""
    return [
        started(run_id, seconds=0),
        stage_started("plan", seconds=-60),
        reserved("r1", "0.5", moment=NOON - DAY),
        settled("r1", "0.1", moment=NOON - 2 * DAY),
        note("planned", seconds=-3_000),
        stage_finished("plan", took=-3_000.0, seconds=-200_000),
    ]


def test_now_is_aware_and_in_utc():
    assert utc_now().utcoffset() == timedelta(0)


def test_the_order_of_the_log_is_that_of_the_appends(store):
    events = [*falling(), finished(seconds=-250_000)]
    for event in events:
        store.append([event])
    stored = store.read()
    assert [each.event for each in stored] == events
    assert [each.seq for each in stored] == list(range(1, 8))
    assert [each.event for each in store.read(types=["noted", "run_finished"])] == [
        events[4],
        events[6],
    ]
    verify_chain(stored)


def test_an_audit_finds_nothing_wrong(store):
    store.append(falling())
    store.append([finished(seconds=-250_000)])
    assert verify_run(store, "run-1").findings == ()


def test_runs_are_listed_as_they_began_in_the_log(store):
    store.append([started("first", seconds=100)])
    store.append([started("second", seconds=-100)])
    store.append([started("third", seconds=0), note(run_id="first", seconds=-500)])
    assert store.run_ids() == ["third", "second", "first"]
    assert [run.run_id for run in read_summaries(store)] == ["third", "second", "first"]
    newest = find_resumable(store, "d1")
    assert newest is not None
    assert newest.run_id == "third"


def test_no_span_is_negative():
    summary = summarise(falling())
    assert summary.started_at == summary.last_event_at == NOON
    (plan,) = stages(falling())
    assert (plan.state, plan.seconds) == (StageState.DONE, 0.0)
    again = [*falling(), stage_finished("plan", took=2.5, seconds=-300_000)]
    assert stages(again)[0].seconds == 2.5
    assert costs(again).settled_usd == Decimal("0.1")


def test_the_last_end_counts_though_its_time_is_earlier():
    events = [*falling(), finished(outcome="failed", resumable=True, seconds=60)]
    events += [started(seconds=-900), finished(outcome="delivered", seconds=-950)]
    assert summarise(events).outcome == "delivered"


class Clock:
    def __init__(self):
        self.now = NOON

    def __call__(self):
        return self.now


@pytest.mark.parametrize("jump", [-3 * DAY, -DAY, DAY, 3 * DAY])
def test_a_call_that_is_settled_on_another_day_keeps_the_caps(store, jump):
    clock = Clock()
    ledger = Ledger(store, "run-1", Caps(run_usd=Decimal(1), day_usd=Decimal("0.10")), clock=clock)
    first, second = reserve_five_cents(ledger), reserve_five_cents(ledger)
    clock.now = NOON + jump
    ledger.settle(
        first,
        stage="plan",
        usage=Usage(input_tokens=0, output_tokens=1_000),  # 0.02
        answered=answered("k1"),
    )
    ledger.release(second, stage="plan", outcome="unknown")  # 0.05
    # The other day paid nothing for them and gets nothing back: two calls of 0.05, and no more.
    reserve_five_cents(ledger), reserve_five_cents(ledger)
    with pytest.raises(BudgetExceeded):
        reserve_five_cents(ledger)
    # The day on which they were reserved holds 0.07 of 0.10.
    clock.now = NOON
    with pytest.raises(BudgetExceeded):
        reserve_five_cents(ledger)
    days = {row.key: row for row in read_costs(store, CostKey.DAY).paid.rows}
    assert days["2026-11-20"].settled_usd == Decimal("0.07")
    assert days[f"{NOON + jump:%Y-%m-%d}"].reserved_usd == Decimal("0.10")


def test_a_run_cannot_spend_more_by_putting_the_clock_back(store):
    clock = Clock()
    ledger = Ledger(
        store, "run-1", Caps(run_usd=Decimal("0.10"), day_usd=Decimal("0.10")), clock=clock
    )
    for _ in range(2):
        reserve_five_cents(ledger)
        clock.now -= DAY
    with pytest.raises(BudgetExceeded):
        reserve_five_cents(ledger)
    assert costs(read_events(store, "run-1")).reserved_usd == Decimal("0.10")
