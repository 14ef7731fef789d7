"""How alike two lines are, in a time that grows with their length and no faster."""

from dataclasses import dataclass, field

MAX_COMPARED_CHARACTERS = 300


@dataclass(slots=True)
class Likeness:
    """Compares lines by the pairs of neighbouring characters that they have in common."""

    pairs: dict[str, frozenset[str]] = field(default_factory=dict)
    """What was taken apart already."""

    def between(self, one: str, other: str) -> float:
        """Return how alike two lines are, from 0 to 1."""
        if one == other:
            return 1.0
        first, second = self._pairs(one), self._pairs(other)
        total = len(first) + len(second)
        return min(2 * len(first & second) / total, 0.99) if total else 0.0

    def _pairs(self, line: str) -> frozenset[str]:
        found = self.pairs.get(line)
        if found is None:
            short = line[:MAX_COMPARED_CHARACTERS]
            found = frozenset(short[index : index + 2] for index in range(len(short) - 1))
            self.pairs[line] = found
        return found
