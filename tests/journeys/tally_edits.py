"""What the recorded agent writes into Tally: one new test file and edits, in the order it makes them."""

from typing import Any

MONEY = "src/tally/money.py"
SPLITTING_TESTS = "tests/test_splitting.py"

NEW_TESTS = '''\
"""A split neither loses nor invents a cent."""

from datetime import date

import pytest

from tally.cli import main
from tally.ledger import Expense, Ledger
from tally.money import ZERO, Money, total


@pytest.mark.parametrize(("cents", "parts"), [(1000, 3), (1000, 6), (999, 7), (1, 3)])
def test_equal_parts_add_up(cents, parts):
    assert total(Money(cents).split(parts)) == Money(cents)


def test_those_named_first_take_the_extra_cents():
    assert Money(1000).split(3) == [Money(334), Money(333), Money(333)]
    assert Money(1001).split(3) == [Money(334), Money(334), Money(333)]


@pytest.mark.parametrize(
    ("cents", "shares"), [(100, [2, 2, 3]), (1000, [1, 1, 1]), (1, [0, 1, 1])]
)
def test_parts_by_shares_add_up(cents, shares):
    assert total(Money(cents).split_by_shares(shares)) == Money(cents)


def test_whoever_is_nearest_to_the_next_cent_takes_it():
    assert Money(100).split_by_shares([2, 2, 3]) == [Money(29), Money(28), Money(43)]
    assert Money(1).split_by_shares([0, 1, 1]) == [Money(0), Money(1), Money(0)]


def test_balances_add_up_to_zero():
    cake = Expense(date(2026, 4, 3), "Ada", Money(1000), "cake", ("Ada", "Ben", "Cy"))
    assert total(Ledger([cake]).balances().values()) == ZERO


def test_the_bill_from_the_cafe(capsys):
    assert main(["split", "10.00", "3"]) == 0
    assert capsys.readouterr().out.split() == ["3.34", "3.33", "3.33"]
'''

HAND_OUT_EVERY_CENT: list[dict[str, Any]] = [
    {
        "old": '''\
        """Split the amount into equal parts.

        Raises:
''',
        "new": '''\
        """Split the amount into equal parts, which add up to it.

        The first parts take the cents that are left over.

        Raises:
''',
    },
    {
        "old": """\
        return [Money(divide(self.cents, parts))] * parts
""",
        "new": """\
        quotient, extra = divmod(self.cents, parts)
        return [Money(quotient + 1)] * extra + [Money(quotient)] * (parts - extra)
""",
    },
    {
        "old": '''\
        """Split the amount in proportion to `shares`, in their order.

        Raises:
''',
        "new": '''\
        """Split the amount in proportion to `shares`, in their order.

        The parts add up to the amount: the cents that are left over go to those who
        are nearest to their next cent, the first ones first.

        Raises:
''',
    },
    {
        "old": """\
        return [Money(divide(self.cents * share, whole)) for share in shares]
""",
        "new": """\
        exact = [divmod(self.cents * share, whole) for share in shares]
        cents = [quotient for quotient, _ in exact]
        left_over = self.cents - sum(cents)
        nearest = sorted(range(len(exact)), key=lambda i: exact[i][1], reverse=True)
        for index in nearest[:left_over]:
            cents[index] += 1
        return [Money(part) for part in cents]
""",
    },
]
"""Adds up for every amount, but `divmod` rounds a negative one down: a refund is not mirrored."""

MIRROR_REFUNDS_OF_EQUAL_PARTS: list[dict[str, Any]] = [
    {
        "old": """\
        quotient, extra = divmod(self.cents, parts)
""",
        "new": """\
        if self.cents < 0:
            return [-part for part in (-self).split(parts)]
        quotient, extra = divmod(self.cents, parts)
""",
    }
]

CHANGELOG_LINE: list[dict[str, Any]] = [
    {
        "old": """\
- A CSV file that cannot be read: the message names the line.
""",
        "new": """\
- A CSV file that cannot be read: the message names the line.
- Parts of a split add up to the amount: those who are named first take the odd
  cents, and a refund is split like its expense.
""",
    }
]

REFUND_TESTS: list[dict[str, Any]] = [
    {
        "old": """\
def test_balances_add_up_to_zero():
""",
        "new": """\
def test_a_refund_is_split_like_its_expense():
    assert Money(-1000).split(3) == [Money(-334), Money(-333), Money(-333)]


def test_a_refund_by_shares_is_split_like_its_expense():
    refund = Money(-100).split_by_shares([2, 2, 3])
    assert refund == [Money(-29), Money(-28), Money(-43)]


def test_balances_add_up_to_zero():
""",
    }
]

ONE_PLACE_FOR_BOTH_SPLITS: list[dict[str, Any]] = [
    {
        "old": """\
        if self.cents < 0:
            return [-part for part in (-self).split(parts)]
        quotient, extra = divmod(self.cents, parts)
        return [Money(quotient + 1)] * extra + [Money(quotient)] * (parts - extra)
""",
        "new": """\
        return self.split_by_shares([1] * parts)
""",
    },
    {
        "old": """\
        are nearest to their next cent, the first ones first.
""",
        "new": """\
        are nearest to their next cent, the first ones first. A refund is split like the
        expense it takes back.
""",
    },
    {
        "old": """\
        exact = [divmod(self.cents * share, whole) for share in shares]
""",
        "new": """\
        if self.cents < 0:
            return [-part for part in (-self).split_by_shares(shares)]
        exact = [divmod(self.cents * share, whole) for share in shares]
""",
    },
]
