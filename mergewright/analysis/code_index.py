"""What a commit's files define, use and import: the facts of its blobs, seen as one tree.

Facts stay packed until somebody asks for them: an index of thousands of files takes a few megabytes.
The same commit always gives the same index.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple

from mergewright.analysis.blob_facts import (
    COMPLEXITY_BOUNDS,
    Columns,
    Definition,
    Measures,
    Outcome,
    Reference,
    decode_columns,
    decode_measures,
)
from mergewright.analysis.resolution import ImportResolver


class FileState(StrEnum):
    """What was done with a file."""

    PARSED = "parsed"
    TEXT = "text"
    """No grammar reads it; it counts, and is found by text."""
    BINARY = "binary"
    GENERATED = "generated"
    VENDORED = "vendored"
    HUGE = "huge"
    """Too large to be written by hand; not read."""
    TOO_SLOW = "too-slow"
    """The parser was stopped."""
    LINK = "link"
    """A symbolic link; not followed."""
    MISSING = "missing"
    """The repository lacks the blob, as a partial clone does."""


STATES = {
    Outcome.PARSED: FileState.PARSED,
    Outcome.TEXT: FileState.TEXT,
    Outcome.BINARY: FileState.BINARY,
    Outcome.GENERATED: FileState.GENERATED,
    Outcome.TOO_SLOW: FileState.TOO_SLOW,
}


class IndexedFile(NamedTuple):
    """One file of a commit."""

    path: str
    blob: str
    size_bytes: int
    language: str
    """Empty when it is not known."""
    state: FileState


class Place(NamedTuple):
    """Where something is defined or used."""

    path: str
    line: int


class DefinedAt(NamedTuple):
    """A definition and the file it is in."""

    path: str
    definition: Definition


@dataclass(frozen=True, slots=True)
class Totals:
    """A commit in numbers."""

    files: int
    size_bytes: int
    lines: int
    """Of the files that were read."""
    files_by_state: Mapping[FileState, int]
    bytes_by_language: Mapping[str, int]
    """Of files that people here write, most first."""
    definitions: int
    references: int
    functions: int
    complexity_classes: tuple[int, ...]
    max_complexity: int
    total_complexity: int
    documentable: int
    documented: int

    @property
    def documented_share(self) -> float | None:
        """Share of functions and types that are documented; None when there are none."""
        return self.documented / self.documentable if self.documentable else None

    @property
    def mean_complexity(self) -> float | None:
        """Mean complexity of a function; None when there are none."""
        return self.total_complexity / self.functions if self.functions else None


@dataclass(frozen=True)
class CodeIndex:
    """The files of one commit, with what is known of them."""

    commit: str
    files: Sequence[IndexedFile]
    """In the order of their paths."""
    rows: Mapping[str, bytes] = field(repr=False)
    """Packed facts by path; only of files that were read."""
    submodules: tuple[str, ...] = ()
    """Paths of submodules: listed, not entered."""

    def measures(self, path: str) -> Measures | None:
        """Return a file in numbers; None when it was not read."""
        row = self.rows.get(path)
        return decode_measures(row) if row is not None else None

    def definitions(self, path: str) -> tuple[Definition, ...]:
        """Return what a file defines, in its order."""
        return self._columns(path).definitions()

    def references(self, path: str) -> tuple[Reference, ...]:
        """Return the names a file uses, by name."""
        return tuple(self._columns(path).references())

    def imports(self, path: str) -> tuple[str, ...]:
        """Return what a file imports, as written there but in one form for all languages."""
        return tuple(self._columns(path).imports)

    def find_definitions(self, name: str) -> tuple[DefinedAt, ...]:
        """Return where a name is defined, by path and line."""
        return tuple(
            DefinedAt(path, definition)
            for path in self._definers.get(name, ())
            for definition in self.definitions(path)
            if definition.name == name
        )

    def find_references(self, name: str) -> tuple[Place, ...]:
        """Return where a name is used, by path and line."""
        return tuple(
            Place(path, reference.line)
            for path in self._users.get(name, ())
            for reference in self.references(path)
            if reference.name == name
        )

    @cached_property
    def import_graph(self) -> Mapping[str, tuple[str, ...]]:
        """Which files of the commit each file imports; those that import none are left out."""
        resolver = ImportResolver(file.path for file in self.files)
        graph: dict[str, tuple[str, ...]] = {}
        for file in self.files:
            if file.state is FileState.PARSED:
                found = resolver.resolve(file.path, file.language, self.imports(file.path))
                if found:
                    graph[file.path] = found
        return graph

    @cached_property
    def totals(self) -> Totals:
        """The commit in numbers."""
        own = (FileState.PARSED, FileState.TEXT, FileState.TOO_SLOW)
        languages: Counter[str] = Counter()
        for file in self.files:
            if file.language and file.state in own:
                languages[file.language] += file.size_bytes
        measures = [decode_measures(row) for row in self.rows.values()]
        classes = (each.complexity_classes for each in measures)
        sums = [sum(column) for column in zip(*classes, strict=True)]
        return Totals(
            files=len(self.files),
            size_bytes=sum(file.size_bytes for file in self.files),
            lines=sum(each.lines for each in measures),
            files_by_state=dict(sorted(Counter(file.state for file in self.files).items())),
            bytes_by_language=dict(sorted(languages.items(), key=lambda item: (-item[1], item[0]))),
            definitions=sum(each.definitions for each in measures),
            references=sum(each.references for each in measures),
            functions=sum(each.functions for each in measures),
            complexity_classes=tuple(sums) or (0,) * (len(COMPLEXITY_BOUNDS) + 1),
            max_complexity=max((each.max_complexity for each in measures), default=0),
            total_complexity=sum(each.total_complexity for each in measures),
            documentable=sum(each.documentable for each in measures),
            documented=sum(each.documented for each in measures),
        )

    @cached_property
    def _definers(self) -> Mapping[str, list[str]]:
        return _by_name((path, columns.names) for path, columns in self._all_columns())

    @cached_property
    def _users(self) -> Mapping[str, list[str]]:
        return _by_name((path, columns.reference_names) for path, columns in self._all_columns())

    def _all_columns(self) -> Iterator[tuple[str, Columns]]:
        for file in self.files:
            if file.state is FileState.PARSED:
                yield file.path, self._columns(file.path)

    def _columns(self, path: str) -> Columns:
        row = self.rows.get(path)
        return decode_columns(row) if row is not None else Columns()


def _by_name(files: Iterator[tuple[str, Sequence[str]]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for path, names in files:
        for name in dict.fromkeys(names):
            found[name].append(path)
    return dict(found)
