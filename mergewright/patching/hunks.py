"""What every form of edit becomes: lines to find, with those among them to remove and to add."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

MAX_COMPARED = 1_000_000
"""Above this many pairs of lines, what differs counts as replaced altogether."""
MAX_COMPARED_CLOSELY = 40_000
"""Above it, lines that are there many times no longer count as likenesses."""

MAX_SLIDE_LINES = 100

KEPT, REMOVED, ADDED = " ", "-", "+"


class HunkLine(NamedTuple):
    """A line that is there and stays, goes, or comes."""

    tag: str
    text: str


class Literal(NamedTuple):
    """An old and a new text that need not be whole lines."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Hunk:
    """One place of a file to change."""

    name: str
    """How messages call it."""
    lines: tuple[HunkLine, ...]
    near_line: int | None = None
    """The line of the file where it starts, as far as its author knows."""
    anchors: tuple[str, ...] = ()
    """Lines that come before it in the file, in their order."""
    at_end: bool = False
    """Whether it is at the end of the file."""
    ordered: bool = False
    """Whether it comes after the hunk before it."""
    literal: Literal | None = None
    """The texts as they were sent, when they need not be whole lines."""
    final_newline: bool | None = None
    """Whether the changed file's last line ends, if that is part of the edit."""

    @property
    def old(self) -> tuple[str, ...]:
        """The lines to find."""
        return tuple(line.text for line in self.lines if line.tag != ADDED)

    @property
    def new(self) -> tuple[str, ...]:
        """The lines that are to be there afterwards."""
        return tuple(line.text for line in self.lines if line.tag != REMOVED)

    @property
    def removed(self) -> frozenset[int]:
        """Which of the lines to find go."""
        tags = [line.tag for line in self.lines if line.tag != ADDED]
        return frozenset(index for index, tag in enumerate(tags) if tag == REMOVED)

    @property
    def added(self) -> tuple[str, ...]:
        """The lines that come."""
        return tuple(line.text for line in self.lines if line.tag == ADDED)


class Block(NamedTuple):
    """Old lines that new lines take the place of; either may be none."""

    old_start: int
    old_end: int
    new_start: int
    new_end: int


def compare(old: Sequence[str], new: Sequence[str]) -> Iterator[Block]:
    """Yield where two texts differ, in their order."""
    shorter = min(len(old), len(new))
    last = 0
    while last < shorter and old[-1 - last] == new[-1 - last]:
        last += 1
    first = 0
    while first < shorter - last and old[first] == new[first]:
        first += 1
    old_part, new_part = old[first : len(old) - last], new[first : len(new) - last]
    if not old_part and not new_part:
        return
    pairs = len(old_part) * len(new_part)
    blocks = [Block(first, first + len(old_part), first, first + len(new_part))]
    if 0 < pairs <= MAX_COMPARED:
        matcher = SequenceMatcher(None, old_part, new_part, autojunk=pairs > MAX_COMPARED_CLOSELY)
        places = (place for tag, *place in matcher.get_opcodes() if tag != "equal")
        blocks = [Block(*(first + index for index in place)) for place in places]
    for number, block in enumerate(blocks):
        low = blocks[number - 1].old_end if number else 0
        high = blocks[number + 1].old_start if number + 1 < len(blocks) else len(old)
        blocks[number] = _slid(old, new, block, low, high)
    yield from blocks


def _slid(old: Sequence[str], new: Sequence[str], block: Block, low: int, high: int) -> Block:
    """Move lines that only come, or only go, to where a person would say that they do.

    When the line before is the same as the last one, the block may as well begin a line earlier. Most
    likely it begins where the indentation is least, behind a blank line.
    """
    grows = block.old_start == block.old_end
    if not grows and block.new_start != block.new_end:
        return block
    text = new if grows else old
    start, end = (block.new_start, block.new_end) if grows else (block.old_start, block.old_end)
    reach = MAX_SLIDE_LINES
    up = 0
    while up < min(block.old_start - low, reach) and text[start - 1 - up] == text[end - 1 - up]:
        up += 1
    down = 0
    while down < min(high - block.old_end, reach) and text[start + down] == text[end + down]:
        down += 1
    shift = min(
        range(-up, down + 1), key=lambda by: (*_unlikely(text, start + by, end + by), abs(by))
    )
    return Block(*(index + shift for index in block))


def _unlikely(text: Sequence[str], start: int, end: int) -> tuple[int, bool]:
    """Return how little a block of lines looks like one; less is better."""
    depth = sum(
        len(line) - len(line.lstrip())
        for at in (start, end)
        if (line := next((line for line in text[at : at + 3] if line.strip()), ""))
    )
    return depth, bool(start and text[start - 1].strip()) and bool(text[end - 1].strip())


def lines_between(old: Sequence[str], new: Sequence[str]) -> tuple[HunkLine, ...]:
    """Return the lines of both texts, as kept, removed and added ones."""
    return _told(old, new, compare(old, new), 0, len(old))


def lines_between_from_end(old: Sequence[str], new: Sequence[str]) -> tuple[HunkLine, ...]:
    """Return the same as `lines_between`, compared from the last line to the first.

    Where lines move or repeat, other ones of them may stay; otherwise nothing differs.
    """
    blocks = [
        Block(
            len(old) - block.old_end,
            len(old) - block.old_start,
            len(new) - block.new_end,
            len(new) - block.new_start,
        )
        for block in compare(old[::-1], new[::-1])
    ]
    return _told(old, new, blocks[::-1], 0, len(old))


def _told(
    old: Sequence[str], new: Sequence[str], blocks: Iterable[Block], start: int, end: int
) -> tuple[HunkLine, ...]:
    """Return a part of the old lines, with what the blocks in it remove and add."""
    lines: list[HunkLine] = []
    position = start
    for block in blocks:
        lines += (HunkLine(KEPT, text) for text in old[position : block.old_start])
        lines += (HunkLine(REMOVED, text) for text in old[block.old_start : block.old_end])
        lines += (HunkLine(ADDED, text) for text in new[block.new_start : block.new_end])
        position = block.old_end
    lines += (HunkLine(KEPT, text) for text in old[position:end])
    return tuple(lines)


def split_lines(text: str) -> list[str]:
    """Return the lines of a text without their ends; a line feed at the end begins no line."""
    return text.removesuffix("\n").split("\n") if text else []


def hunks_between(before: str, after: str, *, context_lines: int = 3) -> tuple[Hunk, ...]:
    r"""Return what makes one text out of another; both have `\n` line ends."""
    old, new = split_lines(before), split_lines(after)
    groups: list[list[Block]] = []
    for block in compare(old, new):
        if groups and block.old_start - groups[-1][-1].old_end <= 2 * context_lines:
            groups[-1].append(block)
        else:
            groups.append([block])
    if not groups and before != after and old:
        groups = [[Block(len(old), len(old), len(new), len(new))]]
    hunks = [_grouped(old, new, group, context_lines) for group in groups]
    if hunks and before.endswith("\n") != after.endswith("\n") and before and after:
        tail = len(old) - groups[-1][-1].old_end
        if tail > context_lines:
            block = Block(len(old), len(old), len(new), len(new))
            hunks.append(_grouped(old, new, [block], context_lines))
        last = hunks.pop()
        hunks.append(_ending(last, newline=after.endswith("\n")))
    return tuple(hunks)


def _ending(hunk: Hunk, *, newline: bool) -> Hunk:
    return Hunk(hunk.name, hunk.lines, hunk.near_line, ordered=True, final_newline=newline)


def _grouped(
    old: Sequence[str], new: Sequence[str], blocks: Sequence[Block], context_lines: int
) -> Hunk:
    start = max(blocks[0].old_start - context_lines, 0)
    end = min(blocks[-1].old_end + context_lines, len(old))
    new_start = blocks[0].new_start - (blocks[0].old_start - start)
    new_end = blocks[-1].new_end + (end - blocks[-1].old_end)
    name = f"Hunk at line {start + 1} (new {new_start + 1} to {new_end})"
    return Hunk(name, _told(old, new, blocks, start, end), start + 1, ordered=True)
