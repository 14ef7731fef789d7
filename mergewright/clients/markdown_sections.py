"""Parts of a Markdown text under their headings, replaced with all else as it is."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from markdown_it import MarkdownIt

from mergewright.domain.page import PageSection

_PARSER = MarkdownIt("commonmark")


def with_sections(body: str, sections: Iterable[PageSection]) -> str:
    """Return a text with other words below some headings; headings that it lacks are added.

    Args:
        body: Markdown.
        sections: What is to stand below which heading.
    """
    for section in sections:
        body = _with_section(body, section)
    return body


def _with_section(body: str, section: PageSection) -> str:
    lines = body.split("\n")
    below = section.body.strip("\n")
    headings = list(_headings(body))
    for number, (level, title, _, start) in enumerate(headings):
        if title != " ".join(section.heading.split()):
            continue
        later = (first for other, _, first, _ in headings[number + 1 :] if other <= level)
        rest = lines[next(later, len(lines)) :]
        return "\n".join([*lines[:start], "", below, *(["", *rest] if rest else [""])])
    return f"{body.rstrip()}\n\n## {section.heading}\n\n{below}\n".lstrip("\n")


def _headings(body: str) -> Iterator[tuple[int, str, int, int]]:
    """Return level, text, first line and the line after each heading; those in code are none."""
    tokens = _PARSER.parse(body)
    for token, inside in pairwise(tokens):
        if token.type == "heading_open" and token.map and token.level == 0:
            yield int(token.tag[1:]), " ".join(inside.content.split()), token.map[0], token.map[1]
