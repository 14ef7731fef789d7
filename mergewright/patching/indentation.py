"""How the indentation of a file follows from that of an edit which has another.

A model may leave a common indentation out, or write spaces where a file has tabs. The lines that are
there in both tell how one becomes the other; lines to add are indented by that.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import gcd

_UNITS = ("    ", "\t", "  ", "        ", "   ")


@dataclass(frozen=True, slots=True)
class IndentMap:
    """The file's indentation for each of an edit's."""

    known: tuple[tuple[str, str], ...]
    consistent: bool
    """Whether each of the edit's indentations stands for one only of the file's."""

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> "IndentMap":
        """Learn from an edit's indentations and the file's, line by line."""
        counts: dict[str, Counter[str]] = {}
        for own, theirs in pairs:
            counts.setdefault(own, Counter())[theirs] += 1
        known = tuple((own, seen.most_common(1)[0][0]) for own, seen in counts.items())
        return cls(known, all(len(seen) == 1 for seen in counts.values()))

    @property
    def changes(self) -> bool:
        """Whether any indentation differs."""
        return any(own != theirs for own, theirs in self.known)

    @property
    def plausible(self) -> bool:
        """Whether a shift of all of them, or another unit, explains how they differ."""
        if not self.consistent:
            return False
        if not self.changes:
            return True
        return all(
            theirs in {*self._shifted(own), *self._in_other_units(own)}
            for own, theirs in self.known
        )

    def translate(self, indent: str) -> str | None:
        """Return the file's indentation for one of the edit's, or None when nothing tells it."""
        known = dict(self.known)
        if not self.changes:
            return indent
        if indent in known:
            return known[indent]
        for guess in (*self._shifted(indent), *self._in_other_units(indent)):
            return guess
        longest = max((own for own in known if indent.startswith(own)), key=len, default=None)
        if not longest:
            return None
        return known[longest] + indent[len(longest) :]

    def _shifted(self, indent: str) -> Iterator[str]:
        """Yield the indentation if a part of all of them was left out, or added."""
        own, theirs = self.known[0]
        missing = theirs.removesuffix(own)
        if all(theirs == missing + own for own, theirs in self.known):
            yield missing + indent
        surplus = own.removesuffix(theirs)
        if all(own == surplus + theirs for own, theirs in self.known):
            yield from (indent[len(surplus) :],) if indent.startswith(surplus) else ()

    def _in_other_units(self, indent: str) -> Iterator[str]:
        """Yield the indentation if levels are written otherwise, those without a shift first."""
        found: list[tuple[int, str]] = []
        for own_unit, unit in product(_UNITS, _UNITS):
            shifts = {_shift(own, own_unit, theirs, unit) for own, theirs in self.known}
            if own_unit == unit or len(shifts) != 1 or None in shifts:
                continue
            levels, rest = _levels(indent, own_unit)
            (shift,) = shifts
            if shift and "\t" not in {own_unit, unit}:
                continue
            if shift is not None and levels + shift >= 0:
                found.append((abs(shift), unit * (levels + shift) + rest))
        yield from (text for _, text in sorted(found, key=lambda item: item[0]))


def _levels(indent: str, unit: str) -> tuple[int, str]:
    rest = indent.lstrip(unit[0]) if unit == "\t" else indent
    if unit == "\t":
        return len(indent) - len(rest), rest
    count = (len(indent) - len(indent.lstrip(" "))) // len(unit)
    return count, indent[count * len(unit) :]


def _shift(own: str, own_unit: str, theirs: str, unit: str) -> int | None:
    own_levels, own_rest = _levels(own, own_unit)
    levels, rest = _levels(theirs, unit)
    return levels - own_levels if own_rest == rest else None


def tabs_meant(lines: Sequence[str], added: Sequence[str]) -> IndentMap | None:
    """Return how spaces become tabs when a file has tabs only and nothing else tells.

    Args:
        lines: The file.
        added: The lines to add.
    """
    if not any(line.startswith("\t") for line in lines):
        return None
    if any(line.startswith("  ") for line in lines):
        return None
    widths = [len(line) - len(line.lstrip(" ")) for line in added if line.strip()]
    unit = gcd(*widths)
    if unit not in {2, 4, 8} or any(line.startswith("\t") for line in added):
        return None
    steps = range(1, max(widths) // unit + 1)
    return IndentMap(tuple((" " * unit * step, "\t" * step) for step in steps), consistent=True)
