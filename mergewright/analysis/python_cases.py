"""The tests of a Python file, read from its syntax tree: nothing of it is run.

What cannot be reached asserts nothing: lines behind a `return`, and what lies under `if False`. What a
test has a function of its file assert counts as its own.
"""

import ast
import hashlib
import warnings
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from mergewright.analysis.case_facts import UNREADABLE, Assertion, Case, CaseFile, Strength
from mergewright.analysis.python_assertions import called_name, read_assertion
from mergewright.analysis.python_outside import outside_calls
from mergewright.analysis.python_reach import (
    Function,
    conditional,
    live,
    live_parts,
    reachable,
)

_SKIPPING_CALLS: Final = frozenset(("skip", "xfail", "skipTest", "importorskip", "exit"))
_SKIPPING_MARKS: Final = frozenset(
    ("skip", "skipif", "xfail", "skipIf", "skipUnless", "expectedFailure")
)
_SKIPPING_SETTINGS: Final = frozenset(("collect_ignore", "collect_ignore_glob", "__test__"))
_SKIPPING_MODULES: Final = frozenset(("pytest", "self", "unittest", "cls"))
_FAILING: Final = frozenset(("fail", "exit"))
_MAX_ROUTE: Final = 5


def read_python_cases(text: str) -> CaseFile:
    """Return the tests of a file; one that does not parse is unreadable."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(text)
        return _Reader(module).read()
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return UNREADABLE


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a test stands: the classes around it, and what they are kept from running by."""

    path: tuple[str, ...] = ()
    skips: tuple[str, ...] = ()
    awaits_nothing: bool = False
    """Whether they are of a kind that calls coroutines and never awaits them."""


class _Reader:
    """Reads one module."""

    def __init__(self, module: ast.Module) -> None:
        self._module = module
        self._functions = {
            node.name: node for node in ast.walk(module) if isinstance(node, Function)
        }

    def read(self) -> CaseFile:
        skips = [text for node in live(self._module.body) for text in _module_skips(node)]
        cases = {case.name: case for case in self._cases(self._module.body, _Place())}
        return CaseFile(
            cases=tuple(cases.values()),
            skips=tuple(skips),
            outside=tuple(outside_calls(self._module)),
        )

    def _cases(self, body: Sequence[ast.stmt], place: _Place) -> Iterator[Case]:
        for node in body:
            if isinstance(node, Function) and node.name.startswith("test"):
                yield self._case(node, place)
            elif isinstance(node, ast.ClassDef) and _is_collected(node):
                marks = [text for mark in node.decorator_list for text in _mark_skips(mark)]
                marks += [text for one in node.body for text in _class_skips(one)]
                plain = any(ast.unparse(base).endswith(".TestCase") for base in node.bases)
                inner = _Place((*place.path, node.name), (*place.skips, *marks), plain)
                yield from self._cases(node.body, inner)
            elif isinstance(node, ast.If | ast.Try | ast.With):
                yield from self._cases(list(live_parts(node)), place)

    def _case(self, node: Function, place: _Place) -> Case:
        body = _without_docstring(node.body)
        found = reachable(body)
        marks = [text for mark in node.decorator_list for text in _mark_skips(mark)]
        if place.awaits_nothing and isinstance(node, ast.AsyncFunctionDef):
            marks.append("a coroutine that nobody awaits")
        digest = "\n".join(ast.dump(statement) for statement in body)
        return Case(
            name="::".join((*place.path, node.name)),
            line=node.lineno,
            digest=hashlib.sha256(digest.encode()).hexdigest(),
            assertions=tuple(self._assertions(body, found, frozenset({node.name}))),
            skips=(*place.skips, *marks, *(text for part in found for text in _call_skips(part))),
            swallowed=tuple(name for part in found for name in _swallows(part)),
            rows=tuple(row for mark in node.decorator_list for row in _rows(mark)),
            literals=tuple(_literals(found)),
            calls=tuple(
                dict.fromkeys(called_name(part) for part in found if isinstance(part, ast.Call))
            ),
        )

    def _assertions(
        self, body: Sequence[ast.stmt], found: Sequence[ast.AST], seen: frozenset[str]
    ) -> Iterator[Assertion]:
        """Yield what a function asserts, and what those of its file do that it calls."""
        perhaps = conditional(body)
        for part in found:
            for one in read_assertion(part):
                weak = id(part) in perhaps
                yield one.model_copy(update={"strength": Strength.TRUTH}) if weak else one
            name = called_name(part) if isinstance(part, ast.Call) else ""
            helper = self._functions.get(name)
            if helper is None or name in seen or len(seen) > _MAX_ROUTE:
                continue
            # One that is named so counts as an assertion already.
            if not name.lower().startswith(("assert", "test")):
                inner = reachable(helper.body)
                yield from self._assertions(helper.body, inner, seen | {name})


def _is_collected(node: ast.ClassDef) -> bool:
    """Whether test runners look into a class: by its name, or for what it is made of."""
    off = any(
        isinstance(one, ast.Assign)
        and ast.unparse(one.targets[0]) == "__test__"
        and not getattr(one.value, "value", True)
        for one in node.body
    )
    return not off and (node.name.startswith("Test") or bool(node.bases))


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return body[1:]
    return body


def _mark_skips(mark: ast.expr) -> Iterator[str]:
    """Yield what of a decorator keeps a test, or one row of its table, from running."""
    rows = mark.args[1] if isinstance(mark, ast.Call) and len(mark.args) > 1 else None
    if isinstance(rows, ast.List | ast.Tuple) and not rows.elts:
        yield "a table without rows"
    for node in ast.walk(mark):
        name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
        if name in _SKIPPING_MARKS:
            yield name


def _class_skips(node: ast.stmt) -> Iterator[str]:
    """Yield marks that a class or module gives to all its tests."""
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
        yield from _mark_skips(node.value)


def _module_skips(node: ast.stmt) -> Iterator[str]:
    yield from _class_skips(node)
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in _SKIPPING_SETTINGS:
        yield ast.unparse(node)
    if not isinstance(node, Function | ast.ClassDef):
        for part in reachable([node]):
            yield from _call_skips(part)


def _call_skips(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Raise) and node.exc is not None:
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        if ast.unparse(raised).rpartition(".")[2] == "SkipTest":
            yield "SkipTest"
    if not isinstance(node, ast.Call) or called_name(node) not in _SKIPPING_CALLS:
        return
    owner = node.func.value if isinstance(node.func, ast.Attribute) else None
    if isinstance(owner, ast.Name) and owner.id in _SKIPPING_MODULES:
        yield f"{owner.id}.{called_name(node)}"
    elif owner is None and called_name(node) in {"skip", "xfail", "importorskip"}:
        yield called_name(node)


def _swallows(node: ast.AST) -> Iterator[str]:
    """Yield the exceptions that a statement goes on over; an empty name is any."""
    if isinstance(node, ast.With | ast.AsyncWith):
        for item in node.items:
            call = item.context_expr
            if isinstance(call, ast.Call) and called_name(call) == "suppress":
                yield from map(ast.unparse, call.args)
    elif isinstance(node, ast.Try) and not (_fails(node.body) or _fails(node.orelse)):
        for handler in node.handlers:
            if not _tells(handler.body):
                yield ast.unparse(handler.type) if handler.type else ""


def _fails(body: Sequence[ast.stmt]) -> bool:
    """Whether a block ends a test as failed: the exception that is caught was wanted."""
    return any(
        isinstance(node, ast.Raise)
        or (isinstance(node, ast.Call) and called_name(node) in _FAILING)
        or (isinstance(node, ast.Assert) and not getattr(node.test, "value", True))
        for statement in body
        for node in ast.walk(statement)
    )


def _tells(body: Sequence[ast.stmt]) -> bool:
    """Whether what catches an exception makes something of it."""
    return _fails(body) or any(
        next(read_assertion(node), None) is not None
        for statement in body
        for node in ast.walk(statement)
    )


def _rows(mark: ast.expr) -> Iterator[tuple[str, ...]]:
    """Yield the literals of each row of a `parametrize`."""
    if not isinstance(mark, ast.Call) or called_name(mark) != "parametrize" or len(mark.args) < 2:  # noqa: PLR2004 - names and rows
        return
    rows = mark.args[1]
    if isinstance(rows, ast.List | ast.Tuple | ast.Set):
        for row in rows.elts:
            yield tuple(_literals(ast.walk(row)))


def _literals(nodes: Iterable[ast.AST]) -> list[str]:
    return sorted(repr(node.value) for node in nodes if isinstance(node, ast.Constant))
