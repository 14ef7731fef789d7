"""One parse of a blob becomes its facts: definitions, references, imports, complexity, documentation.

The query names nodes; here they are put into order by their place in the file. A name belongs to
the innermost node around it that defines something, a decision to the innermost function.
"""

from collections.abc import Iterable, Mapping
from itertools import chain, repeat
from operator import attrgetter
from types import MappingProxyType
from typing import Final, TypedDict

from tree_sitter import Node

from mergewright.analysis.blob_facts import (
    COMPLEXITY_BOUNDS,
    Columns,
    Kind,
    Measures,
    Outcome,
)
from mergewright.analysis.generated import is_generated_text
from mergewright.analysis.grammars import GRAMMARS, TooSlow, load_grammar
from mergewright.analysis.imports import read_imports
from mergewright.analysis.outline import MAX_LINES, Outline, Place

EXTRACTION_VERSION: Final = 2
"""To be raised with every change of what is read from a file: stored facts are then read anew."""

PROBED_BYTES: Final = 8_000

_KINDS: Final = tuple((kind, kind.name.lower()) for kind in reversed(Kind))
_CALL_KINDS: Final[Mapping[str, tuple[Kind, tuple[bytes, ...]]]] = MappingProxyType(
    {
        "accessor": (Kind.FIELD, (b"attr_accessor", b"attr_reader", b"attr_writer")),
        "definer": (Kind.FUNCTION, (b"define_method", b"alias_method", b"scope")),
        "define": (Kind.CONSTANT, (b"define",)),
    }
)
"""Calls that define something, by the words they begin with."""

_LOADERS: Final = frozenset((b"require", b"import", b"load"))
_BESIDE_LOADERS: Final = frozenset((b"require_relative", b"source", b"."))
_OPERATORS: Final = frozenset((b"&&", b"||"))
_DOC_STARTS: Final[Mapping[str, tuple[bytes, ...]]] = MappingProxyType(
    {
        "go": (b"//", b"/*"),
        "rust": (b"///", b"/**"),
        "ruby": (b"#", b"=begin"),
        "bash": (b"#",),
        "sql": (b"--", b"/*"),
        "c": (b"/*", b"//"),
        "cpp": (b"/*", b"//"),
        "csharp": (b"///", b"/**"),
        "swift": (b"///", b"/**"),
    }
)
_BLOCK_DOC: Final = (b"/**",)
_PLACE: Final = attrgetter("start_byte", "end_byte")
_SPAN: Final = attrgetter("start_byte", "end_byte", "start_point")


class ReferenceColumns(TypedDict):
    """The part of `Columns` that is about references."""

    reference_names: list[str]
    reference_counts: list[int]
    reference_lines: list[int]


def read_blob(language: str, content: bytes) -> tuple[Measures, Columns | None]:
    """Return what there is to know of a blob.

    Args:
        language: Name of its language; one without a grammar is counted only.
        content: Its bytes, in whatever encoding.

    Raises:
        ConfigError: The grammar of a known language does not load.
    """
    unparsed = read_without_parsing(language, content)
    if unparsed is not None:
        return unparsed, None
    grammar, lines = GRAMMARS[language], count_lines(content)
    try:
        captures = load_grammar(grammar).captures(content)
    except TooSlow:
        return unread(Outcome.TOO_SLOW, lines), None
    columns = _columns(grammar, content, captures)
    return _measure(lines, columns, has_docstring="module_docstring" in captures), columns


def read_without_parsing(language: str, content: bytes) -> Measures | None:
    """Return what there is to know of a blob that no grammar is to read; None of any other."""
    if b"\0" in content[:PROBED_BYTES]:
        return unread(Outcome.BINARY, 0)
    if is_generated_text(content):
        return unread(Outcome.GENERATED, count_lines(content))
    return None if language in GRAMMARS else unread(Outcome.TEXT, count_lines(content))


def count_lines(content: bytes) -> int:
    """Return how many lines a file has, also where the last one has no end."""
    return min(content.count(b"\n") + (not content.endswith(b"\n") and bool(content)), MAX_LINES)


def unread(outcome: Outcome, lines: int) -> Measures:
    """Return the numbers of a blob that no grammar read."""
    classes = (0,) * (len(COMPLEXITY_BOUNDS) + 1)
    return Measures(outcome, False, lines, 0, 0, 0, 0, 0, 0, classes, 0, 0)


def _columns(grammar: str, content: bytes, captures: Mapping[str, list[Node]]) -> Columns:
    get = captures.get
    names = dict(map(_PLACE, get("name", ())))
    outline = Outline(
        scopes=_scopes(content, captures),
        names=names,
        decisions=_decisions(content, captures),
        docstrings=[node.start_byte for node in get("docstring", ())],
    )
    commented = _commented_lines(grammar, content, captures)
    definitions = outline.definitions(content, commented)
    references = _references(content, get("reference", ()), names)
    return Columns(
        **definitions,
        **references,
        imports=_imports(grammar, content, captures),
    )


def _scopes(content: bytes, captures: Mapping[str, list[Node]]) -> dict[tuple[int, int], Place]:
    """Return what defines something by its place; a better kind replaces a lesser one."""
    found: dict[tuple[int, int], Place] = {}
    for capture, (kind, words) in _CALL_KINDS.items():
        for node in captures.get(capture, ()):
            defines = content.startswith(words, node.start_byte)
            found.setdefault(_PLACE(node), Place(kind if defines else None, node))
            if defines:
                found[_PLACE(node)] = Place(kind, node)
    for kind, capture in _KINDS:
        for node in captures.get(capture, ()):
            found[_PLACE(node)] = Place(kind, node)
    return found


def _decisions(content: bytes, captures: Mapping[str, list[Node]]) -> list[int]:
    starts = [node.start_byte for node in captures.get("decision", ())]
    operators = map(_PLACE, captures.get("operator", ()))
    starts.extend(start for start, end in operators if content[start:end] in _OPERATORS)
    return starts


def _references(
    content: bytes, nodes: Iterable[Node], names: Mapping[int, int]
) -> ReferenceColumns:
    lines: dict[bytes, list[int]] = {}
    add = lines.setdefault
    for start, end, point in map(_SPAN, nodes):
        if start not in names:
            add(content[start:end], []).append(point[0] + 1)
    ordered = sorted(lines)
    return {
        "reference_names": [name.decode(errors="replace") for name in ordered],
        "reference_counts": [len(lines[name]) for name in ordered],
        "reference_lines": list(chain.from_iterable(sorted(lines[name]) for name in ordered)),
    }


def _imports(grammar: str, content: bytes, captures: Mapping[str, list[Node]]) -> tuple[str, ...]:
    def texts(capture: str) -> list[str]:
        nodes = captures.get(capture, ())
        return [content[n.start_byte : n.end_byte].decode(errors="replace") for n in nodes]

    imported = texts("import")
    beside = texts("import_module") + texts("import_relative")
    callees = sorted(map(_PLACE, captures.get("callee", ())))
    arguments = sorted(map(_PLACE, captures.get("argument", ())))
    for callee, argument in zip(callees, arguments, strict=False):
        loader = content[slice(*callee)]
        if loader in _LOADERS or loader in _BESIDE_LOADERS:
            into = imported if loader in _LOADERS else beside
            into.append(content[slice(*argument)].decode(errors="replace"))
    return read_imports(grammar, imported, beside) if imported or beside else ()


def _commented_lines(
    grammar: str, content: bytes, captures: Mapping[str, list[Node]]
) -> dict[int, int]:
    """Return the rows on which a comment ends (as -1) or something between it and its subject."""
    starts = _DOC_STARTS.get(grammar, _BLOCK_DOC)
    rows = {_last_row(node): node.start_point[0] for node in captures.get("glue", ())}
    documents = (
        node
        for node in captures.get("comment", ())
        if content.startswith(starts, node.start_byte) and not _is_shebang(content, node)
    )
    rows.update(zip(map(_last_row, documents), repeat(-1)))
    return rows


def _is_shebang(content: bytes, node: Node) -> bool:
    return node.start_byte == 0 and content.startswith(b"#!")


def _last_row(node: Node) -> int:
    row, column = node.end_point
    return row - 1 if column == 0 else row


def _measure(lines: int, columns: Columns, *, has_docstring: bool) -> Measures:
    complexities = [value for value in columns.complexities if value]
    classes = [0] * (len(COMPLEXITY_BOUNDS) + 1)
    for value in complexities:
        classes[sum(value > bound for bound in COMPLEXITY_BOUNDS)] += 1
    return Measures(
        outcome=Outcome.PARSED,
        has_module_docstring=has_docstring,
        lines=lines,
        definitions=len(columns.names),
        references=len(columns.reference_lines),
        functions=len(complexities),
        documentable=sum(
            kind <= Kind.OBJECT and kind != Kind.IMPLEMENTATION for kind in columns.kinds
        ),
        documented=sum(columns.documented),
        max_complexity=max(complexities, default=0),
        complexity_classes=tuple(classes),
        total_complexity=sum(complexities),
        imports=len(columns.imports),
    )
