"""Which parts of a Python function can be reached, and which only under a condition."""

import ast
from collections.abc import Iterator, Sequence
from typing import Final

Function = ast.FunctionDef | ast.AsyncFunctionDef
_COMPOUND: Final = (
    ast.If, ast.Try, ast.With, ast.AsyncWith, ast.For, ast.AsyncFor, ast.While, ast.FunctionDef,
    ast.AsyncFunctionDef,
)  # fmt: skip
_HEADS: Final = frozenset(("test", "items", "iter", "target"))


def reachable(body: Sequence[ast.stmt]) -> list[ast.AST]:
    """Return all that can be reached in a body, in the order of the file.

    Functions inside it that are called by name, or by nobody, are left out: what a call reaches is
    looked up where it is called.
    """
    left_out = _own_functions(body)
    return [part for statement in live(body) for part in _walk(statement, left_out)]


def conditional(body: Sequence[ast.stmt]) -> frozenset[int]:
    """Return the identities of the parts that are reached under some condition only."""
    return frozenset(
        id(part)
        for statement in body
        for one in ast.walk(statement)
        if isinstance(one, ast.If) and not isinstance(one.test, ast.Constant)
        for inner in (*one.body, *one.orelse)
        for part in ast.walk(inner)
    )


def live(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements up to the first after which nothing is reached."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.Return | ast.Raise | ast.Continue | ast.Break):
            return


def live_parts(node: ast.stmt) -> Iterator[ast.stmt]:
    """Yield the statements inside a compound one that can be reached."""
    if isinstance(node, ast.If | ast.While) and isinstance(node.test, ast.Constant):
        yield from live(node.body if node.test.value else node.orelse)
        return
    empty = isinstance(node, ast.For) and _is_empty(node.iter)
    for name in ("orelse", "finalbody") if empty else ("body", "orelse", "finalbody"):
        yield from live(getattr(node, name, []))
    for handler in getattr(node, "handlers", []):
        yield from live(handler.body)


def _is_empty(node: ast.expr) -> bool:
    return isinstance(node, ast.List | ast.Tuple | ast.Set) and not node.elts


def _own_functions(body: Sequence[ast.stmt]) -> frozenset[str]:
    """Return the names of inner functions that nobody but a plain call reaches, or nobody at all."""
    nodes = [node for statement in body for node in ast.walk(statement)]
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    handed_on = {node.id for node in nodes if isinstance(node, ast.Name) and id(node) not in called}
    return frozenset(
        node.name
        for node in nodes
        if isinstance(node, Function) and not node.decorator_list and node.name not in handed_on
    )


def _walk(node: ast.AST, left_out: frozenset[str]) -> Iterator[ast.AST]:
    if isinstance(node, Function) and node.name in left_out:
        return
    yield node
    if not isinstance(node, _COMPOUND):
        for child in ast.iter_child_nodes(node):
            yield from _walk(child, left_out)
        return
    for name, value in ast.iter_fields(node):
        for one in value if isinstance(value, list) else [value]:
            if name in _HEADS and isinstance(one, ast.AST):
                yield from _walk(one, left_out)
    for statement in live_parts(node):
        yield from _walk(statement, left_out)
