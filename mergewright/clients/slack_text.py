"""A notice as Slack's blocks and mrkdwn, within Slack's limits.

Text of others stays text: `&`, `<` and `>` are the only signs with which mrkdwn can mention people,
call a channel or hide an address, and they are escaped.

Source: docs.slack.dev/messaging/formatting-message-text and /reference/block-kit/blocks (header 150
characters, section 3 000, 50 blocks), 2026-11-20.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from mergewright.clients.adf import Node, to_adf
from mergewright.domain.notice import Notice

MAX_HEADER_CHARACTERS = 150
MAX_SECTION_CHARACTERS = 3000
MAX_SECTIONS = 40
"""Slack takes 50 blocks; the rest is for the header, the link and the note on what was cut."""

_MARKS = (("code", "`"), ("strike", "~"), ("em", "_"), ("strong", "*"))
_UNSAFE_IN_ADDRESS = re.compile(r"[\s<>|]")
_PARTED = "`\u200b`\u200b`"
"""Three backticks in a text would end the code that they stand in."""
_CUT = "_… cut here: the message was too long._"


def fallback_of(notice: Notice) -> str:
    """Return the line for notifications and for readers without blocks, as mrkdwn."""
    return escape(f"{_sign(notice)}{_one_line(notice.subject)}")


def blocks_of(notice: Notice) -> list[dict[str, Any]]:
    """Return the notice as Block Kit blocks."""
    title = _cut_at(f"{_sign(notice)}{_one_line(notice.subject)}", MAX_HEADER_CHARACTERS)
    blocks: list[dict[str, Any]] = []
    if title:
        blocks.append(
            {"type": "header", "text": {"type": "plain_text", "text": title, "emoji": False}}
        )
    sections = list(_sections(to_mrkdwn(notice.body)))
    blocks += [_section(text) for text in sections[:MAX_SECTIONS]]
    if len(sections) > MAX_SECTIONS:
        blocks.append(_section(_CUT))
    if _linkable(notice.url):
        blocks.append(_section(f"<{_address(notice.url)}>"))
    elif notice.url:
        blocks.append(_section(escape(notice.url)[:MAX_SECTION_CHARACTERS]))
    return blocks


def to_mrkdwn(markdown: str) -> str:
    """Return Slack's mrkdwn with what a Markdown text says."""
    return _blocks(to_adf(markdown)["content"])


def escape(text: str) -> str:
    """Return a text in which Slack finds no mention, channel or link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _sign(notice: Notice) -> str:
    return "⚠️ " if notice.level == "warning" else ""


def _one_line(text: str) -> str:
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _cut_at(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _sections(text: str) -> Iterator[str]:
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
    for line in text.split("\n"):
        yield from (line[start : start + room] for start in range(0, len(line) or 1, room))


def _linkable(url: str) -> bool:
    return url.startswith(("https://", "http://")) and len(url) < MAX_SECTION_CHARACTERS // 2


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
