"""The words within a line of Confluence's storage format, written so that they stay words.

Links may lead to a page (`page:KEY/Title` or `page:Title`), to a ticket (`ticket:ABC-1`), to a file
of the page (`openapi.json`), to a heading (`#heading`) or to the web; images may be files of the
page or on the web. Everything else is shown as text.

Source: confluence.atlassian.com/doc/confluence-storage-format-790796544.html, 2026-11-20.
"""

import html
import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from urllib.parse import unquote

from markdown_it.tree import SyntaxTreeNode

from mergewright.clients.storage_format_tree import without_control
from mergewright.clients.ticket_file import is_key

_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_WEB = re.compile(r"(?:https?://|mailto:)", re.IGNORECASE)
_WEB_IMAGE = re.compile(r"https?://", re.IGNORECASE)
_FILE = re.compile(r"[^/\\:?#\x00-\x1f]{1,200}\.[A-Za-z0-9]{1,10}")
_SPACE_KEY = re.compile(r"~?[A-Za-z0-9._-]{1,255}")
_TAGS = MappingProxyType({"strong": "strong", "em": "em", "s": "del"})


def text(words: str) -> str:
    """Return words as XML text."""
    return html.escape(without_control(words), quote=False)


def attribute(words: str) -> str:
    """Return words as the value of an attribute, in quotes."""
    line = " ".join(without_control(words).split())
    return f'"{html.escape(line)}"'


def cdata(words: str) -> str:
    """Return words as CDATA that they cannot end."""
    inside = without_control(words).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{inside}]]>"


def parameter(name: str, value: str) -> str:
    """Return a parameter of a macro."""
    return f"<ac:parameter ac:name={attribute(name)}>{text(value)}</ac:parameter>"


def macro(name: str, *parts: str) -> str:
    """Return a macro of parameters and a body."""
    inside = "".join(parts)
    return f"<ac:structured-macro ac:name={attribute(name)}>{inside}</ac:structured-macro>"


def inline(nodes: Iterable[SyntaxTreeNode]) -> str:
    """Return the storage format of what stands within a line of Markdown."""
    return "".join(_inline(node) for node in nodes)


def plain(nodes: Iterable[SyntaxTreeNode]) -> str:
    """Return what stands within a line of Markdown without its marks."""
    return "".join(
        plain(node.children) if node.children else (" " if "break" in node.type else node.content)
        for node in nodes
    )


def _inline(node: SyntaxTreeNode) -> str:
    if tag := _TAGS.get(node.type):
        return f"<{tag}>{inline(node.children)}</{tag}>"
    render = _RENDERERS.get(node.type)
    return render(node) if render else text(node.content)


def _code(node: SyntaxTreeNode) -> str:
    return f"<code>{text(node.content)}</code>"


def _html(node: SyntaxTreeNode) -> str:
    return "<br/>" if _BREAK.fullmatch(node.content) else text(node.content)


def _hard_break(_node: SyntaxTreeNode) -> str:
    return "<br/>"


def _soft_break(_node: SyntaxTreeNode) -> str:
    return "\n"


def _link(node: SyntaxTreeNode) -> str:
    href = str(node.attrs.get("href", ""))
    label = inline(node.children)
    kind, colon, rest = href.partition(":")
    if colon and kind == "ticket" and is_key(rest):
        return macro("jira", parameter("key", rest.upper()))
    if _WEB.match(href):
        return f"<a href={attribute(href)}>{label}</a>"
    if resource := _resource(href):
        return f"<ac:link{resource[0]}>{resource[1]}{_link_body(node)}</ac:link>"
    # An address in angle brackets is its own label.
    alone = not href or plain(node.children) in {href, unquote(href)}
    return label if alone else f"{label}{text(f' ({unquote(href)})')}"


def _link_body(node: SyntaxTreeNode) -> str:
    inside = inline(node.children)
    return f"<ac:link-body>{inside}</ac:link-body>" if inside else ""


def _resource(href: str) -> tuple[str, str] | None:
    """Return the attributes and the target of a link within Confluence; None if it is none."""
    kind, colon, rest = href.partition(":")
    if href.startswith("#") and len(href) > 1:
        return f" ac:anchor={attribute(unquote(href[1:]))}", ""
    if colon and kind == "page" and rest:
        key, slash, title = rest.rpartition("/")
        if slash and not _SPACE_KEY.fullmatch(unquote(key)):
            return None
        space = f" ri:space-key={attribute(unquote(key))}" if slash else ""
        return "", f"<ri:page{space} ri:content-title={attribute(unquote(title))}/>"
    name = unquote(href)
    if _FILE.fullmatch(name):
        return "", f"<ri:attachment ri:filename={attribute(name)}/>"
    return None


def _image(node: SyntaxTreeNode) -> str:
    address = str(node.attrs.get("src", ""))
    label = plain(node.children) or node.content
    name = unquote(address)
    if _WEB_IMAGE.match(address):
        source = f"<ri:url ri:value={attribute(address)}/>"
    elif _FILE.fullmatch(name):
        source = f"<ri:attachment ri:filename={attribute(name)}/>"
    else:
        return text(f"{label} ({name})" if name else label)
    described = f" ac:alt={attribute(label)}" if label.strip() else ""
    return f"<ac:image{described}>{source}</ac:image>"


_RENDERERS: Mapping[str, Callable[[SyntaxTreeNode], str]] = MappingProxyType(
    {
        "code_inline": _code,
        "html_inline": _html,
        "hardbreak": _hard_break,
        "softbreak": _soft_break,
        "link": _link,
        "image": _image,
    }
)
