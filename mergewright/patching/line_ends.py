r"""A text with `\n` line ends that remembers where the original had `\r\n`."""

from bisect import bisect_left
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlainText:
    """A text without carriage returns before line feeds, and the way back to the original."""

    original: str
    text: str
    removed: tuple[int, ...]
    """Offsets in `text` of the line feeds that follow a carriage return in the original."""

    @classmethod
    def of(cls, original: str) -> "PlainText":
        """Take the carriage returns out of the line ends."""
        removed: list[int] = []
        position = original.find("\r\n")
        while position >= 0:
            removed.append(position - len(removed))
            position = original.find("\r\n", position + 2)
        return cls(original, original.replace("\r\n", "\n"), tuple(removed))

    @property
    def line_end(self) -> str:
        """How most lines of the original end."""
        feeds = self.text.count("\n")
        return "\r\n" if 2 * len(self.removed) > feeds else "\n"

    def original_offset(self, offset: int) -> int:
        """Return the place in the original of an offset in `text`."""
        return offset + bisect_left(self.removed, offset)

    def line_number(self, offset: int) -> int:
        """Return the line of an offset in `text`, counted from 1."""
        return self.text.count("\n", 0, offset) + 1
