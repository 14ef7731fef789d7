"""What events add to the sums."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from mergewright.events.entries import Entry, day_of, entry_of, to_micros, to_usd
from tests.events.samples import NOON, note, reserved, settled


def test_a_settlement_gives_back_what_was_not_spent_to_the_same_stage_and_day():
    reservation = entry_of(reserved("r", "0.5", stage="plan"), None)
    assert reservation == Entry(500_000, "plan", "2026-11-20")
    late = settled("r", "0.1", stage="implement", moment=NOON + timedelta(days=1))
    assert entry_of(late, reservation) == Entry(-400_000, "plan", "2026-11-20")


def test_a_settlement_without_a_reservation_counts_in_full():
    assert entry_of(settled("r", "0.1"), None) == Entry(100_000, "plan", "2026-11-20")


def test_recorded_calls_belong_to_no_day():
    entry = entry_of(reserved("r", recorded=True), None)
    assert entry is not None
    assert entry.day is None


def test_other_events_are_not_about_money():
    assert entry_of(note(), None) is None


def test_the_day_is_that_of_utc():
    ahead = timezone(timedelta(hours=9))
    assert day_of(datetime(2026, 11, 20, 8, tzinfo=ahead)) == "2026-11-19"
    assert day_of(datetime(2026, 11, 20, 23, 59, tzinfo=UTC)) == "2026-11-20"


@given(st.decimals(0, 10_000, places=6))
def test_millionths_are_exact(amount):
    assert to_usd(to_micros(amount)) == amount


def test_less_than_a_millionth_is_rounded_up():
    assert to_micros(Decimal("0.0000001")) == 1
