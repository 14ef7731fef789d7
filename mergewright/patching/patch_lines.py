"""The lines of a patch that is being read, and what to say of one that has no meaning there."""

from typing import NoReturn

from mergewright.errors import EditConflict
from mergewright.patching.line_ends import with_line_feeds

MAX_LINE_CHARACTERS = 120


class PatchLines:
    """A patch and how far it was read; a code fence around it is left out."""

    def __init__(self, text: str) -> None:
        self._lines = with_line_feeds(text).split("\n")
        if not self._lines[-1]:
            self._lines.pop()
        self._index = next((at for at, line in enumerate(self._lines) if line.strip()), 0)
        if self.line.startswith("```"):
            self._index += 1
            while not self._lines[-1].strip():
                self._lines.pop()
            if self._lines[-1].strip() == "```" and len(self._lines) > self._index:
                self._lines.pop()

    @property
    def at_end(self) -> bool:
        """Whether all was read."""
        return self._index >= len(self._lines)

    @property
    def line(self) -> str:
        """The line to read now; empty at the end."""
        return self.after(0)

    @property
    def number(self) -> int:
        """Its number in the patch, counted from 1."""
        return self._index + 1

    def after(self, count: int) -> str:
        """Return a line further on; empty behind the end."""
        index = self._index + count
        return self._lines[index] if index < len(self._lines) else ""

    def advance(self) -> None:
        """Go on to the next line."""
        self._index += 1


def refuse_line(lines: PatchLines, why: str) -> NoReturn:
    """Say which line of the patch has no meaning, and why.

    Raises:
        EditConflict: Always.
    """
    if lines.at_end:
        raise EditConflict(
            f"The patch ends after line {lines.number - 1}; what follows {why}.",
            hint="Send the whole patch.",
        )
    raise EditConflict(
        f"Line {lines.number} of the patch, {lines.line[:MAX_LINE_CHARACTERS]!r}, {why}.",
        hint="Correct that line and send the whole patch again.",
    )
