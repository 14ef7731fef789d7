"""Markdown as Atlassian Document Format (ADF), the tree that Jira Cloud keeps rich text in.

The tree also serves as the neutral form from which wiki markup and Slack's mrkdwn are written.
Jira refuses a document that breaks the schema, so what Markdown may nest and ADF may not is
unfolded here: a heading in a list item becomes a bold paragraph, a table in a quote one paragraph
per row.

Source: developer.atlassian.com/cloud/jira/platform/apis/document/structure and its JSON schema
(@atlaskit/adf-schema): allowed children and marks of each node; 2026-11-20.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

Node = dict[str, Any]
"""One JSON object of an ADF document."""

_PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"]).disable("html_block")
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_LINKED = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_MARKS = {"strong": "strong", "em": "em", "s": "strike"}
_ADDRESSES = {"link": "href", "image": "src"}
_IN_LIST_ITEM = frozenset({"paragraph", "codeBlock", "bulletList", "orderedList"})
_IN_QUOTE = _IN_LIST_ITEM
_FIRST_IN_LIST_ITEM = frozenset({"paragraph", "codeBlock"})


def to_adf(markdown: str) -> Node:
    """Return an ADF document with what a Markdown text says."""
    tree = SyntaxTreeNode(_PARSER.parse(markdown.replace("\0", "")))
    return {"version": 1, "type": "doc", "content": _blocks(tree.children)}


def _blocks(nodes: Iterable[SyntaxTreeNode]) -> list[Node]:
    return [block for node in nodes for block in _block(node)]


def _block(node: SyntaxTreeNode) -> list[Node]:
    convert = _BLOCKS.get(node.type)
    return [convert(node) if convert else _node("paragraph", _text(node.content.strip(), []))]


def _node(kind: str, content: list[Node], **attrs: object) -> Node:
    node: Node = {"type": kind}
    if attrs:
        node["attrs"] = attrs
    return node | ({"content": content} if content else {})


def _empty() -> Node:
    return {"type": "paragraph"}


def _paragraph(node: SyntaxTreeNode) -> Node:
    return _node("paragraph", _inline_of(node))


def _heading(node: SyntaxTreeNode) -> Node:
    return _node("heading", _inline_of(node), level=int(node.tag[1:]))


def _bullets(node: SyntaxTreeNode) -> Node:
    return _node("bulletList", _items(node))


def _numbers(node: SyntaxTreeNode) -> Node:
    return _node("orderedList", _items(node), order=int(node.attrs.get("start", 1)))


def _quote(node: SyntaxTreeNode) -> Node:
    return _node("blockquote", _fit(_blocks(node.children), _IN_QUOTE) or [_empty()])


def _code_block(node: SyntaxTreeNode) -> Node:
    words = node.info.split()
    attrs = {"language": words[0]} if words else {}
    return _node("codeBlock", _text(node.content.removesuffix("\n"), []), **attrs)


def _table(node: SyntaxTreeNode) -> Node:
    return _node("table", list(_rows(node)))


def _rule(_node_of_rule: SyntaxTreeNode) -> Node:
    return {"type": "rule"}


def _items(node: SyntaxTreeNode) -> list[Node]:
    items = []
    for child in node.children:
        content = _fit(_blocks(child.children), _IN_LIST_ITEM)
        if not content or content[0]["type"] not in _FIRST_IN_LIST_ITEM:
            content.insert(0, _empty())
        items.append(_node("listItem", content))
    return items


def _rows(table: SyntaxTreeNode) -> Iterator[Node]:
    for part in table.children:
        for row in part.children:
            cells = [
                _node(
                    "tableHeader" if cell.tag == "th" else "tableCell",
                    [_node("paragraph", _inline_of(cell))],
                )
                for cell in row.children
            ]
            yield _node("tableRow", cells)


def _fit(blocks: list[Node], allowed: frozenset[str]) -> list[Node]:
    """Unfold blocks that may not stand at this place."""
    return [
        fitting
        for block in blocks
        for fitting in ([block] if block["type"] in allowed else _unfolded(block, allowed))
    ]


def _unfolded(block: Node, allowed: frozenset[str]) -> list[Node]:
    content = block.get("content", [])
    match block["type"]:
        case "heading":
            return [_node("paragraph", [_stronger(node) for node in content])]
        case "table":
            return [_node("paragraph", list(_row_text(row))) for row in content]
        case "rule":
            return []
        case _:
            return _fit(content, allowed)


def _stronger(node: Node) -> Node:
    marks = node.get("marks", [])
    if node["type"] != "text" or any(mark["type"] in {"code", "strong"} for mark in marks):
        return node
    return node | {"marks": [*marks, {"type": "strong"}]}


def _row_text(row: Node) -> Iterator[Node]:
    for number, cell in enumerate(row["content"]):
        if number:
            yield {"type": "text", "text": " | "}
        yield from cell["content"][0].get("content", [])


def _inline_of(node: SyntaxTreeNode) -> list[Node]:
    return _joined(run for child in node.children for run in _inlines(child.children, []))


def _inlines(nodes: Iterable[SyntaxTreeNode], marks: list[Node]) -> Iterator[Node]:
    for node in nodes:
        yield from _inline(node, marks)


def _inline(node: SyntaxTreeNode, marks: list[Node]) -> Iterable[Node]:
    if node.type in _MARKS:
        return _inlines(node.children, [*marks, {"type": _MARKS[node.type]}])
    if node.type in _ADDRESSES:
        label = _inlines(node.children, marks) if node.children else _text(node.content, marks)
        return _link(list(label), str(node.attrs.get(_ADDRESSES[node.type], "")))
    if node.type == "code_inline":
        # No other mark may stand beside `code`.
        return _text(node.content, [{"type": "code"}])
    if node.type == "hardbreak" or (node.type == "html_inline" and _BREAK.fullmatch(node.content)):
        return [{"type": "hardBreak"}]
    return _text(" " if node.type == "softbreak" else node.content, marks)


def _link(label: list[Node], href: str) -> list[Node]:
    """Link a label; an address that a service cannot open stands behind it as text."""
    if not _LINKED.match(href):
        return [*label, *_text(f" ({href})" if href else "", [])]
    mark = {"type": "link", "attrs": {"href": href}}
    return [
        node | {"marks": [mark, *node.get("marks", [])]} if _can_link(node) else node
        for node in label
    ]


def _can_link(node: Node) -> bool:
    marks = node.get("marks", [])
    return node["type"] == "text" and all(mark["type"] != "link" for mark in marks)


def _text(text: str, marks: list[Node]) -> list[Node]:
    if not text:
        return []
    kinds = {mark["type"]: mark for mark in marks}
    node: Node = {"type": "text", "text": text}
    return [node | ({"marks": list(kinds.values())} if kinds else {})]


def _joined(nodes: Iterable[Node]) -> list[Node]:
    """Join neighbours with the same marks."""
    joined: list[Node] = []
    for node in nodes:
        last = joined[-1] if joined else {}
        if node["type"] == last.get("type") == "text" and node.get("marks") == last.get("marks"):
            joined[-1] = last | {"text": last["text"] + node["text"]}
        else:
            joined.append(node)
    return joined


_BLOCKS: Mapping[str, Callable[[SyntaxTreeNode], Node]] = MappingProxyType(
    {
        "paragraph": _paragraph,
        "heading": _heading,
        "bullet_list": _bullets,
        "ordered_list": _numbers,
        "blockquote": _quote,
        "fence": _code_block,
        "code_block": _code_block,
        "table": _table,
        "hr": _rule,
    }
)
