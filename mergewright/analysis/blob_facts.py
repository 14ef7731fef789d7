"""What is known of one blob, and its compact form: a fixed head, then compressed columns.

The head is read without decompressing anything: the totals of a tree of thousands of files come
from heads alone. Nothing is executed when a row is read, and a row that was damaged is recognised.
"""

import struct
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import Final, NamedTuple

COMPLEXITY_BOUNDS: Final = (5, 10, 20, 50)
"""Upper bounds of the classes in which functions are counted by complexity; the last is open."""

_HEAD: Final = struct.Struct("<BBIIIIIII5III")
_LENGTHS: Final = struct.Struct("<5I")
_COMPRESSION_LEVEL: Final = 1


class Outcome(IntEnum):
    """What came of reading a blob."""

    PARSED = 0
    TEXT = 1
    """No grammar reads it; it is found by text."""
    BINARY = 2
    GENERATED = 3
    """Its first lines say that a machine wrote it, or it is minified."""
    TOO_SLOW = 4
    """The parser was stopped; it is found by text."""


class Kind(IntEnum):
    """What a definition defines; of two kinds that claim the same place, the lower one wins."""

    FUNCTION = 0
    METHOD = 1
    ENUM = 2
    INTERFACE = 3
    TRAIT = 4
    IMPLEMENTATION = 5
    CLASS = 6
    OBJECT = 7
    MODULE = 8
    MACRO = 9
    TYPE = 10
    TABLE = 11
    VIEW = 12
    INDEX = 13
    TRIGGER = 14
    SEQUENCE = 15
    PROPERTY = 16
    CONSTANT = 17
    MEMBER = 18
    FIELD = 19
    DECLARATION = 20
    VARIABLE = 21


class Definition(NamedTuple):
    """A name that a file defines."""

    name: str
    kind: Kind
    line: int
    end_line: int
    complexity: int
    """Decisions plus one of a function; 0 for everything else."""
    is_documented: bool
    parent: int
    """Place of the definition around it in the file's list; -1 at the top."""


class Reference(NamedTuple):
    """A use of a name: a call, a type, a base class, a decorator, a component."""

    name: str
    line: int


class Measures(NamedTuple):
    """A blob in numbers."""

    outcome: Outcome
    has_module_docstring: bool
    lines: int
    definitions: int
    references: int
    functions: int
    documentable: int
    documented: int
    max_complexity: int
    complexity_classes: tuple[int, ...]
    """How many functions lie within each of `COMPLEXITY_BOUNDS`, and above the last."""
    total_complexity: int
    imports: int


@dataclass(frozen=True, slots=True)
class Columns:
    """Definitions, references and imports of a blob, column by column."""

    names: Sequence[str] = ()
    kinds: bytes = b""
    documented: bytes = b""
    lines: Sequence[int] = ()
    end_lines: Sequence[int] = ()
    complexities: Sequence[int] = ()
    parents: Sequence[int] = ()
    reference_names: Sequence[str] = ()
    """Each name once, sorted."""
    reference_counts: Sequence[int] = ()
    """How many of the lines belong to each name."""
    reference_lines: Sequence[int] = ()
    imports: Sequence[str] = ()

    def definitions(self) -> tuple[Definition, ...]:
        """Return the definitions in the order of the file."""
        columns = zip(
            self.names,
            map(Kind, self.kinds),
            self.lines,
            self.end_lines,
            self.complexities,
            map(bool, self.documented),
            self.parents,
            strict=True,
        )
        return tuple(map(Definition._make, columns))

    def references(self) -> Iterator[Reference]:
        """Yield the references by name, then by line."""
        place = 0
        for name, count in zip(self.reference_names, self.reference_counts, strict=True):
            for line in self.reference_lines[place : place + count]:
                yield Reference(name, line)
            place += count


def encode(measures: Measures, columns: Columns | None = None) -> bytes:
    """Return the stored form of what is known of a blob."""
    classes = measures.complexity_classes
    head = _HEAD.pack(*measures[:9], *classes, measures.total_complexity, measures.imports)
    if columns is None:
        return head
    texts = [
        "\n".join(names).encode()
        for names in (columns.names, columns.reference_names, columns.imports)
    ]
    numbers = (
        columns.lines,
        columns.end_lines,
        columns.complexities,
        columns.parents,
        columns.reference_counts,
        columns.reference_lines,
    )
    lengths = _LENGTHS.pack(len(columns.names), len(columns.reference_names), *map(len, texts))
    body = b"".join(
        (
            lengths,
            columns.kinds,
            columns.documented,
            *(array("i", column).tobytes() for column in numbers),
            *texts,
        )
    )
    return head + zlib.compress(body, _COMPRESSION_LEVEL)


def decode_measures(row: bytes) -> Measures:
    """Return the numbers of a stored blob.

    Raises:
        ValueError: The row is damaged.
    """
    try:
        outcome, has_docstring, *values = _HEAD.unpack_from(row)
        return Measures._make(
            (Outcome(outcome), bool(has_docstring), *values[:7], tuple(values[7:12]), *values[12:])
        )
    except struct.error as error:
        raise ValueError(f"a row of {len(row)} bytes is too short") from error


def decode_columns(row: bytes) -> Columns:
    """Return the definitions, references and imports of a stored blob.

    Raises:
        ValueError: The row is damaged.
    """
    if len(row) == _HEAD.size:
        return Columns()
    try:
        body = zlib.decompress(memoryview(row)[_HEAD.size :])
        return _columns(body)
    except (zlib.error, struct.error) as error:
        raise ValueError(f"a row is damaged: {error}") from error


def _columns(body: bytes) -> Columns:
    count, distinct, *text_sizes = _LENGTHS.unpack_from(body)
    numbers_at = _LENGTHS.size + 2 * count
    texts_at = len(body) - sum(text_sizes)
    numbers = array("i", body[numbers_at:texts_at])
    bounds = [0]
    for size in (count, count, count, count, distinct):
        bounds.append(bounds[-1] + size)
    columns = [numbers[start:end] for start, end in pairwise(bounds)]
    texts = []
    for size in text_sizes:
        text = body[texts_at : texts_at + size].decode()
        texts.append(tuple(text.split("\n")) if text else ())
        texts_at += size
    return Columns(
        names=texts[0],
        kinds=body[_LENGTHS.size : _LENGTHS.size + count],
        documented=body[_LENGTHS.size + count : numbers_at],
        lines=columns[0],
        end_lines=columns[1],
        complexities=columns[2],
        parents=columns[3],
        reference_names=texts[1],
        reference_counts=columns[4],
        reference_lines=numbers[bounds[-1] :],
        imports=texts[2],
    )
