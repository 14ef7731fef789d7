"""What a call in a test fixes, by its words and arguments, in any language that a grammar reads."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tree_sitter import Node

from mergewright.analysis.case_facts import Assertion, Strength
from mergewright.analysis.case_words import STRENGTHS, CaseWords, Chain

_CALLS: Final = frozenset(
    ("call_expression", "method_invocation", "macro_invocation", "new_expression")
)
_MAKING: Final = frozenset(("new_expression", "object_creation_expression"))
_MEMBER: Final = re.compile(r"member|selector|field|scoped|navigation|qualified|generic")
_LISTS: Final = frozenset(("arguments", "argument_list", "token_tree", "value_arguments"))
_LITERAL: Final = re.compile(
    r"literal|^(?:string|number|true|false|null|nil|template_string|regex)$"
)
_THROWING: Final = frozenset(("tothrow", "tothrowerror", "throws", "rejects"))
_INNER: Final = frozenset(("t", "b", "this"))
_SWALLOWED: Final = frozenset(
    ("fail", "fails", "extend", "assertions", "hasAssertions", "objectContaining")
)
_EQUAL: Final = re.compile(r"===?|\.equals\(")
_ORDERED: Final = re.compile(r"!==?|<|>")
_NUMBER: Final = re.compile(r"\d[\d_]*(?:\.\d+)?(?:[eE]-?\d+)?")
_DEFAULT_DIGITS: Final = 2


def chain_of(node: Node) -> Chain:
    """Return the names of a call from left to right, without arguments."""
    if node.type in _MAKING:
        made = node.child_by_field_name("constructor") or node.child_by_field_name("type")
        return ("new", *chain_of(made)) if made else ()
    if node.type in _CALLS:
        return _chain_of_call(node)
    if not node.named_children:
        return (text_of(node),)
    if not _MEMBER.search(node.type):
        return ()
    return tuple(name for child in node.named_children for name in chain_of(child))


def _chain_of_call(node: Node) -> Chain:
    fields = [node.child_by_field_name(name) for name in ("object", "function", "macro", "name")]
    parts = [field for field in fields if field is not None] or node.named_children[:1]
    return tuple(name for part in parts for name in chain_of(part))


def arguments_of(node: Node) -> list[Node]:
    """Return the arguments of a call, and of the calls that it is made on."""
    found: list[Node] = []
    stack = [node]
    while stack:
        inner = stack.pop()
        for child in inner.named_children:
            if child.type in _LISTS:
                found = [*child.named_children, *found]
            elif child.type in _CALLS or "call_suffix" in child.type or child == _callee(inner):
                stack.append(child)
    return [_bare(one) for one in found if "comment" not in one.type]


def _bare(argument: Node) -> Node:
    children = argument.named_children
    return children[0] if argument.type == "value_argument" and len(children) == 1 else argument


def _callee(node: Node) -> Node | None:
    return (
        node.child_by_field_name("function")
        or node.child_by_field_name("object")
        or (node.named_children[0] if node.named_children else None)
    )


def read_call(node: Node, chain: Chain, words: CaseWords) -> Iterator[Assertion]:
    """Yield what a call asserts; nothing where it asserts nothing."""
    if not chain or chain[-1] in _SWALLOWED or not _is_asserting(chain, words):
        return
    if len(chain) == 1 and chain[0] in {"expect", "assertThat", "verify"}:
        yield from _property(node)
        return
    arguments = [one for one in arguments_of(node) if text_of(one) not in _INNER]
    yield Assertion(
        text=text_of(node),
        line=node.start_point.row + 1,
        strength=strength_of(chain, arguments),
        is_vacuous=_is_idle(node, chain, arguments),
        width=_width(chain, arguments),
    )


def read_statement(node: Node) -> Assertion:
    """Return what an `assert` statement or an infix assertion fixes."""
    text = text_of(node)
    strength = _strength_of_text(text)
    return Assertion(
        text=text,
        line=node.start_point.row + 1,
        strength=Strength.EXACT if "shouldBe" in text else strength,
        is_vacuous=all(_is_literal(child) for child in node.named_children),
    )


def _property(node: Node) -> Iterator[Assertion]:
    """Yield what is asserted by a name alone, as `expect(x).to.be.true`."""
    outer = node
    while outer.parent is not None and "member" in outer.parent.type:
        outer = outer.parent
    parent = outer.parent
    if outer == node or (parent is not None and parent.type in _CALLS and _callee(parent) == outer):
        return
    yield Assertion(text=text_of(outer), line=node.start_point.row + 1, strength=Strength.TRUTH)


def _is_asserting(chain: Chain, words: CaseWords) -> bool:
    first, last = chain[0], chain[-1]
    if first in words.asserting or (len(chain) > 1 and chain[-2] == "assert"):
        return True
    if last in words.asserting_ends:
        return len(chain) <= 2 or chain[0] in _INNER  # noqa: PLR2004 - `t.Error`, and no method of another
    return words.query in {"java", "kotlin"} and last.startswith("assert")


def strength_of(chain: Chain, arguments: Sequence[Node]) -> Strength:
    """Return how much a call fixes."""
    last = chain[-1].lower()
    strength = STRENGTHS.get(last, Strength.EXACT)
    if strength is Strength.TRUTH and arguments:
        strength = _strength_of_text(" ".join(map(text_of, arguments)))
    if last in _THROWING:
        strength = Strength.EXACT if len(arguments) > 1 else Strength.KIND
    return min(strength, Strength.ORDER) if "not" in chain else strength


def _strength_of_text(text: str) -> Strength:
    if _ORDERED.search(text) and "=>" not in text:
        return Strength.ORDER
    return Strength.EXACT if _EQUAL.search(text) else Strength.TRUTH


def _is_idle(node: Node, chain: Chain, arguments: Sequence[Node]) -> bool:
    """Whether an assertion is about literals only, or about one thing and itself."""
    if not arguments or "snapshot" in chain[-1].lower():
        return False
    if all(map(_is_literal, arguments)):
        return True
    texts = [text_of(one) for one in arguments[:2]]
    same = len(arguments) == 2 and texts[0] == texts[1] and "(" not in texts[0]  # noqa: PLR2004 - a pair
    return (
        same and strength_of(chain, arguments) >= Strength.CLOSE and node.type != "new_expression"
    )


def _is_literal(node: Node) -> bool:
    return bool(_LITERAL.search(node.type))


def _width(chain: Chain, arguments: Sequence[Node]) -> float | None:
    last = chain[-1].lower()
    strength = STRENGTHS.get(last)
    delta = last == "assertequals" and len(arguments) > 2 and "." in text_of(arguments[2])  # noqa: PLR2004 - expected, actual, delta
    if strength is not Strength.CLOSE and not delta:
        return None
    if last == "tobecloseto":
        digits = text_of(arguments[2]) if len(arguments) > 2 else str(_DEFAULT_DIGITS)  # noqa: PLR2004 - actual, expected, digits
        return 10.0 ** -int(digits) if digits.isdigit() else None
    numbers = _NUMBER.findall(text_of(arguments[-1])) if arguments else []
    return float(numbers[-1].replace("_", "")) if numbers else None


def text_of(node: Node) -> str:
    """Return the text of a node without the white space of the file."""
    return re.sub(r"\s+", " ", (node.text or b"").decode(errors="replace")).strip()
