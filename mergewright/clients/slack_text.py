"""Markdown as Slack's mrkdwn, in parts that fit into its sections.

Text of others stays text: `&`, `<` and `>` are the only signs with which mrkdwn can mention people,
call a channel or hide an address, and they are escaped.

Source: docs.slack.dev/messaging/formatting-message-text and /reference/block-kit/blocks (section
3 000 characters), 2026-11-20.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType

from mergewright.clients.adf import Node, to_adf

MAX_SECTION_CHARACTERS = 3000

_MARKS = (("code", "`"), ("strike", "~"), ("em", "_"), ("strong", "*"))
_UNSAFE_IN_ADDRESS = re.compile(r"[\s<>|]")
_PARTED = "`\u200b`\u200b`"
"""Three backticks in a text would end the code that they stand in."""


def to_mrkdwn(markdown: str) -> str:
    """Return Slack's mrkdwn with what a Markdown text says."""
    return _blocks(to_adf(markdown)["content"])


def escape(text: str) -> str:
    """Return a text in which Slack finds no mention, channel or link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def link(url: str, label: str) -> str:
    """Return a link; only for what is `linkable`."""
    return f"<{_address(url)}|{escape(label).replace('|', '/')}>"


def linkable(url: str) -> bool:
    """Whether Slack can link to it: an address of the web that is not endless."""
    return url.startswith(("https://", "http://")) and len(url) < MAX_SECTION_CHARACTERS // 2


def cut_at_word(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters, cut behind a word if there is one near."""
    return text if len(text) <= limit else f"{text[: _cut(text, limit - 1)].rstrip()}…"


def sections(text: str) -> Iterator[str]:
    """Part a text between its lines; code that is parted is closed and opened again."""
    part, inside = "", False
    for line in _short_lines(text):
        if part and len(part) + len(line) + 8 > MAX_SECTION_CHARACTERS:
            yield f"{part}\n```" if inside else part
            part = "```" if inside else ""
        part += f"\n{line}" if part else line
        if line == "```":
            inside = not inside
    if part.strip():
        yield part


def _short_lines(text: str) -> Iterator[str]:
    room = MAX_SECTION_CHARACTERS - 16
    for whole in text.split("\n"):
        line = whole
        while len(line) > room:
            end = _cut(line, room)
            yield line[:end]
            line = line[end:]
        yield line


def _cut(text: str, limit: int) -> int:
    """Return where to cut: behind a word near the limit, and never within an escaped sign."""
    near = text.rfind(" ", limit * 2 // 3, limit) + 1
    entity = text.rfind("&", limit - 4, limit)
    return near or (entity if entity > 0 and ";" in text[limit : limit + 5] else limit)


def _address(url: str) -> str:
    return _UNSAFE_IN_ADDRESS.sub(lambda found: f"%{ord(found[0]):02X}", url).replace("&", "&amp;")


def _blocks(nodes: Iterable[Node]) -> str:
    return "\n\n".join(part for part in (_block(node) for node in nodes) if part.strip())


def _block(node: Node) -> str:
    return _RENDERERS[node["type"]](node)


def _heading(node: Node) -> str:
    text = "".join(_words(child, without="strong") for child in node.get("content", [])).replace(
        "\n", " "
    )
    return f"*{text}*" if text else ""


def _paragraph(node: Node) -> str:
    return "".join(_words(child) for child in node.get("content", []))


def _quote(node: Node) -> str:
    return "\n".join(f"> {line}" for line in _blocks(node.get("content", [])).split("\n"))


def _code_block(node: Node) -> str:
    return _fence("".join(child["text"] for child in node.get("content", [])))


def _fence(text: str) -> str:
    parted = escape(text).replace("```", _PARTED)
    return f"```\n{parted}\n```"


def _list(node: Node) -> str:
    return "\n".join(_items(node, ""))


def _items(node: Node, indent: str) -> Iterator[str]:
    first = node.get("attrs", {}).get("order")
    for number, item in enumerate(node.get("content", [])):
        mark = "•" if first is None else f"{first + number}."
        words = "\n".join(_item_words(item))
        yield f"{indent}{mark} {words}".replace("\n", f"\n{indent}   ")
        for child in item["content"]:
            if child["type"] in {"bulletList", "orderedList"}:
                yield from _items(child, f"{indent}    ")


def _item_words(item: Node) -> Iterator[str]:
    for child in item["content"]:
        if child["type"] not in {"bulletList", "orderedList"}:
            yield _block(child)


def _table(node: Node) -> str:
    """Show a table as aligned code: mrkdwn has none."""
    rows = [
        ["".join(_plain(part) for part in cell["content"]) for cell in row["content"]]
        for row in node.get("content", [])
    ]
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=False)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return _fence("\n".join(lines))


def _plain(node: Node) -> str:
    return "".join(str(child.get("text", " ")) for child in node.get("content", []))


def _rule(_node: Node) -> str:
    return "———"


def _words(node: Node, *, without: str = "") -> str:
    if node["type"] == "hardBreak":
        return "\n"
    marks = {mark["type"]: mark for mark in node.get("marks", []) if mark["type"] != without}
    core = node["text"].strip()
    if not core:
        return str(node["text"])
    lead, _, trail = node["text"].partition(core)
    text = escape(core)
    for mark, sign in _MARKS:
        if mark in marks:
            text = f"{sign}{text}{sign}"
    href = marks["link"]["attrs"]["href"] if "link" in marks else ""
    if href.startswith(("http://", "https://", "mailto:")):
        text = f"<{_address(href)}|{text.replace('|', '/')}>"
    return f"{lead}{text}{trail}"


_RENDERERS: Mapping[str, Callable[[Node], str]] = MappingProxyType(
    {
        "heading": _heading,
        "paragraph": _paragraph,
        "blockquote": _quote,
        "codeBlock": _code_block,
        "bulletList": _list,
        "orderedList": _list,
        "table": _table,
        "rule": _rule,
    }
)
