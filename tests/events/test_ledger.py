"""Money: what is set aside, what is settled, and that no sequence of calls breaks the sum."""

import itertools
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergewright.budget.limits import Caps
from mergewright.budget.prices import PRICE_SOURCE, Usage
from mergewright.errors import BudgetExceeded
from mergewright.events.ledger import Ledger
from mergewright.events.projections import costs, read_events, stages
from tests.events.samples import NOON, OPUS, STORES, answered, open_anew, reserved


@pytest.fixture
def ledger(store):
    return Ledger(store, "run-1", Caps(run_usd=Decimal(1)), clock=lambda: NOON)


def reserve(ledger, *, stage="plan", input_tokens=1_000, max_output_tokens=1_000, recorded=False):
    """Set 0.008 + 0.02 = 0.028 USD aside."""
    return ledger.reserve(
        stage=stage,
        step_key="k",
        agent="analysis",
        model=OPUS,
        input_tokens=input_tokens,
        max_output_tokens=max_output_tokens,
        recorded=recorded,
    )


def events_of(store):
    return read_events(store, "run-1")


def test_reserve_then_settle(ledger, store):
    reservation = reserve(ledger)
    assert reservation.worst_case_usd == Decimal("0.028")
    assert costs(events_of(store)).reserved_usd == Decimal("0.028")
    cost = ledger.settle(
        reservation,
        stage="plan",
        usage=Usage(input_tokens=500, output_tokens=100, cache_read_tokens=400),
        answered=answered("k"),
    )
    assert cost == Decimal("0.00248")
    spent = costs(events_of(store))
    assert (spent.settled_usd, spent.reserved_usd, spent.calls) == (cost, 0, 1)
    settlement = events_of(store)[-1]
    assert (settlement.cache_read_tokens, settlement.price_source) == (400, PRICE_SOURCE)
    assert store.find("run-1", "model_answered", "k") is not None


def test_a_call_is_settled_as_it_was_served(ledger, store):
    plain = Usage(input_tokens=500, output_tokens=100)
    for number, (tier, cost) in enumerate({"batch": "0.002", "priority": "0.028"}.items()):
        booked = ledger.settle(
            reserve(ledger),
            stage="plan",
            usage=plain.model_copy(update={"service_tier": tier}),
            answered=answered(f"k{number}"),
        )
        assert booked == Decimal(cost)
    batch, priority = [event for event in events_of(store) if event.type == "call_settled"]
    assert batch.price_source == f"{PRICE_SOURCE}, batch"
    assert priority.price_source.endswith("priority: no listed price, taken at the worst case")


def test_settling_twice_pays_once(ledger, store):
    reservation = reserve(ledger)
    usage = Usage(input_tokens=0, output_tokens=100)
    first = ledger.settle(reservation, stage="plan", usage=usage, answered=answered("k"))
    more = Usage(input_tokens=0, output_tokens=900)
    again = ledger.settle(reservation, stage="plan", usage=more, answered=answered("k"))
    assert first == again == costs(events_of(store)).settled_usd
    assert len(events_of(store)) == 3


def test_an_answer_after_a_reconciliation_is_kept_and_stays_at_the_worst_case(ledger, store):
    reservation = reserve(ledger)
    assert ledger.reconcile() == reservation.worst_case_usd
    cost = ledger.settle(
        reservation,
        stage="plan",
        usage=Usage(input_tokens=0, output_tokens=1),
        answered=answered("late"),
    )
    assert cost == reservation.worst_case_usd == costs(events_of(store)).settled_usd
    assert store.find("run-1", "model_answered", "late") is not None


@pytest.mark.parametrize(("outcome", "cost"), [("failed", "0"), ("unknown", "0.028")])
def test_release(ledger, store, outcome, cost):
    ledger.release(reserve(ledger), stage="plan", outcome=outcome)
    spent = costs(events_of(store))
    assert (spent.settled_usd, spent.reserved_usd) == (Decimal(cost), 0)
    assert spent.calls == (outcome == "unknown")


def test_reconcile_settles_what_is_open_once(ledger, store):
    reserve(ledger, stage="implement")
    ledger.release(reserve(ledger), stage="plan", outcome="failed")
    reserve(ledger)
    assert ledger.reconcile() == Decimal("0.056")
    assert ledger.reconcile() == 0
    assert {record.name: record.cost_usd for record in stages(events_of(store))} == {
        "implement": Decimal("0.028"),
        "plan": Decimal("0.028"),
    }


def test_reconcile_leaves_other_runs_alone(ledger, store):
    reserve(Ledger(store, "run-2", Caps(run_usd=Decimal(1))))
    assert ledger.reconcile() == 0


def test_a_refused_call_leaves_no_trace(store):
    ledger = Ledger(store, "run-1", Caps(run_usd=Decimal("0.05")), clock=lambda: NOON)
    reserve(ledger)
    with pytest.raises(BudgetExceeded, match=r"\$0\.028 of its cap of \$0\.05"):
        reserve(ledger)
    assert len(events_of(store)) == 1


def test_an_unknown_price_is_refused_before_anything_is_written(ledger, store):
    with pytest.raises(BudgetExceeded, match="not known"):
        ledger.reserve(
            stage="plan",
            step_key="k",
            agent="a",
            model="anthropic:claude-of-tomorrow",
            input_tokens=1,
            max_output_tokens=1,
        )
    assert events_of(store) == []


def test_a_stage_has_its_own_cap(store):
    caps = Caps(run_usd=Decimal(1), stage_usd=Decimal("0.03"))
    ledger = Ledger(store, "run-1", caps, clock=lambda: NOON)
    reserve(ledger, stage="plan")
    with pytest.raises(BudgetExceeded, match="the stage has"):
        reserve(ledger, stage="plan")
    reserve(ledger, stage="implement")


def test_the_day_ends_at_midnight_utc_and_holds_all_runs(store):
    store.append([reserved("other", "0.99", run_id="run-2")])
    caps = Caps(run_usd=Decimal(9), day_usd=Decimal(1))
    with pytest.raises(BudgetExceeded, match="the day has"):
        reserve(Ledger(store, "run-1", caps, clock=lambda: NOON + timedelta(hours=11)))
    reserve(Ledger(store, "run-1", caps, clock=lambda: NOON), recorded=True)
    reserve(Ledger(store, "run-1", caps, clock=lambda: NOON + timedelta(hours=12)))


class Peek(Exception):
    """Stops an append after its guard has looked."""


def balance(store, run_id, stage, moment):
    seen = []

    def look(spent):
        seen.append(spent)
        raise Peek

    probe = reserved("probe", run_id=run_id, stage=stage, moment=moment)
    with pytest.raises(Peek):
        store.append([probe], guard=look)
    return seen[0]


STAGES = ("plan", "implement")
NUMBERS = itertools.count()
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("reserve"), st.sampled_from(STAGES), st.integers(0, 9_999), st.booleans()
        ),
        st.tuples(st.just("settle"), st.integers(0, 5), st.integers(0, 9_999)),
        st.tuples(st.just("release"), st.integers(0, 5), st.sampled_from(["failed", "unknown"])),
        st.tuples(st.just("reconcile")),
        st.tuples(st.just("wait"), st.integers(1, 30)),
    ),
    max_size=10,
)


@pytest.fixture(scope="module", params=STORES)
def shared_store(request, tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('ledger') / 'events.db'}"
    if request.param == "redis":
        # Another database than that of the tests that begin with an empty one.
        url = request.getfixturevalue("redis_process").database(1)
    store = open_anew(url)
    yield store
    store.close()


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_the_balance_is_the_projection_whatever_happens(shared_store, steps):
    number = next(NUMBERS)
    run_id = f"run-{number}"
    now = [NOON + timedelta(days=100 * number)]
    ledger = Ledger(shared_store, run_id, Caps(run_usd=Decimal(100)), clock=lambda: now[0])
    made, days = [], {}
    for step in steps:
        match step:
            case ("reserve", stage, tokens, recorded):
                reservation = reserve(ledger, stage=stage, input_tokens=tokens, recorded=recorded)
                made.append((reservation, stage))
                days[reservation.id] = None if recorded else now[0].date()
            case ("settle", index, tokens) if made:
                reservation, stage = made[index % len(made)]
                usage = Usage(input_tokens=tokens, output_tokens=tokens % 1_000)
                answer = answered(reservation.id, run_id=run_id)
                ledger.settle(reservation, stage=stage, usage=usage, answered=answer)
            case ("release", index, outcome) if made:
                reservation, stage = made[index % len(made)]
                ledger.release(reservation, stage=stage, outcome=outcome)
            case ("reconcile",):
                ledger.reconcile()
            case ("wait", hours):
                now[0] += timedelta(hours=hours)
    events = read_events(shared_store, run_id)
    spent = costs(events)
    for stage in STAGES:
        seen = balance(shared_store, run_id, stage, now[0])
        of_stage = costs(event for event in events if event.stage == stage)
        assert seen.run_usd == spent.settled_usd + spent.reserved_usd
        assert seen.stage_usd == of_stage.settled_usd + of_stage.reserved_usd
    today = {name for name, day in days.items() if day == now[0].date()}
    of_today = costs(event for event in events if getattr(event, "reservation_id", "") in today)
    assert seen.day_usd == of_today.settled_usd + of_today.reserved_usd


def test_a_lost_recorded_call_costs_nothing(ledger, store):
    reserve(ledger, recorded=True)
    assert ledger.reconcile() == 0
    spent = costs(events_of(store))
    assert (spent.settled_usd, spent.reserved_usd, spent.calls) == (0, 0, 0)
