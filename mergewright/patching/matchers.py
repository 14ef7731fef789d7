"""Where in a file the text of an edit is: a cascade from strict to tolerant.

The first matcher that finds anything ends the cascade, so that a tolerant one can never add a
second candidate to a strict one's match.
"""

from collections.abc import Callable
from itertools import accumulate, pairwise
from typing import NamedTuple


class Region(NamedTuple):
    """A part of a text, as character offsets."""

    start: int
    end: int


Matcher = Callable[[str, str], tuple[Region, ...]]
"""All regions of a text (first) that an edit's old text (second) stands for.

Both have `\\n` line ends. A region has exactly as many lines as the old text.
"""


def match_exactly(text: str, old: str) -> tuple[Region, ...]:
    """Find the old text character by character."""
    regions = []
    start = text.find(old)
    while start >= 0:
        regions.append(Region(start, start + len(old)))
        start = text.find(old, start + 1)
    return tuple(regions)


def match_lines_without_trailing_space(text: str, old: str) -> tuple[Region, ...]:
    """Find whole lines that differ from the old text's in trailing white space only."""
    ends_line = old.endswith("\n")
    wanted = [line.rstrip() for line in old.removesuffix("\n").split("\n")]
    lines = text.split("\n")
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    trimmed = [line.rstrip() for line in lines]
    regions = []
    for index in range(len(lines) - len(wanted) + 1):
        after = index + len(wanted)
        if trimmed[index:after] == wanted and starts[index] < len(text):
            end = min(starts[after], len(text)) if ends_line else starts[after] - 1
            regions.append(Region(starts[index], end))
    return tuple(regions)


MATCHERS: tuple[Matcher, ...] = (match_exactly, match_lines_without_trailing_space)


def find_regions(text: str, old: str) -> tuple[Region, ...]:
    """Return the matches of the strictest matcher that has any."""
    for matcher in MATCHERS:
        regions = matcher(text, old)
        if regions:
            return regions
    return ()


def overlap(regions: tuple[Region, ...]) -> tuple[Region, Region] | None:
    """Return two regions that share a character, if there are any."""
    for first, second in pairwise(sorted(regions)):
        if second.start < first.end:
            return first, second
    return None
