"""The sections of a Markdown document, and which of them a change touches."""

from itertools import pairwise
from typing import Final

from markdown_it import MarkdownIt

from mergewright.domain.page import PageSection

_PARSER: Final = MarkdownIt("commonmark")
_LEVEL: Final = "h2"


def title_of(text: str) -> str:
    """Return the first heading of the highest level; empty where there is none."""
    return next((title for tag, title, _, _ in _headings(text) if tag == "h1"), "")[:250]


def changed_sections(before: str, after: str) -> tuple[PageSection, ...]:
    """Return the sections of a document that are new or other than they were.

    Nothing where something changed above the first of them, where one of them is gone, or where
    two have one heading: only the whole document says it then.
    """
    old_top, old = _sections(before)
    new_top, new = _sections(after)
    names = [section.heading for section in new]
    known = {section.heading: section.body for section in old}
    is_apart = old_top == new_top and set(known) <= set(names)
    if not is_apart or len(set(names)) < len(names) or len(known) < len(old):
        return ()
    return tuple(section for section in new if known.get(section.heading) != section.body)


def _sections(text: str) -> tuple[str, list[PageSection]]:
    """Return what stands above the first section, and the sections."""
    lines = text.split("\n")
    starts = [heading for heading in _headings(text) if heading[0] in {"h1", _LEVEL}]
    found = []
    top = len(lines)
    for place, (tag, title, first, last) in enumerate(starts):
        if tag != _LEVEL:
            continue
        top = min(top, first)
        end = starts[place + 1][2] if place + 1 < len(starts) else len(lines)
        found.append(PageSection(heading=title, body="\n".join(lines[last:end]).strip("\n")))
    return "\n".join(lines[:top]).strip("\n"), found


def _headings(text: str) -> list[tuple[str, str, int, int]]:
    """Return level, text, first line and the line after each heading; those in code are none."""
    return [
        (token.tag, " ".join(inside.content.split()), token.map[0], token.map[1])
        for token, inside in pairwise(_PARSER.parse(text))
        if token.type == "heading_open" and token.map and token.level == 0
    ]
