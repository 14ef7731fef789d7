"""What a document holds that can be checked: links, anchors, code blocks, and names set as code."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, NamedTuple

from markdown_it import MarkdownIt
from markdown_it.token import Token

from mergewright.analysis.documentation_rst import read_rst

MAX_CHARACTERS: Final = 200_000
"""Longer documents are read up to here."""
MAX_LINE_CHARACTERS: Final = 3_000
"""Longer lines are taken as empty: nobody wrote them, and reading them takes the square of the time."""

_PARSER: Final = MarkdownIt("commonmark").enable("table")
_MARKDOWN: Final = (".md", ".mdx", ".markdown")
_FRONT_MATTER: Final = re.compile(r"\A\ufeff?---[ \t]*\n.*?^---[ \t]*$", re.DOTALL | re.MULTILINE)
_HTML_LINK: Final = re.compile(
    r"""<(?:a|img)\s[^<>]{0,500}?(?:href|src)\s*=\s*["']([^"'<>]*)""", re.IGNORECASE
)
_HTML_ANCHOR: Final = re.compile(
    r"""<\w+\s[^<>]{0,500}?(?:id|name)\s*=\s*["']([^"'<>\s]+)""", re.IGNORECASE
)
_OWN_ANCHOR: Final = re.compile(r"\{#([\w.:-]+)[^}]*\}\s*$")
_UNCHECKED: Final = frozenset(("no-check", "no_check", "ignore", "no-run", "no_run", "skip"))


class Link(NamedTuple):
    """A link or picture of a document, with where it leads."""

    target: str
    line: int


class CodeBlock(NamedTuple):
    """A code block of a document."""

    language: str
    """As its first line says, in lower case; empty when it says nothing."""
    text: str
    line: int
    """Where its code begins."""
    is_checked: bool
    """Whether its author lets it be checked."""


class Mention(NamedTuple):
    """Words that are set as code."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class DocumentText:
    """What a document holds that can be checked."""

    links: tuple[Link, ...] = ()
    anchors: frozenset[str] = frozenset()
    """What a link may name after `#`."""
    blocks: tuple[CodeBlock, ...] = ()
    mentions: tuple[Mention, ...] = ()


def read_document(path: str, text: str) -> DocumentText:
    """Return what a document holds; nothing of one in a form that is not known.

    Args:
        path: Its path, whose ending tells the form.
        text: What is in it: anything.
    """
    text = text[:MAX_CHARACTERS].replace("\r\n", "\n").replace("\r", "\n")
    text = "\n".join(line if len(line) <= MAX_LINE_CHARACTERS else "" for line in text.split("\n"))
    suffix = path[path.rfind(".") :].lower() if "." in path.rpartition("/")[2] else ""
    if suffix in _MARKDOWN:
        return _read_markdown(text)
    if suffix == ".rst":
        found = read_rst(text)
        return DocumentText(
            links=tuple(Link(*each) for each in found.links),
            anchors=_anchors(found.headings) | {label.lower() for label in found.labels},
            blocks=tuple(_block(*each) for each in found.blocks),
            mentions=tuple(Mention(*each) for each in found.mentions),
        )
    return DocumentText()


def slug(heading: str) -> str:
    """Return the anchor that GitHub gives a heading.

    Source: github.com/Flet/github-slugger, 2026-11-20.
    """
    text = unicodedata.normalize("NFC", heading).strip().lower()
    kept = (char for char in text if char.isalnum() or char in "-_ " or _joins(char))
    return "".join(kept).replace(" ", "-")


def _joins(char: str) -> bool:
    return unicodedata.category(char) in {"Mn", "Mc", "Pc"}


def _anchors(headings: Sequence[str]) -> frozenset[str]:
    """Return the anchors of headings in their order: equal ones are numbered."""
    counts: Counter[str] = Counter()
    found = set()
    for heading in headings:
        own = _OWN_ANCHOR.search(heading)
        if own:
            found.add(own[1].lower())
        name = slug(_OWN_ANCHOR.sub("", heading))
        found.add(f"{name}-{counts[name]}" if counts[name] else name)
        counts[name] += 1
    return frozenset(found)


def _read_markdown(text: str) -> DocumentText:
    front = _FRONT_MATTER.match(text)
    if front:
        text = "\n" * front[0].count("\n") + text[front.end() :]
    tokens = _PARSER.parse(text)
    headings = [
        "".join(_words(inside))
        for token, inside in pairwise(tokens)
        if token.type == "heading_open"
    ]
    html = " ".join(_html(tokens))
    return DocumentText(
        links=tuple(_links(tokens)),
        anchors=_anchors(headings) | {name.lower() for name in _HTML_ANCHOR.findall(html)},
        blocks=tuple(
            _block(token.info, token.content, (token.map or [0])[0] + 2)
            for token in tokens
            if token.type == "fence"
        ),
        mentions=tuple(
            Mention(child.content, line)
            for child, line in _children(tokens)
            if child.type == "code_inline"
        ),
    )


def _block(info: str, text: str, line: int) -> CodeBlock:
    plain = info.translate(str.maketrans("{},", "   ")).lower()
    words = [word.lstrip(".") for word in plain.split()]
    language = words[0] if words else ""
    return CodeBlock(language, text, line, _UNCHECKED.isdisjoint(words))


def _children(tokens: Sequence[Token]) -> Iterator[tuple[Token, int]]:
    """Yield what stands in lines of text, each with its line."""
    for token in tokens:
        if token.type != "inline" or not token.children:
            continue
        line = (token.map or [0])[0] + 1
        for child in token.children:
            yield child, line
            line += child.type in {"softbreak", "hardbreak"}


def _words(token: Token) -> Iterator[str]:
    for child in token.children or ():
        if child.type in {"text", "code_inline"}:
            yield child.content


def _links(tokens: Sequence[Token]) -> Iterator[Link]:
    for child, line in _children(tokens):
        target = child.attrs.get("href") or child.attrs.get("src")
        if target:
            yield Link(str(target), line)
        elif child.type == "html_inline":
            yield from (Link(found, line) for found in _HTML_LINK.findall(child.content))
    for token in tokens:
        if token.type == "html_block":
            line = (token.map or [0])[0] + 1
            yield from (Link(found, line) for found in _HTML_LINK.findall(token.content))


def _html(tokens: Sequence[Token]) -> Iterator[str]:
    yield from (token.content for token in tokens if token.type == "html_block")
    yield from (child.content for child, _ in _children(tokens) if child.type == "html_inline")
