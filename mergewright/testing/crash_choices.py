"""Which crash points of a run are tried: all, a sample, or those that are named."""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from itertools import count, islice

from mergewright.errors import SettingInvalid
from mergewright.testing.crashing_store import CrashPoint

Choice = Callable[[Sequence[CrashPoint]], Sequence[CrashPoint]]
"""Chooses the points to try."""


def every_point(points: Sequence[CrashPoint]) -> Sequence[CrashPoint]:
    """Choose all of them."""
    return points


def sample(step: int) -> Choice:
    """Return the choice of every `step`-th point and of all points at effects."""

    def choose(points: Sequence[CrashPoint]) -> Sequence[CrashPoint]:
        return [
            point for place, point in enumerate(points) if place % step == 0 or point.is_at_effect
        ]

    return choose


def spread(at_most: int) -> Choice:
    """Return the choice of so many points, of every kind of write in turn and from all over the run."""

    def choose(points: Sequence[CrashPoint]) -> Sequence[CrashPoint]:
        kinds: defaultdict[str, list[CrashPoint]] = defaultdict(list)
        for point in points:
            kinds[point.write].append(point)
        # the kinds with many points come first: a second point of each is worth more there
        ordered = sorted(kinds.values(), key=len, reverse=True)
        turns = (kind for turn in count() for kind in ordered if turn < len(kind))
        shares = Counter(id(kind) for kind in islice(turns, min(at_most, len(points))))
        chosen = [one for kind in ordered for one in _evenly(kind, shares[id(kind)])]
        return sorted(chosen, key=points.index)

    return choose


def _evenly(points: Sequence[CrashPoint], number: int) -> list[CrashPoint]:
    """Return so many of the points, as far apart as they can be."""
    return [points[(2 * place + 1) * len(points) // (2 * number)] for place in range(number)]


def only(*names: str) -> Choice:
    """Return the choice of the points with these names, such as `51-before`.

    Raises:
        SettingInvalid: When it chooses: the run passes no such point.
    """

    def choose(points: Sequence[CrashPoint]) -> Sequence[CrashPoint]:
        by_name = {point.name: point for point in points}
        if unknown := [name for name in names if name not in by_name]:
            known = f"from {points[0].name} to {points[-1].name}" if points else "none at all"
            raise SettingInvalid(
                f"There is no crash point {unknown[0]!r}.",
                hint=f"The run passes {len(points)} points, {known}.",
            )
        return [by_name[name] for name in names]

    return choose
