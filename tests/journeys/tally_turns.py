"""How the recorded agents find, plan and write the change for TALLY-7, turn by turn."""

from typing import Any, NamedTuple

from mergewright.domain.changeset import ImplementationSummary
from mergewright.domain.plan import Finding, Plan, PlannedFile, Research, Source
from mergewright.domain.value import Value
from tests.journeys import tally_edits as edits
from tests.journeys.tally_edits import MONEY, SPLITTING_TESTS

LEDGER_TESTS = "tests/test_ledger.py"
COMMIT_SUBJECT = "Share out every cent when an amount is split"

SUMS = "The parts of a split add up to the amount that was split, for equal parts and for shares."
ORDER = (
    "Equal parts differ by one cent at most, and those who are named first take the extra cents; "
    "`tally split 10.00 3` prints 3.34, 3.33 and 3.33."
)
REFUNDS = (
    "A refund (a negative amount) is split exactly like the expense it takes back, for equal parts "
    "and for shares, so that the two cancel out."
)
BALANCES = "The balances of a ledger add up to zero."


class Call(NamedTuple):
    """One use of a tool."""

    tool: str
    arguments: dict[str, Any]


class Turn(NamedTuple):
    """One message of the model: calls of tools, or the final answer."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    answer: Value | None = None


def read(path: str, first_line: int | None = None, last_line: int | None = None) -> Call:
    """Return a call that reads a file or some of its lines."""
    lines = {} if first_line is None else {"first_line": first_line, "last_line": last_line}
    return Call("read_file", {"path": path, **lines})


def edit(path: str, replacements: list[dict[str, str]]) -> Call:
    """Return a call that edits a file."""
    return Call("edit_file", {"path": path, "replacements": replacements})


def finding(statement: str, *places: tuple[str, int | None]) -> Finding:
    """Return a finding with the places it was read from."""
    sources = tuple(Source(path=path, line=line) for path, line in places)
    return Finding(statement=statement, sources=sources)


RUN_CHECKS = Call("run_checks", {})

RESEARCH = (
    Turn(
        "I look for the place where amounts are split, and for what uses it.",
        (Call("list_files", {}), Call("search", {"text": "split"})),
    ),
    Turn(
        "The splitting is in money.py; the ledger and the command line pass its parts on.",
        (read(MONEY), read("src/tally/rounding.py"), read("src/tally/ledger.py")),
    ),
    Turn(
        "Now what the tests say about splits, and about the refunds that the ticket mentions.",
        (
            read("tests/test_money.py", 25, 52),
            read(LEDGER_TESTS, 38, 60),
            Call("search", {"text": "CHANGELOG"}),
        ),
    ),
    Turn(
        answer=Research(
            summary="Tally rounds each part of a split by itself, so the parts need not add up "
            "to the amount. `Money.split` does it for equal parts and `Money.split_by_shares` for "
            "shares; the ledger and `tally split` use the parts as they come.",
            findings=(
                finding(
                    "`Money.split` rounds one part and repeats it: 10.00 gives 3 x 3.33 "
                    "= 9.99 or 6 x 1.67 = 10.02.",
                    (MONEY, 47),
                    ("ticket", None),
                ),
                finding(
                    "`Money.split_by_shares` rounds every share by itself: 1.00 by 2, 2 "
                    "and 3 gives 1.01.",
                    (MONEY, 58),
                    ("ticket", None),
                ),
                finding(
                    "`Ledger.balances` credits the payer with the whole amount and "
                    "debits the parts, so a lost cent stays in the sum of the balances.",
                    ("src/tally/ledger.py", 64),
                ),
                finding(
                    "No test splits an amount that leaves cents over, except the one "
                    "for refunds, which only compares such a split with its own negative.",
                    ("tests/test_money.py", 31),
                    (LEDGER_TESTS, 52),
                ),
                finding(
                    "Refunds are negative amounts. They cancel out today because "
                    "`divide` rounds a negative number like the positive one.",
                    ("src/tally/rounding.py", 7),
                    (LEDGER_TESTS, 52),
                ),
                finding(
                    "Every change that a user notices has a line in the changelog.",
                    ("README.md", 51),
                ),
            ),
            likely_cause="`Money.split` and `Money.split_by_shares` round each part "
            "independently; nothing hands out the cents that are left over.",
        )
    ),
)

PLAN = (
    Turn(
        "I check what the command line hands over, and the form of the changelog.",
        (read("src/tally/cli.py", 57, 64), read("CHANGELOG.md", 1, 12)),
    ),
    Turn(
        answer=Plan(
            summary="Split by whole cents and hand out what is left over, one cent each: to the "
            "first parts of an equal split, to the largest remainders of a split by shares.",
            steps=(
                "Add tests with the ticket's figures; they fail today.",
                "Let `Money.split` give every part the whole cents, and the first ones one more.",
                "Let `Money.split_by_shares` do so by largest remainder, the first ones first.",
                "Keep refunds symmetric: a negative amount gives the negated parts.",
                "Say so in both docstrings and in the changelog.",
            ),
            files=(
                PlannedFile(path=MONEY, action="edit", why="Both ways to split are here."),
                PlannedFile(
                    path=SPLITTING_TESTS,
                    action="create",
                    why="The ticket's figures and the sums, in one place.",
                ),
                PlannedFile(path="CHANGELOG.md", action="edit", why="Users see other figures."),
            ),
            acceptance_criteria=(SUMS, ORDER, REFUNDS, BALANCES),
            test_plan=(
                "Equal parts of 10.00 by 3, 10.00 by 6, 9.99 by 7 and 0.01 by 3 add up.",
                "Parts by shares add up: 1.00 by 2, 2, 3, and whoever has no share gets nothing.",
                "The first ones get the extra cents; the command prints 3.34, 3.33, 3.33.",
                "Refunds, by equal parts and by shares, give the negated parts.",
                "Balances of an uneven expense add up to zero.",
            ),
            risks=(
                "Balances of ledgers that exist change by single cents; the changelog says so.",
                "The order of names in a ledger now decides who pays an odd cent.",
            ),
        )
    ),
)

IMPLEMENT = (
    Turn("I read what I am going to change.", (read(MONEY), read("CHANGELOG.md"))),
    Turn(
        "First the tests, with the figures of the ticket.",
        (Call("create_file", {"path": SPLITTING_TESTS, "content": edits.NEW_TESTS}),),
    ),
    Turn("They should fail now.", (RUN_CHECKS,)),
    Turn(
        "Every new test fails, and nothing else: the fault is reproduced. Now whole cents first, "
        "and then the cents that are left over.",
        (edit(MONEY, edits.HAND_OUT_EVERY_CENT),),
    ),
    Turn("Now they should pass, and the old ones as well.", (RUN_CHECKS,)),
    Turn(
        "The new tests pass, but `test_a_refund_undoes_its_expense`, which was there before, is "
        "red: `divmod` rounds a negative amount down, so -10.00 in three is -3.33, -3.33, -3.34, "
        "and the odd cent goes to the last one instead of the first. A refund has to be the "
        "expense with its sign changed.",
        (edit(MONEY, edits.MIRROR_REFUNDS_OF_EQUAL_PARTS),),
    ),
    Turn("Once more.", (RUN_CHECKS,)),
    Turn(
        "All checks pass. Users will see other figures, so the changelog gets its line.",
        (edit("CHANGELOG.md", edits.CHANGELOG_LINE),),
    ),
    Turn(
        answer=ImplementationSummary(
            summary="`Money.split` and `Money.split_by_shares` now share out whole cents and "
            "then the cents that are left over, so the parts add up to the amount: to the first "
            "parts of an equal split, to the largest remainders of a split by shares.",
            commit_subject=COMMIT_SUBJECT,
            notes=(
                "A first version failed `test_a_refund_undoes_its_expense`; `split` mirrors now.",
                "`divide` stays: percentages still round half to even.",
            ),
        )
    ),
)
