"""Caps: what fits, what does not, and what the refusal says."""

from decimal import Decimal

import pytest

from mergewright.budget.limits import Caps, Spending, check
from mergewright.errors import BudgetExceeded


def spending(run="0", stage="0", day="0"):
    return Spending(run_usd=Decimal(run), stage_usd=Decimal(stage), day_usd=Decimal(day))


CAPS = Caps(run_usd=Decimal(3), stage_usd=Decimal(1), day_usd=Decimal(10))


def test_a_cap_may_be_reached_and_not_passed():
    check(spending(run="2.5"), Decimal("0.5"), CAPS)
    with pytest.raises(BudgetExceeded):
        check(spending(run="2.5"), Decimal("0.500001"), CAPS)


@pytest.mark.parametrize(
    ("spent", "cap", "remedy"),
    [
        (spending(run="2.9"), "$3.00", "budget_usd"),
        (spending(stage="0.9"), "$1.00", "stage"),
        (spending(day="9.9"), "$10.00", "MERGEWRIGHT_DAILY_CAP_USD"),
    ],
    ids=["run", "stage", "day"],
)
def test_the_refusal_names_cap_spent_and_asked(spent, cap, remedy, request):
    with pytest.raises(BudgetExceeded) as refused:
        check(spent, Decimal("0.123456"), CAPS)
    message = refused.value.message
    assert cap in message
    assert "$0.123456" in message
    assert f"the {request.node.callspec.id} has spent" in message
    assert remedy in refused.value.hint


def test_no_cap_is_no_limit():
    check(spending(stage="1e6", day="1e6"), Decimal(1), Caps(run_usd=Decimal(3)))


def test_recorded_calls_are_held_against_the_run_and_not_the_day():
    check(spending(day="10"), Decimal(1), CAPS, recorded=True)
    with pytest.raises(BudgetExceeded):
        check(spending(run="3"), Decimal(1), CAPS, recorded=True)
