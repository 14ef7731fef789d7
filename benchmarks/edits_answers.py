"""An edit as a model answers it: the lines of its hunks, and the truth about the file."""

from dataclasses import dataclass

from benchmarks.edits_cases import Case
from mergewright.patching.hunks import ADDED, KEPT, REMOVED, HunkLine


@dataclass(frozen=True, slots=True)
class Answer:
    """The lines of each hunk as the model sends them, where it thinks they are, and the truth."""

    path: str
    before: str
    after: str
    hunks: tuple[tuple[HunkLine, ...], ...]
    starts: tuple[int, ...]
    numbered: bool = True
    """Whether only a line number tells which place is meant."""
    must_refuse: bool = False
    """Whether applying it at all would be wrong."""


@dataclass(slots=True)
class Edit:
    """A whole file as kept, removed and added lines; hunks are parts of it."""

    path: str
    lines: list[HunkLine]
    spans: list[tuple[int, int]]

    @classmethod
    def of(cls, case: Case, context_lines: int) -> "Edit":
        """Compare both texts, and take what is near a change as its hunk."""
        lines = list(case.lines)
        changed = [index for index, line in enumerate(lines) if line.tag != KEPT]
        spans: list[tuple[int, int]] = []
        for index in changed:
            start = max(index - context_lines, 0)
            end = min(index + context_lines + 1, len(lines))
            if spans and start <= spans[-1][1]:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
        return cls(case.path, lines, spans)

    def answer(self) -> Answer:
        """Return the answer without any damage."""
        hunks = tuple(tuple(self.lines[start:end]) for start, end in self.spans)
        starts = tuple(
            1 + sum(line.tag != ADDED for line in self.lines[:start]) for start, _ in self.spans
        )
        return Answer(self.path, self.text(ADDED), self.text(REMOVED), hunks, starts)

    def text(self, without: str) -> str:
        """Return the file before (without the added lines) or after (without the removed)."""
        return "".join(f"{line.text}\n" for line in self.lines if line.tag != without)
