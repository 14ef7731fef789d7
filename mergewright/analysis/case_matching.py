"""Which test of a change is which test of its base, though it was moved, renamed or put into a table.

A test is the same one by its place and name, by its name elsewhere, or by what it does. One that
became a row of a table is accepted where it can be proved: a table's test calls all that it called,
asserts as much, and has a row of its own with all its literals.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mergewright.analysis.case_facts import Assertion, Case, CaseFile

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilePair:
    """A test file before and after a change; None where there is none."""

    before_path: str
    path: str
    before: CaseFile | None
    after: CaseFile | None


@dataclass(frozen=True, slots=True)
class PlacedCase:
    """A test in its file."""

    path: str
    case: Case

    @property
    def id(self) -> str:
        """As test runners name it, without the row of a table."""
        return f"{self.path}::{self.case.name}"


@dataclass(frozen=True, slots=True)
class Matches:
    """How the tests of a base and of a change belong together."""

    same: tuple[tuple[PlacedCase, PlacedCase], ...]
    """Pairs of the test on the base and on the change."""
    tabled: tuple[tuple[PlacedCase, PlacedCase], ...]
    """Tests of the base that are rows of a table now."""
    gone: tuple[PlacedCase, ...]
    added: tuple[PlacedCase, ...]


def match_cases(pairs: Sequence[FilePair]) -> Matches:
    """Find for each test of the base the one that it is on the change."""
    left = _placed((pair.before_path, pair.before) for pair in pairs)
    right = _placed((pair.path, pair.after) for pair in pairs)
    moved_to = {pair.before_path: pair.path for pair in pairs}
    same: list[tuple[PlacedCase, PlacedCase]] = []
    keys = (
        lambda one: (moved_to.get(one.path, one.path), one.case.name),
        lambda one: one.case.name,
        lambda one: one.case.name.rpartition("::")[2],
        lambda one: one.case.digest if one.case.assertions else None,
        lambda one: tuple(sorted(item.text for item in one.case.effective)) or None,
    )
    for key in keys:
        known: dict[object, list[PlacedCase]] = {}
        for one in right:
            known.setdefault(key(one), []).append(one)
        for one in tuple(left):
            candidates = known.get(key(one)) if key(one) is not None else None
            if candidates:
                found = candidates.pop(0)
                same.append((one, found))
                left.remove(one)
                right.remove(found)
    tabled = _tabled(left, same, right)
    rows = {one for one, _ in tabled}
    return Matches(
        same=tuple(same),
        tabled=tuple(tabled),
        gone=tuple(one for one in left if one not in rows),
        added=tuple(right),
    )


def covers(stronger: Iterable[Assertion], weaker: Iterable[Assertion]) -> bool:
    """Say whether for each assertion there is another one at least as strong."""
    ours, theirs = (
        sorted((one.strength for one in assertions), reverse=True)
        for assertions in (stronger, weaker)
    )
    return len(ours) >= len(theirs) and all(
        our >= their for our, their in zip(ours, theirs, strict=False)
    )


def _placed(files: Iterable[tuple[str, CaseFile | None]]) -> list[PlacedCase]:
    return [PlacedCase(path, case) for path, file in files if file for case in file.cases]


def _tabled(
    gone: Sequence[PlacedCase],
    same: Sequence[tuple[PlacedCase, PlacedCase]],
    added: Sequence[PlacedCase],
) -> list[tuple[PlacedCase, PlacedCase]]:
    """Return the tests that are proved to be rows of a table, each with rows of its own."""
    free = {after: Counter(after.case.rows) - Counter(before.case.rows) for before, after in same}
    free |= {table: Counter(table.case.rows) for table in added}
    found = []
    for one in gone:
        for table, rows in free.items():
            taken = _rows_of(one.case, table.case, rows)
            if taken:
                free[table] = rows - taken
                found.append((one, table))
                break
    return found


def _rows_of(one: Case, table: Case, rows: Counter[Row]) -> Counter[Row]:
    """Return the rows of a table that do what a test did; none where that cannot be proved."""
    calls = set(one.calls) <= set(table.calls)
    if not (one.assertions and calls and covers(table.effective, one.effective)):
        return Counter()
    if one.rows:
        own = Counter(one.rows)
        return own if own <= rows else Counter()
    literals = Counter(one.literals)
    for row in rows:
        fits = Counter(row) <= literals <= Counter(row) + Counter(table.literals)
        if fits:
            return Counter([row])
    return Counter()
