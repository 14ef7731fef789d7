"""Confluence's storage format as Markdown: what people wrote on a page, for agents and reviewers.

Nothing is lost: of an element or macro that is not known here the text stays. What looks like
Markdown in somebody's text is escaped, so that it stays text.

Source: confluence.atlassian.com/doc/confluence-storage-format-790796544.html, 2026-11-20.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import groupby
from types import MappingProxyType

from mergewright.clients.adf_inline import code_fence, one_line
from mergewright.clients.storage_format import PANELS
from mergewright.clients.storage_format_tree import Element, parse
from mergewright.clients.storage_format_words import is_inline, words

_MAX_DEPTH = 40
_ALERTS = MappingProxyType({panel: alert for alert, panel in PANELS.items()})
_LANGUAGES = MappingProxyType({"py": "python", "js": "javascript", "yml": "yaml"})
_LISTS = frozenset({"ul", "ol", "ac:task-list"})

Child = Element | str


def to_markdown(storage: str) -> str:
    """Return the Markdown of a page.

    Raises:
        NotStorage: It is no well-formed storage format.
    """
    return _blocks(parse(storage).children, 0)


def _blocks(children: Iterable[Child], depth: int) -> str:
    return "\n\n".join(part for part, _ in _parts(children, depth))


def _parts(children: Iterable[Child], depth: int) -> Iterator[tuple[str, bool]]:
    """Return each block, and whether it is a list; words beside blocks are a block."""
    for within_line, group in groupby(children, key=is_inline):
        if within_line:
            shown = [(words(group), False)]
        else:
            found = [child for child in group if isinstance(child, Element)]
            shown = [(_block(child, depth + 1), child.name in _LISTS) for child in found]
        yield from (part for part in shown if part[0].strip())


def _block(element: Element, depth: int) -> str:
    if depth > _MAX_DEPTH:
        return words([element.text])
    name = element.name
    if name == "ac:structured-macro":
        name = f"macro:{element.attributes.get('ac:name', '')}"
    render = _RENDERERS.get(name)
    return render(element, depth) if render else _unknown(element, depth)


def _unknown(element: Element, depth: int) -> str:
    """Keep what is inside; the parameters of a macro are not what it says."""
    inside = [
        child
        for child in element.children
        if not (isinstance(child, Element) and child.name == "ac:parameter")
    ]
    return _blocks(inside, depth)


def _heading(element: Element, _depth: int) -> str:
    shown = one_line(words(element.children, within="heading"))
    return f"{'#' * int(element.name[1])} {shown}" if shown else ""


def _quote(element: Element, depth: int) -> str:
    return _quoted(_blocks(element.children, depth))


def _quoted(shown: str) -> str:
    return "\n".join(f"> {line}" if line else ">" for line in shown.split("\n"))


def _code(element: Element, _depth: int) -> str:
    language = element.parameter("language").lower()
    body = element.first("ac:plain-text-body")
    return code_fence(body.text if body else "", _LANGUAGES.get(language, language))


def _preformatted(element: Element, _depth: int) -> str:
    return code_fence(element.text.strip("\n"))


def _panel(element: Element, depth: int) -> str:
    alert = _ALERTS[element.attributes["ac:name"]]
    title = words([element.parameter("title")])
    shown = [f"**{title}**"] if title else []
    shown += [part for part in [_rich_body(element, depth)] if part]
    return _quoted("\n".join([f"[!{alert}]", "\n\n".join(shown)]).rstrip())


def _expand(element: Element, depth: int) -> str:
    title = re.sub(r"[<>&]", _entity, element.parameter("title"))
    opening = f"<details>\n<summary>{title}</summary>"
    return "\n\n".join(part for part in (opening, _rich_body(element, depth), "</details>") if part)


def _entity(found: re.Match[str]) -> str:
    return {"<": "&lt;", ">": "&gt;"}.get(found[0], "&amp;")


def _rich_body(element: Element, depth: int) -> str:
    body = element.first("ac:rich-text-body")
    return _blocks(body.children, depth) if body else ""


def _bullets(element: Element, depth: int) -> str:
    return _items((("- ", item) for item in element.elements), depth)


def _numbers(element: Element, depth: int) -> str:
    start = element.attributes.get("start", "1")
    first = int(start) if start.isdecimal() and len(start) < 9 else 1  # noqa: PLR2004 - Markdown reads up to nine digits
    return _items(
        ((f"{first + place}. ", one) for place, one in enumerate(element.elements)), depth
    )


def _tasks(element: Element, depth: int) -> str:
    found = [(_task_mark(task), task.first("ac:task-body")) for task in element.elements]
    return _items(((mark, body or Element("")) for mark, body in found), depth)


def _task_mark(task: Element) -> str:
    status = task.first("ac:task-status")
    return "- [x] " if status is not None and status.text.strip() == "complete" else "- [ ] "


def _items(items: Iterable[tuple[str, Element]], depth: int) -> str:
    return "\n".join(line for mark, item in items for line in _item(mark, item, depth))


def _item(mark: str, item: Element, depth: int) -> Iterator[str]:
    indent = " " * (2 if mark.startswith("-") else len(mark))
    shown = ""
    for part, is_list in _parts(item.children, depth):
        gap = "" if not shown else ("\n" if is_list else "\n\n")
        shown += gap + part
    first, *others = shown.split("\n")
    yield f"{mark}{first}".rstrip()
    yield from (f"{indent}{line}" if line else "" for line in others)


def _table(element: Element, depth: int) -> str:
    rows = [row for row in _rows(element) if any(True for _ in row.elements)]
    if not rows:
        return ""
    cells = [[_cell(cell, depth) for cell in row.elements] for row in rows]
    if not all(cell.name == "th" for cell in rows[0].elements):
        cells.insert(0, [])
    width = max(len(row) for row in cells)
    lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in cells]
    lines.insert(1, f"|{' --- |' * width}")
    return "\n".join(lines)


def _rows(element: Element) -> Iterator[Element]:
    for child in element.elements:
        if child.name == "tr":
            yield child
        elif child.name in {"tbody", "thead", "tfoot"}:
            yield from _rows(child)


def _cell(cell: Element, depth: int) -> str:
    parts = []
    for within_line, group in groupby(cell.children, key=is_inline):
        if within_line:
            parts.append(words(group, within="cell"))
            continue
        for child in group:
            if isinstance(child, Element) and child.name == "p":
                parts.append(words(child.children, within="cell"))
            elif isinstance(child, Element):
                # A cell is one line: what has several is shown line by line.
                lines = (line.strip() for line in _block(child, depth + 1).split("\n"))
                parts.append("<br>".join(line for line in lines if line).replace("|", "\\|"))
    return "<br>".join(part for part in parts if part)


def _paragraph(element: Element, depth: int) -> str:
    if all(is_inline(child) for child in element.children):
        return words(element.children)
    return _blocks(element.children, depth)


def _rule(_element: Element, _depth: int) -> str:
    return "---"


_RENDERERS: Mapping[str, Callable[[Element, int], str]] = MappingProxyType(
    {
        **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), _heading),
        **dict.fromkeys((f"macro:{name}" for name in _ALERTS), _panel),
        "p": _paragraph,
        "ul": _bullets,
        "ol": _numbers,
        "ac:task-list": _tasks,
        "table": _table,
        "blockquote": _quote,
        "pre": _preformatted,
        "hr": _rule,
        "macro:code": _code,
        "macro:noformat": _code,
        "macro:expand": _expand,
    }
)
