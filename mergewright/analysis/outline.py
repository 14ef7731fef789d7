"""Which names, decisions and documentation belong to which definition of a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, TypedDict

from tree_sitter import Node

from mergewright.analysis.blob_facts import Kind

MAX_LINES: Final = 2**31 - 1
MAX_NAME_LENGTH: Final = 200
MAX_COMPLEXITY: Final = 65_535

_FUNCTIONS: Final = frozenset((Kind.FUNCTION, Kind.METHOD))
_METHOD_OWNERS: Final = frozenset(
    (Kind.ENUM, Kind.INTERFACE, Kind.TRAIT, Kind.IMPLEMENTATION, Kind.CLASS, Kind.OBJECT)
)
_LOCALS: Final = frozenset((Kind.CONSTANT, Kind.FIELD, Kind.DECLARATION, Kind.VARIABLE))
"""Inside a function these are nobody else's business."""

_SCOPE, _NAME, _DECISION, _DOCSTRING = range(4)


class Place(NamedTuple):
    """A node that may define something; without a kind it only keeps its names to itself."""

    kind: Kind | None
    node: Node


class DefinitionColumns(TypedDict):
    """The part of `Columns` that is about definitions."""

    names: list[str]
    kinds: bytes
    documented: bytes
    lines: list[int]
    end_lines: list[int]
    complexities: list[int]
    parents: list[int]


class _Found:
    """A definition while its file is gone through."""

    __slots__ = ("complexity", "end", "function", "is_documented", "kind", "name", "node", "parent")

    def __init__(self, place: Place, end: int, parent: "_Found | None") -> None:
        self.kind, self.node = place
        self.end = end
        self.parent = parent
        self.name = b""
        self.complexity = 0
        self.is_documented = False
        self.function: _Found | None = parent.function if parent else None
        if self.kind in _FUNCTIONS:
            self.function = self
            self.complexity = 1
        elif self.kind in _METHOD_OWNERS:
            self.function = None


@dataclass(frozen=True, slots=True)
class Outline:
    """The named nodes of a file by their places in it."""

    scopes: Mapping[tuple[int, int], Place]
    """What defines something, by start and end."""
    names: Mapping[int, int]
    """Where each name starts and ends."""
    decisions: Sequence[int]
    docstrings: Sequence[int]

    def definitions(self, content: bytes, commented: Mapping[int, int]) -> DefinitionColumns:
        """Return the definitions in the order of the file, column by column.

        Args:
            content: The file.
            commented: Rows on which a comment ends, as -1; and rows on which something ends that
                stands between a comment and its subject, with the row on which it starts.
        """
        found = [each for each in self._sweep(content) if each.name]
        places = {id(each): number for number, each in enumerate(found)}
        for each in found:
            if commented and not each.is_documented:
                each.is_documented = _is_commented(each.node.start_point[0], commented)
        return {
            "names": [_text(each.name) for each in found],
            "kinds": bytes([_kind(each) for each in found]),
            "documented": bytes([_counts_as_documented(each) for each in found]),
            "lines": [each.node.start_point[0] + 1 for each in found],
            "end_lines": [each.node.end_point[0] + 1 for each in found],
            "complexities": [min(each.complexity, MAX_COMPLEXITY) for each in found],
            "parents": [places.get(id(_named_parent(each)), -1) for each in found],
        }

    def _sweep(self, content: bytes) -> list[_Found]:
        """Go through the file once, with the definitions around each place on a stack."""
        events = [(start, _SCOPE, -end) for start, end in self.scopes]
        events += [(start, _NAME, end) for start, end in self.names.items()]
        events += [(start, _DECISION, 0) for start in self.decisions]
        events += [(start, _DOCSTRING, 0) for start in self.docstrings]
        events.sort()
        found: list[_Found] = []
        stack: list[_Found] = []
        for start, what, end in events:
            while stack and stack[-1].end <= start:
                stack.pop()
            top = stack[-1] if stack else None
            if what == _SCOPE:
                stack.append(_Found(self.scopes[start, -end], -end, top))
                found.append(stack[-1])
            elif top is None:
                continue
            elif what == _NAME:
                found.extend(_name(top, content[start:end]))
            elif what == _DECISION:
                if top.function:
                    top.function.complexity += 1
            else:
                top.is_documented = True
        return found


def _name(scope: _Found, name: bytes) -> tuple[_Found, ...]:
    """Name a definition; one that has a name already defines another thing as well."""
    is_local = scope.kind in _LOCALS and scope.function is not None
    if scope.kind is None or is_local:
        return ()
    if not scope.name:
        scope.name = name
        return ()
    if scope.kind in _FUNCTIONS:
        return ()
    other = _Found(Place(scope.kind, scope.node), scope.end, scope.parent)
    other.name = name
    return (other,)


def _named_parent(found: _Found) -> _Found | None:
    parent = found.parent
    while parent is not None and not parent.name:
        parent = parent.parent
    return parent


def _kind(found: _Found) -> Kind:
    parent = _named_parent(found) if found.kind is Kind.FUNCTION else None
    if parent is not None and parent.kind in _METHOD_OWNERS:
        return Kind.METHOD
    return Kind.VARIABLE if found.kind is None else found.kind


def _counts_as_documented(found: _Found) -> bool:
    kind = found.kind
    counts = kind is not None and kind <= Kind.OBJECT and kind is not Kind.IMPLEMENTATION
    return counts and found.is_documented


def _is_commented(row: int, commented: Mapping[int, int]) -> bool:
    while (above := commented.get(row - 1)) is not None:
        if above < 0 or above >= row:
            return True
        row = above
    return False


def _text(name: bytes) -> str:
    """Return a name as text, without what only marks it as a symbol or a string."""
    return b" ".join(name.strip(b":'\"").split())[:MAX_NAME_LENGTH].decode(errors="replace")
