"""Grammars and the queries that go with them: which languages are read, and a parse that must end.

Every query here is our own and has a self-test: queries that come with other tools stop matching,
without a word, when a grammar renames a node. They have no text predicates, and the query runs
without a progress callback: in tree-sitter 0.26.1 the first ends the process when the text came in
pieces that are no `bytes`, the second always may (its options lie on a stack that is gone).

Source: https://github.com/tree-sitter/py-tree-sitter (binding/query_cursor.c), read 2026-11-20.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from types import MappingProxyType
from typing import Final, cast

from tree_sitter import Language, Node, Parser, Query, QueryCursor, QueryError
from tree_sitter_language_pack import SupportedLanguage, get_language

from mergewright.errors import ConfigError

MIN_STEPS: Final = 50_000
STEPS_PER_BYTE: Final = 0.1
"""Ordinary code takes 0.005: the limit is twenty times what a parser needs."""
MAX_CPU_SECONDS: Final = 1.0
MAX_ERROR_CHILDREN: Final = 2_000
MAX_FAULTY_NODES: Final = 300_000
MAX_OPEN_MATCHES: Final = 65_535
"""A query keeps those that it has begun, one for each constant at the top of a file; nested deeply
enough they slow down every step."""
MAX_DEPTH: Final = 1_000
"""Each step of a query goes up to the root: what lies deeper is not looked for."""
_CHUNK_BYTES: Final = 65_536

GRAMMARS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Python": "python",
        "JavaScript": "javascript",
        "TypeScript": "typescript",
        "TSX": "tsx",
        "Go": "go",
        "Rust": "rust",
        "Java": "java",
        "Kotlin": "kotlin",
        "Ruby": "ruby",
        "PHP": "php",
        "C": "c",
        "C++": "cpp",
        "C#": "csharp",
        "Swift": "swift",
        "Scala": "scala",
        "Shell": "bash",
        "SQL": "sql",
    }
)
"""Languages whose structure is read, with their grammar; the others count by size and text."""

_QUERY_FILES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "javascript": ("ecmascript.scm", "jsx.scm", "javascript.scm"),
        "typescript": ("ecmascript.scm", "typescript.scm"),
        "tsx": ("ecmascript.scm", "jsx.scm", "typescript.scm"),
    }
)
"""Queries made of parts that several grammars share; the others are one file."""
_PACKAGE: Final = "tree-sitter-language-pack"
_HINT: Final = (
    f"Install {_PACKAGE} 0.13, whose wheel holds the grammars: pip install '{_PACKAGE}<1'."
)


class TooSlow(Exception):
    """A parse went over its limit; never leaves this room."""


@dataclass(slots=True)
class Allowance:
    """How much work one blob may cause; counted in steps, so that every machine says the same.

    The time is a second limit, for steps that take unduly long.
    """

    steps: int
    deadline: float
    """On the wall clock, which is read without a system call."""
    cpu_deadline: float | None = None
    """Set when the first deadline has passed: a busy machine takes longer, and no more work."""
    is_exceeded: bool = False

    @classmethod
    def for_size(cls, size_bytes: int) -> "Allowance":
        """Return what a blob of so many bytes may use."""
        return cls(MIN_STEPS + int(size_bytes * STEPS_PER_BYTE), time.monotonic() + MAX_CPU_SECONDS)

    def is_used_up(self, *_: object) -> bool:
        """Take one step; whether it was one too many."""
        self.steps -= 1
        if self.steps < 0 or (time.monotonic() > self.deadline and self._is_late()):
            self.is_exceeded = True
        return self.is_exceeded

    def _is_late(self) -> bool:
        if self.cpu_deadline is None:
            self.cpu_deadline = time.thread_time() + MAX_CPU_SECONDS
        return time.thread_time() > self.cpu_deadline


class Grammar:
    """A grammar with our query; made once per process and not safe between threads.

    Args:
        name: Name in the language pack.
        query: What is asked of a file; without it, what tells a blob's facts.

    Raises:
        ConfigError: The grammar or its query does not load.
    """

    def __init__(self, name: str, query: str = "") -> None:
        self.name = name
        try:
            self._language: Language = get_language(cast("SupportedLanguage", name))
            self._parser = Parser(self._language)
            self._query = Query(self._language, query or query_text(name))
        except (LookupError, ImportError, OSError, ValueError, QueryError) as error:
            raise ConfigError(
                f"The grammar {name!r} or its query does not load: {error}", hint=_HINT
            ) from error

    def captures(self, content: bytes) -> dict[str, list[Node]]:
        """Parse a file once and return the nodes that the query names.

        Raises:
            TooSlow: The file takes more work than one of its size may.
        """
        allowance = Allowance.for_size(len(content))
        tree = self._parser.parse(
            lambda offset, _point: content[offset : offset + _CHUNK_BYTES],
            progress_callback=allowance.is_used_up,
        )
        if allowance.is_exceeded:
            # Without this the next file would be parsed as the rest of this one.
            self._parser.reset()
            raise TooSlow
        root = tree.root_node
        if root.has_error and _is_treacherous(root):
            raise TooSlow
        cursor = QueryCursor(self._query, match_limit=MAX_OPEN_MATCHES)
        cursor.set_max_start_depth(MAX_DEPTH)
        return cursor.captures(root)


def _is_treacherous(root: Node) -> bool:
    """Whether a faulty tree would hold up a query: it goes through the siblings of each error's child."""
    allowance = MAX_FAULTY_NODES
    stack = [root]
    while stack:
        node = stack.pop()
        count = node.child_count
        allowance -= count
        if allowance < 0 or (node.is_error and count > MAX_ERROR_CHILDREN):
            return True
        stack.extend(child for child in node.children if child.has_error)
    return False


@cache
def load_grammar(name: str) -> Grammar:
    """Return a grammar, loaded at first use.

    Raises:
        ConfigError: The grammar or its query does not load.
    """
    return Grammar(name)


@cache
def query_text(name: str) -> str:
    """Return the query of a grammar."""
    folder = files("mergewright.analysis") / "queries"
    names = _QUERY_FILES.get(name, (f"{name}.scm",))
    return "\n".join((folder / file).read_text(encoding="utf-8") for file in names)


@cache
def pack_version() -> str:
    """Return the version of the installed grammars.

    Raises:
        ConfigError: They are not installed.
    """
    try:
        return f"{version(_PACKAGE)}+{version('tree-sitter')}"
    except PackageNotFoundError as error:
        raise ConfigError(f"{_PACKAGE} is not installed.", hint=_HINT) from error
