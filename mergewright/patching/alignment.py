"""Which lines of a file a hunk stands for when some of its lines are missing, other or too many.

Lines are aligned in their order, near the places with which the hunk shares most lines, so that the
time does not grow with the file times the hunk. A line to remove must be there word by word.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from mergewright.patching.folding import fold_line, fold_words
from mergewright.patching.hunks import ADDED, REMOVED, Hunk
from mergewright.patching.likeness import Likeness
from mergewright.patching.matchers import Match

LEAST_SCORE = 0.6
LEAST_MARGIN = 0.2
LEAST_LIKENESS = 0.5
MAX_HUNK_LINES = 400
MAX_PLACES_TRIED = 6
SKIP_COST = 0.08
"""A line of the file that the hunk leaves out between two of its own."""
INDENTED_OTHERWISE = 0.5
"""How alike lines are that differ in their indentation, unless all of the hunk's do."""
TELLING_CHARACTERS = 3
_IMPOSSIBLE = float("-inf")
_UNFOUND, _FOUND, _SKIPPED = range(3)


class Place(NamedTuple):
    """A way to align a hunk with a file."""

    score: float
    """How much of the hunk is there, from 0 to 1."""
    match: Match


def _best(places: Sequence[Place | None]) -> Place | None:
    found = [place for place in places if place is not None]
    return max(found, key=lambda place: place.score, default=None)


def weight_of(line: str) -> float:
    """Return how much it says that a line is there: less for brackets, little for none."""
    marks = sum(character.isalnum() for character in line[:8])
    return 0.1 if not line else 0.4 if marks < TELLING_CHARACTERS else 1.0


class Aligner:
    """Aligns one hunk with one file."""

    def __init__(
        self, lines: Sequence[str], hunk: Hunk, key: Callable[[str], str] = fold_line
    ) -> None:
        """Prepare.

        Args:
            lines: The file.
            hunk: What to find.
            key: Lines are the same if their keys are.
        """
        self._keys = [key(line) for line in lines]
        self._old_keys = [key(line) for line in hunk.old]
        self._lines = [fold_words(line) for line in lines]
        self._old = [fold_words(line) for line in hunk.old]
        self._weights = [weight_of(line) for line in self._old]
        self._removed = hunk.removed
        self._near = None if hunk.near_line is None else hunk.near_line - 1
        self._sites = sites_of(hunk)
        self._slack = 4 + min(len(self._old) // 10, 8)
        self._likeness = Likeness()

    def places(self) -> list[Place]:
        """Return the best place, the best other one, and those as good with other lines.

        The first two tell whether the best is clear; if not, a line number may decide among all.
        """
        if len(self._old) > MAX_HUNK_LINES or not self._old:
            return []
        diagonals = self._diagonals()
        found = [self._align(diagonal, self._removed, {}) for diagonal in diagonals]
        best = _best(found)
        if best is None:
            return []
        taken = {index: best.match.rows[index] for index in self._sites}
        required = self._removed | {index for index, row in taken.items() if row is not None}
        others = [self._align(diagonal, required, taken) for diagonal in diagonals]
        rival = _best(others)
        if rival is None:
            return [best]
        known = {best.match.first, rival.match.first}
        more = [
            place
            for place in found
            if place is not None and best.score - place.score < LEAST_MARGIN
        ]
        elsewhere = {place.match.first: place for place in more}
        return [best, rival, *(elsewhere[row] for row in sorted(elsewhere) if row not in known)]

    def _diagonals(self) -> list[int]:
        """Return where the hunk would start by most of the lines that are there word by word."""
        rows = defaultdict[str, list[int]](list)
        wanted = set(self._old)
        for row, line in enumerate(self._lines):
            if line in wanted:
                rows[line].append(row)
        votes: Counter[int] = Counter()
        for index, line in enumerate(self._old):
            weight = self._weights[index] / (1 + len(rows[line])) ** 0.5
            for row in rows[line][:2_000]:
                votes[row - index] += weight
        chosen = [] if self._near is None else [self._near]
        for diagonal, _ in sorted(votes.items(), key=lambda item: (-item[1], item[0])):
            if all(abs(diagonal - other) > self._slack // 2 for other in chosen):
                chosen.append(diagonal)
            if len(chosen) > MAX_PLACES_TRIED:
                break
        return chosen

    def _align(
        self, diagonal: int, required: frozenset[int], taken: dict[int, int | None]
    ) -> Place | None:
        """Return the best alignment that starts at about the diagonal's row.

        Args:
            diagonal: The row of the file that the hunk's first line would be.
            required: Lines of the hunk that must be found.
            taken: Rows at which lines of the hunk must not be found.
        """
        width = 2 * self._slack + 1
        low = diagonal - self._slack
        scores = [[0.0] * (width + 1)]
        steps: list[bytearray] = []
        for index in range(len(self._old)):
            row, step = self._next(scores[-1], index, low + index, required, taken.get(index))
            scores.append(row)
            steps.append(step)
        column = max(range(width), key=lambda at: scores[-1][at])
        total = sum(self._weights)
        score = min(scores[-1][column] / total, 1.0) if total else 0.0
        if score <= 0:
            return None
        return Place(score, Match(self._trace(steps, column, low)))

    def _next(
        self,
        before: list[float],
        index: int,
        low: int,
        required: frozenset[int],
        taken: int | None,
    ) -> tuple[list[float], bytearray]:
        """Return the scores up to one line of the hunk, by the column of the file's last row."""
        width = len(before) - 1
        row, step = [_IMPOSSIBLE] * (width + 1), bytearray(width)
        for column in range(width):
            # One column to the right is the same row of the file: the band moves with the hunk.
            best = _IMPOSSIBLE if index in required else before[column + 1]
            at = low + column
            if at != taken and before[column] + self._weights[index] > best:
                gain = self._gain(index, at)
                if gain is not None and before[column] + gain > best:
                    best, step[column] = before[column] + gain, _FOUND
            if column and row[column - 1] - SKIP_COST > best:
                best, step[column] = row[column - 1] - SKIP_COST, _SKIPPED
            row[column] = best
        return row, step

    def _gain(self, index: int, row: int) -> float | None:
        if not 0 <= row < len(self._lines):
            return None
        if self._old_keys[index] == self._keys[row]:
            return self._weights[index]
        if index in self._removed:
            return None
        likeness = self._likeness.between(self._old[index], self._lines[row])
        if likeness < LEAST_LIKENESS:
            return None
        return self._weights[index] * (INDENTED_OTHERWISE if likeness == 1.0 else likeness)

    @staticmethod
    def _trace(steps: list[bytearray], column: int, low: int) -> tuple[int | None, ...]:
        rows: list[int | None] = [None] * len(steps)
        index = len(steps) - 1
        while index >= 0 and column < len(steps[index]):
            step = steps[index][column]
            if step == _SKIPPED:
                column -= 1
                continue
            if step == _FOUND:
                rows[index] = low + index + column
            else:
                column += 1
            index -= 1
        return tuple(rows)


def sites_of(hunk: Hunk) -> frozenset[int]:
    """Return the lines to find that say where the change is: what goes, and what is beside it."""
    sites: set[int] = set()
    index = 0
    for line in hunk.lines:
        if line.tag == ADDED:
            sites.update((index - 1, index))
        else:
            if line.tag == REMOVED:
                sites.add(index)
            index += 1
    return frozenset(site for site in sites if 0 <= site < index)
