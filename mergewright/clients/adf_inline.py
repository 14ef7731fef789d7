"""The words within an ADF paragraph as Markdown: marks, links, mentions, and text that stays text.

Source: CommonMark 0.31 (emphasis, code spans, backslash escapes) and GitHub Flavored Markdown
(tables); developer.atlassian.com/cloud/jira/platform/apis/document/structure, 2026-11-20.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Literal, NamedTuple

Place = Literal["text", "heading", "cell"]

INLINE_TYPES = frozenset(
    {"text", "hardBreak", "mention", "emoji", "date", "status", "inlineCard", "mediaInline"}
    | {"placeholder", "inlineExtension"}
)

_SIGNS_OF_MARKUP = r"""\\(?=[!-/:-@\[-`{-~]|\Z)|`|!(?=\[|\Z)|\](?=[(\[:]|\Z)
      |(?<!\s)\*|\*(?!\s)|~(?=~|\Z)|(?<=~)~
      |(?<![^\W_])_|_(?![^\W_])
      |<(?=[A-Za-z/!?]|\Z)|&(?=\#?\w*;|\#?\w*\Z)"""
_SPECIAL = re.compile(_SIGNS_OF_MARKUP, re.VERBOSE)
_SPECIAL_IN_LABEL = re.compile(_SIGNS_OF_MARKUP + r"|[\[\]]", re.VERBOSE)
_LINE_START = re.compile(r"#{1,6}(?=\s|$)|>|[-+=:|](?=[\s|:=+-]|$)|\|")
_NUMBERED = re.compile(r"(\d{1,9})(?=[.)](?:\s|$))")
_EDGES = re.compile(r"(\s*)(.*?)(\s*)", re.DOTALL)
_AUTOLINK = re.compile(r"https?://[^\s<>]+|mailto:[^\s<>]+")
_UNSAFE_IN_ADDRESS = re.compile(r"[\s<>\\`|\"]")
_LANGUAGE = re.compile(r"[^\w+#.-]")

_SIGNS = {"strong": "**", "em": "*", "strike": "~~"}
_ORDER = ("strong", "em", "strike")
_WORDS = {
    "mention": (("text", "id"), "@{}"),
    "emoji": (("text", "shortName"), "{}"),
    "date": (("timestamp",), "{}"),
    "mediaInline": (("alt", "id"), "(file: {})"),
}
"""Attributes that hold what a node says, and how it is shown."""


class _Run(NamedTuple):
    text: str
    marks: tuple[str, ...]
    href: str
    is_code: bool


def inline(nodes: Iterable[Mapping[str, Any]], *, within: Place = "text") -> str:
    """Return inline nodes as Markdown.

    Args:
        nodes: Text, breaks, mentions and the like.
        within: Where it will stand: a heading is bold by itself, a table cell is one line.
    """
    runs = [_run(node, bold=within != "heading") for node in nodes]
    parts = [
        _linked(list(group), href) if href else _marked(group, label=False)
        for href, group in groupby(runs, key=lambda run: run.href)
    ]
    text = "".join(parts).strip()
    if within == "cell":
        lines = (line.strip() for line in text.split("\n"))
        return "<br>".join(line for line in lines if line).replace("|", "\\|")
    return "\n".join(_at_line_start(line) for line in text.split("\n") if line.strip())


def one_line(text: str) -> str:
    """Return Markdown that may stand in a heading."""
    line = " ".join(text.split("\n")).strip()
    return re.sub(r"(?<!\\)(#+)$", r"\\\1", line)


def code_span(text: str) -> str:
    """Return a text as a code span that it cannot close."""
    text = text.replace("\n", " ")
    if not text:
        return ""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    mark = "`" * (longest + 1)
    padded = longest or (text.strip() and text[0] == text[-1] == " ")
    return f"{mark} {text} {mark}" if padded else f"{mark}{text}{mark}"


def code_fence(text: str, language: str = "") -> str:
    """Return a text as a block of code that it cannot close."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    mark = "`" * max(3, longest + 1)
    return f"{mark}{_LANGUAGE.sub('', language)}\n{text}\n{mark}"


def _run(node: Mapping[str, Any], *, bold: bool) -> _Run:
    marks, href = _marks_of(node)
    shown = tuple(name for name in _ORDER if name in marks and (bold or name != "strong"))
    if node.get("type") == "inlineCard":
        href = _card_address(node)
    return _Run(_words_of(node), shown, href, "code" in marks)


def _marks_of(node: Mapping[str, Any]) -> tuple[frozenset[str], str]:
    marks = node.get("marks")
    known = [mark for mark in marks if isinstance(mark, Mapping)] if isinstance(marks, list) else []
    href = ""
    for mark in known:
        attrs = mark.get("attrs")
        if mark.get("type") == "link" and isinstance(attrs, Mapping):
            href = str(attrs.get("href") or "")
    return frozenset(str(mark.get("type")) for mark in known), href


def _words_of(node: Mapping[str, Any]) -> str:
    kind = str(node.get("type"))
    if kind == "text":
        return str(node.get("text") or "").replace("\r\n", "\n")
    if kind == "hardBreak":
        return "\n"
    if kind == "inlineCard":
        return _card_address(node)
    names, form = _WORDS.get(kind, (("text",), "{}"))
    raw = node.get("attrs")
    attrs = raw if isinstance(raw, Mapping) else {}
    words = next((str(attrs[name]) for name in names if attrs.get(name)), "")
    if kind == "date":
        return _day(words)
    return form.format(words.removeprefix("@")) if words else ""


def _card_address(node: Mapping[str, Any]) -> str:
    attrs = node.get("attrs")
    if not isinstance(attrs, Mapping):
        return ""
    data = attrs.get("data")
    return str(attrs.get("url") or (data.get("url") if isinstance(data, Mapping) else "") or "")


def _day(timestamp: str) -> str:
    try:
        at = datetime.fromtimestamp(int(timestamp) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return timestamp
    return f"{at:%Y-%m-%d}"


def _linked(runs: list[_Run], href: str) -> str:
    address = _UNSAFE_IN_ADDRESS.sub(_percent, href)
    if _AUTOLINK.fullmatch(address) and "".join(run.text for run in runs).strip() == href:
        return f"<{address}>"
    lead, label, trail = _edges(_marked(runs, label=True))
    target = f"<{address}>" if "(" in address or ")" in address else address
    return f"{lead}[{label}]({target}){trail}" if label else f"{lead}<{address}>"


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace"))


def _marked(runs: Iterable[_Run], *, label: bool) -> str:
    """Put marks around words; spaces at their edges go outside, or they would be no marks."""
    out, held = "", ""
    opened: tuple[str, ...] = ()
    for run in runs:
        lead, core, trail = ("", run.text, "") if run.is_code else _edges(run.text)
        if not core:
            held += lead + trail
            continue
        shared = _shared(opened, run.marks)
        out += "".join(_SIGNS[mark] for mark in reversed(opened[shared:])) + _gap(held + lead)
        out += "".join(_SIGNS[mark] for mark in run.marks[shared:])
        out += code_span(core) if run.is_code else _escaped(core, label=label)
        opened, held = run.marks, trail
    return out + "".join(_SIGNS[mark] for mark in reversed(opened)) + _gap(held)


def _edges(text: str) -> tuple[str, str, str]:
    found = _EDGES.fullmatch(text)
    return (found[1], found[2], found[3]) if found else ("", text, "")


def _shared(one: tuple[str, ...], other: tuple[str, ...]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _gap(space: str) -> str:
    return "  \n" if "\n" in space else space


def _escaped(text: str, *, label: bool) -> str:
    special = _SPECIAL_IN_LABEL if label else _SPECIAL
    text = special.sub(lambda found: f"\\{found[0]}", text)
    return re.sub(r"\s*\n\s*", "  \n", text)


def _at_line_start(line: str) -> str:
    stripped = line.lstrip()
    if found := _NUMBERED.match(stripped):
        return f"{found[1]}\\{stripped[found.end() :]}"
    return f"\\{stripped}" if _LINE_START.match(stripped) else stripped
