r"""A text with `\n` line ends that remembers what the original had: `\r\n`, byte order mark, no end.

Only `\n` and `\r\n` end a line. A lone carriage return, a form feed or a Unicode line separator is a
character like any other.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

BYTE_ORDER_MARK = "\ufeff"


class Splice(NamedTuple):
    """A part of a plain text, as character offsets, and what takes its place."""

    start: int
    end: int
    new: str


@dataclass(frozen=True, slots=True)
class PlainText:
    """A text whose lines all end with a line feed, and the way back to the original."""

    mark: str
    """The byte order mark, if the original has one."""
    original: str
    """The original without its mark."""
    text: str
    """Ends with a line feed unless it is empty, whether or not the original does."""
    removed: tuple[int, ...]
    """Offsets in `text` of the line feeds that follow a carriage return in the original."""
    starts: tuple[int, ...]
    """Offsets in `text` where its lines start, and its length."""

    @classmethod
    def of(cls, original: str) -> "PlainText":
        """Take the mark and the carriage returns of the line ends out, and end the last line."""
        mark = BYTE_ORDER_MARK if original.startswith(BYTE_ORDER_MARK) else ""
        original = original.removeprefix(BYTE_ORDER_MARK)
        removed: list[int] = []
        position = original.find("\r\n")
        while position >= 0:
            removed.append(position - len(removed))
            position = original.find("\r\n", position + 2)
        text = original.replace("\r\n", "\n")
        if text and not text.endswith("\n"):
            text += "\n"
        lengths = (len(line) + 1 for line in text.split("\n")[:-1])
        return cls(mark, original, text, tuple(removed), (0, *accumulate(lengths)))

    @property
    def lines(self) -> list[str]:
        """The lines without their ends."""
        return self.text.split("\n")[:-1]

    @property
    def line_end(self) -> str:
        """How most lines of the original end."""
        return "\r\n" if 2 * len(self.removed) > self.original.count("\n") else "\n"

    @property
    def ends_line(self) -> bool:
        """Whether the original ends its last line."""
        return not self.original or self.original.endswith("\n")

    def original_offset(self, offset: int) -> int:
        """Return the place in the original of an offset in `text`."""
        return offset + bisect_left(self.removed, offset)

    def line_number(self, offset: int) -> int:
        """Return the line of an offset in `text`, counted from 1."""
        return bisect_right(self.starts, min(offset, len(self.text) - 1))

    def spliced(self, splices: Sequence[Splice]) -> str:
        """Return the original with the parts replaced; what is outside of them stays as it is.

        Of several at one place, the first one comes first. New lines end as most lines of the original do, and the last line ends if it did before.
        """
        end = self.line_end
        pieces, position = [], 0
        for splice in sorted(splices, key=lambda splice: splice[:2]):
            start = self.original_offset(splice.start)
            pieces.append(self.original[position:start])
            if start > len(self.original):
                pieces.append(end)
            pieces.append(splice.new.replace("\n", end))
            position = self.original_offset(splice.end)
        pieces.append(self.original[position:])
        result = "".join(pieces)
        if not self.ends_line and position > len(self.original):
            result = result.removesuffix("\n").removesuffix("\r")
        return self.mark + result


def with_line_feeds(text: str) -> str:
    r"""Return a text whose lines end with `\n`, without a byte order mark."""
    return text.removeprefix(BYTE_ORDER_MARK).replace("\r\n", "\n")
