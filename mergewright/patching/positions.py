"""Between which lines of the file a hunk adds others.

A hunk says it by the lines before and after. When the file has lines between these two that the hunk
leaves out, both ends of the gap are equally right, and guessing is how an edit lands in the wrong
place without a word. Decision 0012 says what decides, and when nothing does.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from mergewright.errors import EditConflict
from mergewright.patching.gaps import Side, side_of_gap
from mergewright.patching.hunks import Hunk

MAX_LINE_CHARACTERS = 160


def pair_off(hunk: Hunk, rows: Sequence[int | None]) -> tuple[int | None, ...]:
    """Return the rows with lines that were not found put against those that were left out.

    As many of the one as of the other between two lines that were found: these stand for those.
    """
    paired, removed = list(rows), hunk.removed
    found = [index for index, row in enumerate(rows) if row is not None]
    for before, after in pairwise(found):
        first, last = rows[before], rows[after]
        if first is None or last is None or last - first != after - before:
            continue
        for index in range(before + 1, after):
            if index not in removed:
                paired[index] = first + index - before
    return tuple(paired)


class Insertion(NamedTuple):
    """Lines to add, and before which of the hunk's lines to find."""

    before_line: int
    lines: tuple[str, ...]
    replaced: int = 0
    """How many lines to find, just before, they take the place of."""


def position_of(
    path: str, lines: Sequence[str], hunk: Hunk, rows: Sequence[int | None], added: Insertion
) -> int:
    """Return the row of the file before which lines are added.

    Args:
        path: The file's name, for messages.
        lines: The file.
        hunk: What to do.
        rows: The file's row for each line to find.
        added: What to add.

    Raises:
        EditConflict: Nothing decides between two rows.
    """
    index, texts, replaced = added
    before = rows[index - 1] if index else None
    after = rows[index] if index < len(rows) else None
    if is_torn(rows, index - replaced, index):
        raise _unclear(path, lines, hunk, rows[index - replaced], before)
    if before is not None and (replaced or index == len(rows)):
        return before + 1
    if after is not None and index == 0:
        return after
    first = _last_found(rows[:index])
    last = _first_found(rows[index:])
    if first is None or last is None:
        return _beside(first, last, len(lines))
    skipped = lines[first + 1 : last]
    if not skipped:
        return last
    missing = rows.index(last) - rows.index(first) - 1
    if len(skipped) <= missing and (before is None) != (after is None):
        return first + 1 if before is not None else last
    side = side_of_gap(lines, first, last, texts) if missing == 0 else None
    if side is not None:
        return first + 1 if side is Side.BEFORE else last
    raise _unclear(path, lines, hunk, first, last)


def _unclear(
    path: str, lines: Sequence[str], hunk: Hunk, first: int | None, last: int | None
) -> EditConflict:
    """Return the refusal, with the lines between two rows, or some of them."""
    start = 0 if first is None else first + 1
    shown = "\n".join(
        f"{start + number:>5} | {line[:MAX_LINE_CHARACTERS]}"
        for number, line in enumerate(lines[start:last][:5], start=1)
    )
    return EditConflict(
        f"{hunk.name} adds lines at a place of {path!r} where it leaves lines of the file out, "
        f"so that they could come before or after these:\n{shown}\n",
        hint="Send the lines around the new ones as the file has them, with none left out.",
    )


def _has_gap(rows: Sequence[int | None], index: int) -> bool:
    before = rows[index - 1] if index else None
    after = rows[index] if index < len(rows) else None
    return before is not None and after is not None and after != before + 1


def is_torn(rows: Sequence[int | None], start: int, end: int) -> bool:
    """Whether the file has other lines between some lines of the hunk."""
    return any(_has_gap(rows, at) for at in range(start + 1, end))


def _first_found(rows: Sequence[int | None]) -> int | None:
    return next((row for row in rows if row is not None), None)


def _last_found(rows: Sequence[int | None]) -> int | None:
    return _first_found(rows[::-1])


def _beside(first: int | None, last: int | None, count: int) -> int:
    if first is not None:
        return first + 1
    return count if last is None else last
