"""Whether two versions of a file are the same code, and differ in what explains it only."""

import ast
import io
import re
import tokenize
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import Final, cast

from tree_sitter import Node
from tree_sitter_language_pack import SupportedLanguage, get_parser

from mergewright.analysis.languages import language_of
from mergewright.errors import ConfigError

MAX_CHARACTERS: Final = 400_000

_DIRECTIVE: Final = re.compile(
    r"#!|//\s*go:|\+build|eslint|prettier|@ts-|ts-|istanbul|nolint|noinspection|swiftlint|clang-"
    r"|rubocop|phpstan|NOSONAR|sourceMappingURL|@jsx|@flow|@deprecated",
    re.IGNORECASE,
)
"""Comments that tools act upon."""


def is_same_code(path: str, before: str, after: str) -> bool:
    """Say whether a file does what it did: only docstrings, or comments that no tool reads, differ.

    In Python docstrings may differ and comments may not. A file that does not parse, or whose
    language has no grammar, is the same only where it is the same text.

    Raises:
        ConfigError: The grammar of a known language does not load.
    """
    if before == after:
        return True
    language = language_of(path, before.partition("\n")[0])
    if language is None or max(len(before), len(after)) > MAX_CHARACTERS:
        return False
    if language.name == "Python":
        code = _python(before)
        return code is not None and code == _python(after)
    if not language.grammar or not language.is_code:
        return False
    tokens = _tokens(language.grammar, before)
    return tokens is not None and tokens == _tokens(language.grammar, after)


def _python(text: str) -> tuple[str, list[str]] | None:
    """Return what a module does, and its comments; None where it does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                _drop_docstring(node)
        comments = [
            token.string
            for token in tokenize.generate_tokens(io.StringIO(text).readline)
            if token.type == tokenize.COMMENT
        ]
        return ast.dump(tree), comments
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
        return None


def _drop_docstring(
    node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef,
) -> None:
    """Take a docstring out; a body that is nothing else is as one that does nothing."""
    if ast.get_docstring(node, clean=False) is not None:
        node.body = node.body[1:] or [ast.Pass()]


def _tokens(grammar: str, text: str) -> tuple[list[tuple[str, bytes]], Counter[bytes]] | None:
    """Return the words of a file without its comments, and the comments that tools act upon."""
    try:
        parser = get_parser(cast("SupportedLanguage", grammar))
    except (LookupError, ImportError) as error:
        raise ConfigError(
            f"The grammar {grammar!r} does not load: {error}.",
            hint="Install tree-sitter-language-pack 0.13, whose wheel holds the grammars.",
        ) from error
    root = parser.parse(text.encode(errors="replace")).root_node
    if root.has_error:
        return None
    words: list[tuple[str, bytes]] = []
    directives: Counter[bytes] = Counter()
    for node in _leaves(root):
        content = node.text or b""
        if "comment" not in node.type:
            words.append((node.type, content))
        elif _DIRECTIVE.search(content.decode(errors="replace")):
            directives[content.strip()] += 1
    return words, directives


def _leaves(root: Node) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        if not node.children or "comment" in node.type:
            yield node
        else:
            stack.extend(reversed(node.children))
