"""ADF as Markdown: what people wrote in Jira Cloud, in a form that agents and reviewers read.

Nothing is lost: of a node that is not known here the text stays. What looks like Markdown in
somebody's text is escaped, so that it stays text.

Source: developer.atlassian.com/cloud/jira/platform/apis/document/structure, 2026-11-20.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Any

from mergewright.clients.adf_inline import INLINE_TYPES, code_fence, code_span, inline, one_line

_MAX_DEPTH = 40
"""Deeper than this, only the text is kept; people nest four deep."""

_PANELS = MappingProxyType(
    {"info": "Info", "note": "Note", "warning": "Warning", "error": "Error", "success": "Success"}
)
_STRONG = {"type": "strong"}
_LISTS = frozenset({"bulletList", "orderedList", "taskList", "decisionList"})

Children = list[Mapping[str, Any]]


def to_markdown(document: object) -> str:
    """Return the Markdown of an ADF document; anything else is an empty text."""
    return _blocks(_children(document), 0)


def _children(node: object) -> Children:
    content = node.get("content") if isinstance(node, Mapping) else None
    if not isinstance(content, list):
        return []
    return [child for child in content if isinstance(child, Mapping)]


def _attribute(node: Mapping[str, Any], name: str) -> str:
    attrs = node.get("attrs")
    value = attrs.get(name) if isinstance(attrs, Mapping) else None
    return "" if value is None else str(value)


def _blocks(nodes: Children, depth: int) -> str:
    parts = []
    for is_inline, group in groupby(nodes, key=lambda node: node.get("type") in INLINE_TYPES):
        if is_inline:
            parts.append(inline(group))
        else:
            parts += [_block(node, depth + 1) for node in group]
    return "\n\n".join(part for part in parts if part.strip())


def _block(node: Mapping[str, Any], depth: int) -> str:
    if depth > _MAX_DEPTH:
        return inline([{"type": "text", "text": _deep_text(node)}])
    render = _RENDERERS.get(str(node.get("type")))
    return render(node, depth) if render else _unknown(node, depth)


def _deep_text(node: Mapping[str, Any]) -> str:
    words: list[str] = []
    waiting: list[Mapping[str, Any]] = [node]
    while waiting:
        next_node = waiting.pop()
        words.append(str(next_node.get("text", "")))
        waiting += reversed(_children(next_node))
    return " ".join(word for word in words if word)


def _unknown(node: Mapping[str, Any], depth: int) -> str:
    """Keep the text of a node, wherever it has it."""
    own = str(node.get("text") or _attribute(node, "text") or _attribute(node, "title"))
    parts = (inline([{"type": "text", "text": own}]), _blocks(_children(node), depth))
    return "\n\n".join(part for part in parts if part)


def _heading(node: Mapping[str, Any], _depth: int) -> str:
    level = _attribute(node, "level")
    mark = "#" * (int(level) if level in {"1", "2", "3", "4", "5", "6"} else 1)
    text = one_line(inline(_children(node), within="heading"))
    return f"{mark} {text}" if text else ""


def _code_block(node: Mapping[str, Any], _depth: int) -> str:
    return code_fence(_code_text(node), _attribute(node, "language"))


def _code_text(node: Mapping[str, Any]) -> str:
    return "".join(str(child.get("text", "")) for child in _children(node))


def _quote(node: Mapping[str, Any], depth: int) -> str:
    return _quoted(_blocks(_children(node), depth))


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in text.split("\n"))


def _panel(node: Mapping[str, Any], depth: int) -> str:
    label = _PANELS.get(_attribute(node, "panelType"), "Note")
    return _quoted(f"**{label}:**\n\n{_blocks(_children(node), depth)}".rstrip())


def _expand(node: Mapping[str, Any], depth: int) -> str:
    title = inline([{"type": "text", "text": _attribute(node, "title"), "marks": [_STRONG]}])
    return "\n\n".join(part for part in (title, _blocks(_children(node), depth)) if part)


def _bullets(node: Mapping[str, Any], depth: int) -> str:
    return _items((("- ", item) for item in _children(node)), depth)


def _numbers(node: Mapping[str, Any], depth: int) -> str:
    order = _attribute(node, "order")
    first = int(order) if order.isdecimal() and len(order) < 9 else 1  # noqa: PLR2004 - Markdown reads up to nine digits
    return _items(
        ((f"{first + number}. ", item) for number, item in enumerate(_children(node))), depth
    )


def _tasks(node: Mapping[str, Any], depth: int) -> str:
    return _items(((_task_mark(item), item) for item in _children(node)), depth)


def _task_mark(item: Mapping[str, Any]) -> str:
    if not str(item.get("type")).lower().endswith("taskitem"):
        return ""
    return "- [x] " if _attribute(item, "state") == "DONE" else "- [ ] "


def _items(items: Iterable[tuple[str, Mapping[str, Any]]], depth: int) -> str:
    return "\n".join(line for mark, item in items for line in _item(mark, item, depth))


def _item(mark: str, item: Mapping[str, Any], depth: int) -> Iterator[str]:
    if not mark:
        # A task list nests its sub-lists beside its items, not in them.
        yield from (f"  {line}" for line in _block(item, depth + 1).split("\n"))
        return
    indent = " " * (2 if mark.startswith("-") else len(mark))
    first, *others = _item_text(item, depth + 1).split("\n")
    yield f"{mark}{first}"
    yield from (f"{indent}{line}" if line else "" for line in others)


def _item_text(item: Mapping[str, Any], depth: int) -> str:
    text = ""
    for part, is_list in _item_parts(_children(item), depth):
        gap = "" if not text else ("\n" if is_list else "\n\n")
        text += gap + part
    return text


def _item_parts(children: Children, depth: int) -> Iterator[tuple[str, bool]]:
    for is_list, group in groupby(children, key=lambda node: node.get("type") in _LISTS):
        part = _blocks(list(group), depth)
        if part:
            yield part, is_list


def _table(node: Mapping[str, Any], depth: int) -> str:
    rows = [
        [_cell(cell, depth) for cell in _children(row)] for row in _children(node) if _children(row)
    ]
    if not rows:
        return ""
    first = _children(_children(node)[0])
    if not all(cell.get("type") == "tableHeader" for cell in first):
        rows.insert(0, [])
    width = max(len(row) for row in rows)
    lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in rows]
    lines.insert(1, f"|{' --- |' * width}")
    return "\n".join(lines)


def _cell(cell: Mapping[str, Any], depth: int) -> str:
    parts = []
    for child in _children(cell):
        if child.get("type") == "paragraph":
            parts.append(inline(_children(child), within="cell"))
        elif child.get("type") == "codeBlock":
            lines = _code_text(child).split("\n")
            parts += [code_span(line).replace("|", "\\|") for line in lines if line.strip()]
        else:
            # A cell is one line: what has several is shown line by line.
            shown = (line.strip() for line in _block(child, depth + 1).split("\n"))
            parts.append("<br>".join(line for line in shown if line).replace("|", "\\|"))
    return "<br>".join(part for part in parts if part)


def _paragraph(node: Mapping[str, Any], _depth: int) -> str:
    return inline(_children(node))


def _media(node: Mapping[str, Any], depth: int) -> str:
    name = _attribute(node, "alt") or _attribute(node, "__fileName")
    own = inline([{"type": "text", "text": f"(image: {name})" if name else "(image)"}])
    return own if node.get("type") == "media" else _blocks(_children(node), depth)


def _card(node: Mapping[str, Any], _depth: int) -> str:
    return inline([{**node, "type": "inlineCard"}])


def _rule(_node: Mapping[str, Any], _depth: int) -> str:
    return "---"


_RENDERERS: Mapping[str, Callable[[Mapping[str, Any], int], str]] = MappingProxyType(
    {
        "paragraph": _paragraph,
        "heading": _heading,
        "codeBlock": _code_block,
        "blockquote": _quote,
        "panel": _panel,
        "expand": _expand,
        "nestedExpand": _expand,
        "bulletList": _bullets,
        "decisionList": _bullets,
        "orderedList": _numbers,
        "taskList": _tasks,
        "table": _table,
        "rule": _rule,
        "mediaSingle": _media,
        "mediaGroup": _media,
        "media": _media,
        "blockCard": _card,
        "embedCard": _card,
    }
)
