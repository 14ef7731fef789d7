"""The tests of a file in a language that a grammar reads: one query names nodes, a table the words."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from tree_sitter import Node

from mergewright.analysis.case_facts import (
    UNREADABLE,
    Assertion,
    Case,
    CaseFile,
    OutsideCall,
    Strength,
)
from mergewright.analysis.case_words import WORDS, CaseWords, Chain
from mergewright.analysis.grammars import Grammar, TooSlow
from mergewright.analysis.languages import language_of
from mergewright.analysis.python_cases import read_python_cases
from mergewright.analysis.tree_assertions import (
    arguments_of,
    chain_of,
    read_call,
    read_statement,
    text_of,
)

_FUNCTIONS = frozenset(
    ("arrow_function", "function_expression", "function", "func_literal", "lambda_literal")
)
_NOT_TESTS = frozenset(
    (
        "beforeEach",
        "afterEach",
        "beforeAll",
        "afterAll",
        "use",
        "step",
        "extend",
        "setTimeout",
        "mock",
    )
)


def has_cases(path: str) -> bool:
    """Say whether the tests of a file can be read, by its language."""
    language = language_of(path)
    return language is not None and (language.name == "Python" or language.grammar in WORDS)


def read_cases(path: str, content: bytes) -> CaseFile:
    """Return the tests of a file; one that cannot be parsed is unreadable.

    Raises:
        ConfigError: The grammar of a known language does not load.
    """
    language = language_of(path)
    if language is None or not has_cases(path):
        return UNREADABLE
    if language.name == "Python":
        return read_python_cases(content.decode("utf-8-sig", "replace"))
    try:
        captures = _grammar(language.grammar).captures(content)
        return _Reader(WORDS[language.grammar], captures).read()
    except (TooSlow, RecursionError):
        return UNREADABLE


@cache
def _grammar(name: str) -> Grammar:
    folder = files("mergewright.analysis") / "queries" / "cases"
    return Grammar(name, (folder / f"{WORDS[name].query}.scm").read_text("utf-8"))


@dataclass(slots=True)
class _Scope:
    """A test or a group of tests, while it is read."""

    node: Node
    name: str
    is_test: bool
    body: Node | None
    skips: list[str] = field(default_factory=list)
    focused: bool = False
    assertions: list[Assertion] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    swallowed: list[str] = field(default_factory=list)


class _Reader:
    """Puts what a query found in one file into order."""

    def __init__(self, words: CaseWords, captures: dict[str, list[Node]]) -> None:
        self._words = words
        self._calls = [(node, chain_of(node)) for node in _sorted(captures.get("call", ()))]
        self._statements = _sorted(captures.get("assert", ()))
        self._caught = captures.get("caught", [])
        marks = _sorted(captures.get("mark", ()))
        found = [self._declared(node, marks) for node in captures.get("scope", ())]
        found += [self._called(node, chain) for node, chain in self._calls]
        scopes = [scope for scope in found if scope is not None]
        self._scopes = sorted(scopes, key=lambda one: (one.node.start_byte, -one.node.end_byte))

    def read(self) -> CaseFile:
        outside = []
        for node, chain in self._calls:
            outside += [
                OutsideCall(kind=kind, name=".".join(chain), line=node.start_point.row + 1)
                for kind, ends in self._words.outside.items()
                if any(_ends_with(chain, end) for end in ends)
            ]
            scope = self._innermost(node)
            if scope is None or scope.node == node:
                continue
            scope.calls.append(chain[-1] if chain else "")
            scope.assertions += read_call(node, chain, self._words)
            if chain and chain[-1] in self._words.skips and len(chain) <= 3:  # noqa: PLR2004 - `t.skip`, and no method of another
                scope.skips.append(".".join(chain))
        for node in self._statements:
            scope = self._innermost(node)
            if scope and (node.type != "infix_expression" or "should" in text_of(node)):
                scope.assertions.append(read_statement(node))
        for node in self._caught:
            scope = self._innermost(node)
            if scope and all("comment" in one.type or _is_head(one) for one in node.named_children):
                scope.swallowed.append(
                    next(map(text_of, filter(_is_head, node.named_children)), "")
                )
        return CaseFile(
            cases=tuple(self._cases()),
            focused=tuple(one.name for one in self._scopes if one.focused),
            outside=tuple(outside),
        )

    def _cases(self) -> Iterator[Case]:
        for scope in self._scopes:
            if not scope.is_test:
                continue
            around = [one for one in self._scopes if _holds(one.node, scope.node)]
            name = "::".join((*(one.name for one in around), scope.name))
            yield Case(
                name=name,
                line=scope.node.start_point.row + 1,
                digest=_digest(scope.body),
                assertions=tuple(scope.assertions),
                skips=tuple(text for one in (*around, scope) for text in one.skips),
                swallowed=tuple(scope.swallowed),
                calls=tuple(dict.fromkeys(scope.calls)),
            )

    def _innermost(self, node: Node) -> _Scope | None:
        """Return the smallest test or group around a node, or of it."""
        around = [one for one in self._scopes if one.node == node or _holds(one.node, node)]
        return around[-1] if around else None

    def _called(self, node: Node, chain: Chain) -> _Scope | None:
        """Return the test or group that a call declares, as `it("adds", () => {})`."""
        words = self._words
        arguments = arguments_of(node) if chain else []
        own = [one for one in arguments if one.type not in _FUNCTIONS]
        if not own or not _is_title(own[0]) or chain[-1] in _NOT_TESTS:
            return None
        is_group = bool(words.groups & {chain[0], *chain[1:2]})
        is_test = chain[0] in words.tests or (len(chain) == 2 and chain[1] in words.tests)  # noqa: PLR2004 - `t.Run`
        if not is_group and not is_test:
            return None
        body = next((one for one in reversed(arguments) if one.type in _FUNCTIONS), None)
        if body is None and not words.groups:
            return None
        skips = [word for word in chain if word in words.skips]
        skips += [text_of(one) for one in own[1:] if one.type == "object" and _is_off(one)]
        return _Scope(
            node=node,
            name=text_of(own[0]).strip("\"'`"),
            is_test=is_test and not is_group,
            body=body,
            skips=skips,
            focused=bool(words.focuses & {*chain}),
        )

    def _declared(self, node: Node, marks: Sequence[Node]) -> _Scope | None:
        """Return the test or group that a definition is."""
        name_node = node.child_by_field_name("name") or next(
            (one for one in node.named_children if "identifier" in one.type), None
        )
        if name_node is None:
            return None
        name, own = text_of(name_node), [_mark_name(one) for one in _marks_of(node, marks)]
        is_function = "function" in node.type or "method" in node.type
        named = name.startswith(self._words.test_names) if self._words.test_names else False
        marked = any(one.rpartition("::")[2] in self._words.test_marks for one in own)
        if is_function and not (named or marked):
            return None
        body = node.child_by_field_name("body") or node.named_children[-1]
        skips = [
            one for one in own if self._words.skip_marks and one.startswith(self._words.skip_marks)
        ]
        scope = _Scope(node=node, name=name, is_test=is_function, body=body, skips=skips)
        if any(one.startswith("should_panic") for one in own):
            scope.assertions.append(Assertion(text="should_panic", line=1, strength=Strength.KIND))
        return scope


def _sorted(nodes: Iterable[Node]) -> list[Node]:
    return sorted(nodes, key=lambda node: (node.start_byte, -node.end_byte))


def _holds(outer: Node, inner: Node) -> bool:
    return (
        outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte and outer != inner
    )


def _marks_of(node: Node, marks: Sequence[Node]) -> Iterator[Node]:
    """Yield the annotations of a definition: among its modifiers, or before it."""
    for mark in marks:
        inside = any(one.type == "modifiers" and _holds(one, mark) for one in node.named_children)
        following = mark.next_named_sibling
        while following is not None and _is_beside(following):
            following = following.next_named_sibling
        if inside or (mark.parent == node.parent and following == node):
            yield mark


def _is_beside(node: Node) -> bool:
    """Whether a node may stand between an annotation and what it is about."""
    return "attribute" in node.type or "comment" in node.type


def _mark_name(mark: Node) -> str:
    """Return the name of an annotation, without its arguments."""
    return (
        text_of(mark).lstrip("#[@ ").partition("(")[0].partition("]")[0].partition("=")[0].strip()
    )


def _is_title(node: Node) -> bool:
    return "string" in node.type


def _is_off(options: Node) -> bool:
    """Whether the options of a test keep it from running, as `{skip: true}`."""
    return any(text_of(pair).startswith(("skip", "todo")) for pair in options.named_children)


def _is_head(node: Node) -> bool:
    """Whether a node says what is caught, and not what is done then."""
    return "identifier" in node.type or "type" in node.type


def _ends_with(chain: Chain, end: Chain) -> bool:
    if end[0] == "":
        return chain == end[1:]
    return chain[-len(end) :] == end


def _digest(body: Node | None) -> str:
    words: list[bytes] = []
    stack = [body] if body is not None else []
    while stack:
        node = stack.pop()
        if "comment" in node.type:
            continue
        if not node.children:
            words.append(node.text or b"")
        stack.extend(reversed(node.children))
    return hashlib.sha256(b"\0".join(words)).hexdigest()
