"""On which side of lines that a hunk leaves out its new lines belong, when only one side makes sense.

Nothing here knows a language: what counts is how indentation goes on from line to line, blank lines
that separate, and lists that are in order. Decision 0012 tells what was measured.
"""

from collections.abc import Sequence
from enum import Enum, auto

LEAST_SORTED_LINES = 4
MAX_SORTED_LINES = 20
_OPENERS = (":", "{", "(", "[")
_CLOSERS = ("}", ")", "]", "end", "else", "elif", "except", "finally", "catch")
_CONTINUED = (",", "\\", "=", "+", "-", "*", "/", "|", "&", ".", "?", "<", ">")


class Side(Enum):
    """Before or after the lines that were left out."""

    BEFORE = auto()
    AFTER = auto()


def side_of_gap(lines: Sequence[str], first: int, last: int, added: Sequence[str]) -> Side | None:
    """Return the side on which lines belong between two rows of a file; None if both would do.

    Args:
        lines: The file.
        first: The row before the lines that were left out.
        last: The row after them.
        added: What is to be added.
    """
    skipped = lines[first + 1 : last]
    if not any(line.strip() for line in added):
        return None
    if not any(line.strip() for line in skipped):
        return _beside_blank(lines[first], lines[last], added)
    if not skipped[0].strip() or not skipped[-1].strip():
        return None
    before = _breaks(lines[first], added, skipped[0])
    after = _breaks(skipped[-1], added, lines[last])
    if before != after and not (before and after):
        return Side.AFTER if before else Side.BEFORE
    return None if before or after else _in_order(lines, first, last, added)


def _beside_blank(first: str, last: str, added: Sequence[str]) -> Side | None:
    """Keep the spacing, or the new lines with those of their depth."""
    begins, ends = not added[0].strip(), not added[-1].strip()
    if begins != ends:
        return Side.BEFORE if begins else Side.AFTER
    depth = _depth(next(line for line in added if line.strip()))
    if begins or _depth(first) == _depth(last) or not first.strip() or not last.strip():
        return None
    sides = {_depth(last): Side.AFTER, _depth(first): Side.BEFORE}
    return sides.get(depth)


def _breaks(before: str, added: Sequence[str], after: str) -> int:
    """Return how often the indentation does not go on as it should around the new lines."""
    told = [line for line in added if line.strip()]
    return _breaks_between(before, told[0]) + _breaks_between(told[-1], after)


def _breaks_between(line: str, following: str) -> bool:
    if not line.strip() or not following.strip():
        return False
    depth, next_depth = _depth(line), _depth(following)
    closes = following.strip().startswith(_CLOSERS)
    end = line.rstrip()
    if end.endswith(_OPENERS):
        return next_depth <= depth and not closes
    if end.endswith(_CONTINUED) or end.lstrip().startswith("/*"):
        return False
    return next_depth > depth or (closes and next_depth == depth)


def _in_order(lines: Sequence[str], first: int, last: int, added: Sequence[str]) -> Side | None:
    """Keep a list in order that is in order."""
    start, end = first, last
    while start > 0 and last - start < MAX_SORTED_LINES and _alike(lines[start - 1], lines[first]):
        start -= 1
    while end < len(lines) and end - first < MAX_SORTED_LINES and _alike(lines[end], lines[first]):
        end += 1
    run = [line.strip().casefold() for line in lines[start:end]]
    own = [line.strip().casefold() for line in added]
    if end < last or len(run) < LEAST_SORTED_LINES or run != sorted(run):
        return None
    middle = [line.strip().casefold() for line in lines[first + 1 : last]]
    head, tail = run[: first + 1 - start], run[last - start :]
    before = [*head, *own, *middle, *tail]
    after = [*head, *middle, *own, *tail]
    if (before == sorted(before)) == (after == sorted(after)):
        return None
    return Side.BEFORE if before == sorted(before) else Side.AFTER


def _alike(line: str, other: str) -> bool:
    return bool(line.strip()) and _depth(line) == _depth(other)


def _depth(line: str) -> int:
    expanded = line.expandtabs(4)
    return len(expanded) - len(expanded.lstrip())
