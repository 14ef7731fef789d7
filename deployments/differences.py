"""What would change on a server: one line per thing, with the fields that differ."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

from deployments.desired import Wanted

Json = dict[str, Any]
KINDS = ("limits", "variables", "pools", "deployments", "automations")
"""In the order in which they are made: each may name those before it."""
MAX_SHOWN = 100
_FILLED_IN = frozenset({"trigger", "actions", "schedules"})
"""Fields to whose parts the server adds ids and defaults."""


class Difference(NamedTuple):
    """A field, what it is and what it is to be."""

    field: str
    before: str
    after: str


class Change(NamedTuple):
    """What becomes of one thing on the server."""

    kind: str
    name: str
    outcome: Literal["create", "change", "remove", "leave"]
    """`leave`: it is ours, no file names it any more, and nobody asked to prune."""
    differences: tuple[Difference, ...] = ()


def changes_between(
    found: Wanted, wanted: Wanted, kept: set[tuple[str, str]], *, prune: bool
) -> tuple[Change, ...]:
    """Return what would change, in the order in which it is done; removals last.

    Args:
        found: What the server holds.
        wanted: What it is to hold.
        kept: What `apply` made, by kind and name: nothing else is ever removed.
        prune: Remove what is ours and wanted no more.
    """
    changes: list[Change] = []
    removed: list[Change] = []
    for kind in KINDS:
        there: Mapping[str, Json] = getattr(found, kind)
        asked: Mapping[str, Json] = getattr(wanted, kind)
        for name, state in asked.items():
            if name not in there:
                changes.append(Change(kind, name, "create"))
            elif differing := tuple(_differences(there[name], state)):
                changes.append(Change(kind, name, "change", differing))
        outcome: Literal["remove", "leave"] = "remove" if prune else "leave"
        removed += [
            Change(kind, name, outcome)
            for name in there
            if name not in asked and (kind, name) in kept
        ]
    return (*changes, *reversed(removed))


def _differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[Difference]:
    for field, value in wanted.items():
        before = found.get(field)
        same = _holds(before, value) if field in _FILLED_IN else before == value
        if not same:
            yield Difference(field, _shown(before), _shown(value))


def _holds(found: object, wanted: object) -> bool:
    """Whether the server holds what is wanted; what it fills in of its own is not looked at."""
    if not wanted and not found:
        return True
    if isinstance(wanted, dict) and isinstance(found, dict):
        return all(_holds(found.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list) and isinstance(found, list):
        return len(found) == len(wanted) and all(map(_holds, found, wanted))
    return bool(found == wanted)


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True)
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"
