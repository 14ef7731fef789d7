"""The words within a line of a Confluence page as Markdown.

Source: confluence.atlassian.com/doc/confluence-storage-format-790796544.html, 2026-11-20.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal
from urllib.parse import quote

from mergewright.clients.adf_inline import inline
from mergewright.clients.storage_format_tree import Element

_MARKS = {
    **dict.fromkeys(("strong", "b"), "strong"),
    **dict.fromkeys(("em", "i"), "em"),
    **dict.fromkeys(("del", "s", "strike"), "strike"),
    **dict.fromkeys(("code", "tt"), "code"),
}
_INLINE = frozenset(
    {*_MARKS, "a", "br", "span", "u", "sub", "sup", "small", "big", "time", "font", "cite"}
    | {"ac:link", "ac:image", "ac:emoticon", "ac:placeholder", "ac:inline-comment-marker"}
)
_INLINE_MACROS = frozenset({"jira", "anchor", "status"})

Child = Element | str
Run = dict[str, Any]


def is_inline(child: Child) -> bool:
    """Whether it stands within a line."""
    if isinstance(child, str):
        return True
    if child.name == "ac:structured-macro":
        return (
            child.attributes.get("ac:name") in _INLINE_MACROS
            and child.first("ac:rich-text-body") is None
        )
    return child.name in _INLINE


def words(children: Iterable[Child], *, within: Literal["text", "heading", "cell"] = "text") -> str:
    """Return what stands within a line as Markdown.

    Args:
        children: Text and elements.
        within: Where it will stand.
    """
    shown = ""
    held: list[Run] = []
    for run in [*_trimmed(run for child in children for run in _runs(child, ())), {}]:
        if run and "image" not in run:
            held.append(run)
            continue
        part = inline(held, within=within)
        spaced = bool(held) and str(held[0].get("text", ""))[:1].isspace() and shown
        shown += (" " if spaced and part else "") + part
        if run:
            before = bool(held) and str(held[-1].get("text", ""))[-1:].isspace() and part
            shown += (" " if before else "") + str(run["image"])
        held = []
    return shown


def _trimmed(runs: Iterable[Run]) -> list[Run]:
    """Leave out runs of nothing but space at both ends."""
    kept = [run for run in runs if run.get("text", "x")]
    while kept and not kept[0].get("text", "x").strip():
        kept.pop(0)
    while kept and not kept[-1].get("text", "x").strip():
        kept.pop()
    return kept


def _runs(child: Child, marks: tuple[Run, ...]) -> Iterator[Run]:
    if isinstance(child, str):
        yield _said(re.sub(r"[ \t\r\n]+", " ", child), marks)
        return
    if render := _RENDERERS.get(child.name):
        yield from render(child, marks)
        return
    mark = _MARKS.get(child.name)
    inner = (*marks, {"type": mark}) if mark else marks
    for inside in child.children:
        yield from _runs(inside, inner)


def _break(_element: Element, _marks: tuple[Run, ...]) -> Iterator[Run]:
    yield {"type": "hardBreak"}


def _link(element: Element, marks: tuple[Run, ...]) -> Iterator[Run]:
    yield from _linked(element.children, element.attributes.get("href", ""), marks)


def _time(element: Element, marks: tuple[Run, ...]) -> Iterator[Run]:
    yield _said(element.attributes.get("datetime", ""), marks)


def _emoticon(element: Element, marks: tuple[Run, ...]) -> Iterator[Run]:
    attributes = element.attributes
    yield _said(attributes.get("ac:emoji-fallback") or attributes.get("ac:name", ""), marks)


def _said(text: str, marks: tuple[Run, ...]) -> Run:
    return {"type": "text", "text": text, "marks": list(marks)}


def _linked(children: Iterable[Child], href: str, marks: tuple[Run, ...]) -> Iterator[Run]:
    inner = (*marks, {"type": "link", "attrs": {"href": href}}) if href else marks
    for child in children:
        yield from _runs(child, inner)


def _resource(link: Element, marks: tuple[Run, ...]) -> Iterator[Run]:
    """Show a link within Confluence in the form that is written back as one."""
    page, file, user = (link.first(f"ri:{kind}") for kind in ("page", "attachment", "user"))
    href, name = "", ""
    if page is not None:
        name = page.attributes.get("ri:content-title", "")
        key = page.attributes.get("ri:space-key", "")
        href = f"page:{quote(key, safe='~')}/{quote(name, safe='')}" if key else ""
        href = href or f"page:{quote(name, safe='')}"
    elif file is not None:
        name = file.attributes.get("ri:filename", "")
        href = quote(name)
    elif user is not None:
        account = user.attributes.get("ri:account-id") or user.attributes.get("ri:userkey", "")
        yield _said(f"@{account}", marks)
        return
    elif anchor := link.attributes.get("ac:anchor"):
        href, name = f"#{quote(anchor)}", anchor
    body = link.first("ac:link-body") or link.first("ac:plain-text-link-body")
    shown = body.children if body is not None and body.text.strip() else [name]
    yield from _linked(shown, href, marks)


def _image(image: Element, _marks: tuple[Run, ...]) -> Iterator[Run]:
    url, file = image.first("ri:url"), image.first("ri:attachment")
    address = url.attributes.get("ri:value", "") if url is not None else ""
    if file is not None:
        address = quote(file.attributes.get("ri:filename", ""))
    label = inline(
        [{"type": "text", "text": re.sub(r"[\[\]!]", " ", image.attributes.get("ac:alt", ""))}]
    )
    if address:
        yield {"image": f"![{label}](<{re.sub('[<>]', '', address)}>)"}


def _macro(macro: Element, marks: tuple[Run, ...]) -> Iterator[Run]:
    name = macro.attributes.get("ac:name")
    if name == "jira":
        key = macro.parameter("key")
        shown = key or macro.parameter("jqlQuery")
        yield from _linked([shown], f"ticket:{key}" if key else "", marks)
    elif name == "status":
        yield _said(macro.parameter("title"), marks)


_RENDERERS: Mapping[str, Callable[[Element, tuple[Run, ...]], Iterator[Run]]] = MappingProxyType(
    {
        "br": _break,
        "a": _link,
        "ac:link": _resource,
        "ac:image": _image,
        "ac:structured-macro": _macro,
        "time": _time,
        "ac:emoticon": _emoticon,
    }
)
