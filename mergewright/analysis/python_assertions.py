"""What an assertion of a Python test fixes, and whether it can be false at all.

Source: docs.pytest.org/en/stable/how-to/assert.html, docs.python.org/3/library/unittest.html
(assertions and their default tolerances), numpy.org/doc/stable/reference/routines.testing.html,
read 2026-11-20.
"""

import ast
import builtins
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from mergewright.analysis.case_facts import Assertion, Strength

_CLOSE: Final[Mapping[str, float]] = MappingProxyType(
    {
        "approx": 1e-6,
        "isclose": 1e-9,
        "allclose": 1e-5,
        "assertAlmostEqual": 1e-7,
        "assertNotAlmostEqual": 1e-7,
        "assert_allclose": 1e-7,
        "assert_almost_equal": 1e-7,
        "assert_array_almost_equal": 1e-6,
        "assert_approx_equal": 1e-7,
    }
)
"""Calls that take values for equal which are near, with the tolerance they have by themselves."""
_WIDTHS: Final = frozenset(("abs", "rel", "atol", "rtol", "abs_tol", "rel_tol", "delta"))
_PLACES: Final = frozenset(("places", "decimal", "significant"))
_THIRD: Final[Mapping[str, str]] = MappingProxyType(
    {
        "assertAlmostEqual": "places",
        "assert_almost_equal": "decimal",
        "assert_array_almost_equal": "decimal",
        "assert_allclose": "rtol",
        "allclose": "rtol",
    }
)
_CALLS: Final[Mapping[Strength, tuple[str, ...]]] = MappingProxyType(
    {
        Strength.PART: (
            "assertIn", "assertRegex", "assertRegexpMatches", "assert_any_call", "assert_called_once",
            "assertDictContainsSubset", "startswith", "endswith", "match", "search", "issubset",
            "issuperset", "any",
        ),
        Strength.ORDER: (
            "assertGreater", "assertGreaterEqual", "assertLess", "assertLessEqual", "assertNotEqual",
            "assertNotIn", "assertNotRegex", "assertIsNot", "assert_array_less",
        ),
        Strength.KIND: (
            "assertIsInstance", "assertIsNotNone", "assert_called", "isinstance", "issubclass",
            "hasattr", "callable", "assertNotIsInstance", "assertLogs",
        ),
    }
)  # fmt: skip
_BY_CALL: Final = {name: strength for strength, names in _CALLS.items() for name in names}
_TRUTHS: Final = frozenset(("assertTrue", "assertFalse", "assert_", "failUnless", "failIf"))
_EXPECTING: Final = frozenset(
    ("raises", "warns", "assertRaises", "assertRaisesRegex", "assertWarns", "assertWarnsRegex")
)
_ANY_EXCEPTION: Final = frozenset(("Exception", "BaseException", "Warning"))
_COMPARING: Final = ("Equal", "Equals", "In", "Is", "Greater", "Less", "_equal", "_allclose")
"""Ends of the names of calls that compare their first two arguments."""
_EQUALITY: Final = (ast.Eq, ast.Is)
_REFLEXIVE: Final = (ast.Eq, ast.Is, ast.LtE, ast.GtE)
_BUILTINS: Final = frozenset(dir(builtins))


def called_name(call: ast.Call) -> str:
    """Return the last part of what a call calls."""
    function = call.func
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def read_assertion(node: ast.AST) -> Iterator[Assertion]:
    """Yield what a statement or call asserts; nothing where it asserts nothing."""
    if isinstance(node, ast.Assert):
        yield from _parts(node.test, node.lineno)
    elif isinstance(node, ast.Call):
        name = called_name(node)
        if name in _TRUTHS and node.args:
            negated = name in {"assertFalse", "failIf"}
            tested = ast.UnaryOp(ast.Not(), node.args[0]) if negated else node.args[0]
            yield from _parts(tested, node.lineno)
        elif name in _EXPECTING:
            yield _expecting(node)
        elif name.lower().startswith("assert"):
            yield _asserting(node, name)


def _parts(tested: ast.expr, line: int) -> Iterator[Assertion]:
    """Yield an assertion for each thing that is said at once: `a and b`, `(a, b) == (1, 2)`."""
    if isinstance(tested, ast.BoolOp) and isinstance(tested.op, ast.And):
        for value in tested.values:
            yield from _parts(value, line)
        return
    said = Assertion(
        text=_text(tested),
        line=line,
        strength=_strength(tested),
        is_vacuous=is_vacuous(tested),
        compares_itself=_compares_calls(tested),
        width=_width(tested),
    )
    yield said
    for number in range(1, _width_of_display(tested)):
        yield said.model_copy(update={"text": f"{said.text} #{number}"})


def _width_of_display(tested: ast.expr) -> int:
    """Return how many values are compared at once, where both sides show how many there are."""
    if not isinstance(tested, ast.Compare) or not isinstance(tested.ops[0], ast.Eq):
        return 1
    sides = (tested.left, tested.comparators[0])
    if all(isinstance(side, ast.Tuple | ast.List) for side in sides):
        return min(len(side.elts) for side in sides if isinstance(side, ast.Tuple | ast.List))
    return 1


def _expecting(call: ast.Call) -> Assertion:
    expected = call.args[0] if call.args else None
    several = isinstance(expected, ast.Tuple)
    kinds = expected.elts if isinstance(expected, ast.Tuple) else [expected]
    names = {_text(kind).rpartition(".")[2] for kind in kinds if kind is not None}
    strength = Strength.PART if several else Strength.EXACT
    if not names or names & _ANY_EXCEPTION:
        strength = Strength.KIND
    pattern = any(word.arg == "match" for word in call.keywords) or "Regex" in called_name(call)
    return Assertion(text=_text(call), line=call.lineno, strength=strength, has_pattern=pattern)


def _asserting(call: ast.Call, name: str) -> Assertion:
    idle = False
    if name.endswith(_COMPARING) and len(call.args) > 1:
        left, right = call.args[:2]
        idle = _is_same(left, right) or (_says_nothing(left) and _says_nothing(right))
    return Assertion(
        text=_text(call),
        line=call.lineno,
        strength=Strength.CLOSE if name in _CLOSE else _BY_CALL.get(name, Strength.EXACT),
        is_vacuous=idle,
        width=_width(call),
    )


def _strength(tested: ast.expr) -> Strength:
    if isinstance(tested, ast.BoolOp):
        return min(Strength.PART, *map(_strength, tested.values))
    if isinstance(tested, ast.Compare):
        return _strength_of_comparison(tested)
    if isinstance(tested, ast.UnaryOp) and isinstance(tested.op, ast.Not):
        return min(Strength.ORDER, _strength(tested.operand))
    if isinstance(tested, ast.Call):
        name = called_name(tested)
        inner = tested.args[0] if name == "all" and tested.args else None
        if isinstance(inner, ast.GeneratorExp | ast.ListComp):
            return _strength(inner.elt)
        return Strength.CLOSE if name in _CLOSE else _BY_CALL.get(name, Strength.TRUTH)
    return Strength.TRUTH


def _strength_of_comparison(tested: ast.Compare) -> Strength:
    operator, other = tested.ops[0], tested.comparators[0]
    if isinstance(operator, _EQUALITY):
        return Strength.CLOSE if _close_calls(tested) else Strength.EXACT
    if isinstance(operator, ast.In):
        return Strength.PART
    if isinstance(operator, ast.IsNot) and isinstance(other, ast.Constant):
        return Strength.KIND
    return Strength.ORDER


def _close_calls(tested: ast.AST) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(tested)
        if isinstance(node, ast.Call) and called_name(node) in _CLOSE
    ]


def _width(tested: ast.AST) -> float | None:
    """Return the widest tolerance in an assertion; None where it has none."""
    return max(map(_tolerance, _close_calls(tested)), default=None)


def _tolerance(call: ast.Call) -> float:
    name = called_name(call)
    given = {word.arg or "": word.value for word in call.keywords}
    third = 1 if name == "approx" else 2
    if len(call.args) > third:
        given.setdefault(_THIRD.get(name, "rel"), call.args[third])
    widths = [
        10.0**-value if key in _PLACES else value
        for key, node in given.items()
        if key in _WIDTHS | _PLACES and (value := _number(node)) is not None
    ]
    return max(widths, default=_CLOSE[name])


def _number(node: ast.expr) -> float | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return float(min(value, 1e300)) if isinstance(value, int | float) else None


def is_vacuous(tested: ast.expr) -> bool:
    """Say whether an expression is true whatever the code does."""
    if isinstance(tested, ast.BoolOp):
        every = all if isinstance(tested.op, ast.And) else any
        return every(map(is_vacuous, tested.values))
    if isinstance(tested, ast.Tuple):
        return bool(tested.elts)
    if _says_nothing(tested):
        return not (isinstance(tested, ast.Constant) and not tested.value)
    if isinstance(tested, ast.Compare) and len(tested.ops) == 1:
        return _is_idle_comparison(tested.left, tested.ops[0], tested.comparators[0])
    if isinstance(tested, ast.Call) and called_name(tested) == "isinstance":
        return len(tested.args) > 1 and _text(tested.args[1]) == "object"
    return False


def _is_idle_comparison(left: ast.expr, operator: ast.cmpop, right: ast.expr) -> bool:
    if isinstance(operator, _REFLEXIVE) and _is_same(left, right):
        return True
    counts = isinstance(left, ast.Call) and called_name(left) == "len"
    none = isinstance(right, ast.Constant) and right.value == 0
    return counts and none and isinstance(operator, ast.GtE)


def _compares_calls(tested: ast.expr) -> bool:
    """Whether an expression compares what it calls with what it calls again."""
    sides = isinstance(tested, ast.Compare) and _is_same(tested.left, tested.comparators[0])
    return sides and any(isinstance(node, ast.Call) for node in ast.walk(tested))


def _is_same(left: ast.expr, right: ast.expr) -> bool:
    return ast.dump(left) == ast.dump(right)


def _says_nothing(node: ast.expr) -> bool:
    """Whether an expression is made of literals and built-in functions only."""
    names = (part.id for part in ast.walk(node) if isinstance(part, ast.Name))
    lambdas = any(isinstance(part, ast.Lambda | ast.Await) for part in ast.walk(node))
    return not lambdas and all(name in _BUILTINS for name in names)


def _text(node: ast.AST) -> str:
    return ast.unparse(node)
