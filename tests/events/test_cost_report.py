"""What calls cost: grouped in every way, with nothing recorded among what was paid."""

from datetime import timedelta
from decimal import Decimal

import pytest

from mergewright.domain.events import StepReplayed
from mergewright.events.cost_report import CostKey, CostRow, read_costs, report_costs
from mergewright.events.projections import costs
from mergewright.events.sqlite import SqliteEventStore
from tests.events.samples import NOON, OPUS, reserved, settled, started

TOMORROW = NOON + timedelta(days=1)


def replayed(run_id="run-1", *, stage="plan", agent="analysis", kind="model", at=NOON):
    return StepReplayed(run_id=run_id, stage=stage, at=at, kind=kind, agent=agent)


def log():
    """Two runs that paid, one of them with a call of every outcome, and a recorded one."""
    return [
        started("run-1"),
        reserved("a", "0.5"),
        settled("a", "0.1", input_tokens=900, output_tokens=70, cache_read_tokens=600),
        reserved("b", "0.5"),
        settled("b", "0.5", outcome="unknown"),
        reserved("c", "0.5"),
        settled("c", "0", outcome="failed"),
        reserved("d", "0.25", stage="review-0"),
        replayed(),
        replayed(kind="tool"),
        started("run-2").model_copy(update={"repository": "/other"}),
        reserved("e", "0.5", run_id="run-2", moment=TOMORROW),
        settled("e", "0.2", run_id="run-2", moment=TOMORROW, cache_write_tokens=5),
        started("run-3"),
        reserved("f", "0.5", run_id="run-3", recorded=True),
        settled("f", "0.4", run_id="run-3", recorded=True),
        replayed("run-3"),
    ]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        (CostKey.STAGE, [("plan", "0.8"), ("review-0", "0")]),
        (CostKey.AGENT, [("analysis", "0.8")]),
        (CostKey.MODEL, [(OPUS, "0.8")]),
        (CostKey.DAY, [("2026-11-20", "0.6"), ("2026-11-21", "0.2")]),
        (CostKey.REPOSITORY, [("/repo", "0.6"), ("/other", "0.2")]),
        (CostKey.RUN, [("run-1", "0.6"), ("run-2", "0.2")]),
    ],
)
def test_what_was_paid_is_grouped(by, expected):
    report = report_costs(log(), by)
    assert [(row.key, row.settled_usd) for row in report.paid.rows] == [
        (key, Decimal(amount)) for key, amount in expected
    ]
    assert sum(row.settled_usd for row in report.paid.rows) == report.paid.total.settled_usd
    assert sum(row.reserved_usd for row in report.paid.rows) == Decimal("0.25")
    (recorded,) = report.recorded.rows
    assert (recorded.settled_usd, recorded.replayed) == (Decimal("0.4"), 1)


def test_each_outcome_is_counted_as_what_it_is():
    plan = report_costs(log()).paid.rows[0]
    assert plan == CostRow(
        key="plan",
        settled_usd=Decimal("0.8"),
        unknown_usd=Decimal("0.5"),
        calls=3,
        unknown_calls=1,
        replayed=1,
        input_tokens=900,
        output_tokens=70,
        cache_read_tokens=600,
        cache_write_tokens=5,
    )
    review = report_costs(log()).paid.rows[1]
    assert (review.open_calls, review.reserved_usd) == (1, Decimal("0.25"))


def test_it_agrees_with_the_costs_of_each_run():
    rows = {row.key: row for row in report_costs(log(), CostKey.RUN).paid.rows}
    for run_id, row in rows.items():
        own = costs(event for event in log() if event.run_id == run_id)
        assert (row.settled_usd, row.reserved_usd) == (own.settled_usd, own.reserved_usd)
        assert (row.calls, row.replayed) == (own.calls, own.replayed)


def test_a_call_belongs_to_the_day_of_its_reservation():
    events = [reserved("a"), settled("a", "0.1", moment=TOMORROW)]
    assert [row.key for row in report_costs(events, CostKey.DAY).paid.rows] == ["2026-11-20"]
    assert not report_costs(events, since=TOMORROW).paid.rows
    later = report_costs([*log(), replayed(at=TOMORROW)], CostKey.RUN, since=TOMORROW)
    assert {row.key: (row.settled_usd, row.replayed) for row in later.paid.rows} == {
        "run-2": (Decimal("0.2"), 0),
        "run-1": (Decimal(0), 1),
    }
    assert not later.recorded.rows


def test_a_replay_without_its_call_is_told_as_unknown():
    (row,) = report_costs([replayed()], CostKey.MODEL).paid.rows
    assert (row.key, row.replayed) == ("unknown", 1)
    assert report_costs([replayed()], CostKey.REPOSITORY).paid.rows[0].key == "unknown"


def test_the_log_is_read_over_all_runs(tmp_path):
    store = SqliteEventStore(tmp_path / "events.db")
    store.append(log())
    assert read_costs(store, CostKey.RUN) == report_costs(log(), CostKey.RUN)
    store.close()
