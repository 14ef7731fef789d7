"""A notice as the two texts of a mail: HTML with inline style, and plain text.

The HTML loads nothing, sets no background and mixes its lines from half-transparent grey, so that it
reads well in light and in dark. Text of others shows in it and does nothing: HTML is escaped, images
are left out, and only addresses of the web become links.

Source: html.spec.whatwg.org (`color-scheme`), caniemail.com (style elements and classes are dropped by
some readers, style attributes by none), 2026-11-20.
"""

import html
import re
from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererProtocol
from markdown_it.token import Token
from markdown_it.utils import OptionsDict
from markupsafe import Markup

from mergewright.domain.notice import Notice, NoticeLink
from mergewright.texts.escaping import visible

_LINE = "rgba(127,127,127,0.35)"
_SHADE = "rgba(127,127,127,0.14)"
_MONO = "font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:13px"
_PRE = (
    f"{_MONO};line-height:1.45;background:{_SHADE};border-radius:6px;padding:10px 12px;margin:12px 0;"
    "white-space:pre-wrap;overflow-wrap:anywhere"
)
_CODE = f"{_MONO};background:{_SHADE};border-radius:4px;padding:1px 4px;overflow-wrap:anywhere"
_TITLE = "line-height:1.3;margin:20px 0 8px"
_CELL = f"border:1px solid {_LINE};padding:5px 9px;text-align:left;vertical-align:top"
_STYLES: Mapping[str, str] = MappingProxyType(
    {
        "p": "margin:10px 0",
        "h1": f"font-size:18px;{_TITLE}",
        "h2": f"font-size:17px;{_TITLE}",
        **{f"h{level}": f"font-size:15px;{_TITLE}" for level in (3, 4, 5, 6)},
        "ul": "margin:10px 0;padding-left:24px",
        "ol": "margin:10px 0;padding-left:24px",
        "li": "margin:3px 0",
        "a": "color:#2f74d0",
        "code": _CODE,
        "blockquote": f"margin:12px 0;padding:2px 14px;border-left:3px solid {_LINE}",
        "table": "border-collapse:collapse;margin:12px 0;font-size:14px",
        "th": f"{_CELL};background:{_SHADE}",
        "td": _CELL,
        "hr": f"border:0;border-top:1px solid {_LINE};margin:18px 0",
    }
)
_ACCENTS = {"warning": "#d97706", "information": "#16a34a"}
_WEB = re.compile(r"https?://[^\s<>\"]+$", re.IGNORECASE)
_CODE_OR_ESCAPE = re.compile(
    r"(?P<code>(?<!`)(?P<run>`+)(?!`).+?(?<!`)(?P=run)(?!`))"
    r"|\\(?P<sign>[!-/:-@\[-`{-~])|(?P<entity>&(?:lt|gt|amp|quot);)"
)
_ZERO_WIDTH_SPACE = "\u200b"


def mail_text(notice: Notice) -> str:
    """Return a notice as plain text: Markdown as people type it, without its escapes."""
    details = "\n".join(f"{detail.name}: {_flat(detail.value)}" for detail in notice.details)
    links = "\n".join(f"{_flat(link.label)}: {_flat(link.url)}" for link in _links(notice))
    run = f"-- \nRun {_flat(notice.run_id)}" if notice.run_id else ""
    parts = (details, _plain(visible(notice.body).strip()), links, run)
    return "\n\n".join(part for part in parts if part) + "\n"


def mail_html(notice: Notice, *, note: str = "") -> str:
    """Return a notice as an HTML document that needs nothing else.

    Args:
        notice: What to tell.
        note: Plain text about the mail itself, as what is not attached.
    """
    links = _links(notice)
    return (
        _environment()
        .get_template("notice.html.j2")
        .render(
            notice=notice,
            subject=_flat(notice.subject),
            event=notice.event.value if notice.event else "",
            accent=_ACCENTS[notice.level],
            details=[(detail.name, _flat(detail.value)) for detail in notice.details],
            body=Markup(_body(notice.body)),  # noqa: S704 - the parser escaped it
            links=[link for link in links if _WEB.match(link.url)],
            places=[link for link in links if not _WEB.match(link.url)],
            note=note,
            code=_CODE,
            line=_LINE,
        )
    )


def _links(notice: Notice) -> Sequence[NoticeLink]:
    first = NoticeLink(label=notice.url_label, url=notice.url)
    return [link for link in (first, *notice.links) if link.url]


def _flat(text: str) -> str:
    return " ".join(visible(text).split())


def _plain(markdown: str) -> str:
    lines: list[str] = []
    fence = ""
    for line in markdown.replace(_ZERO_WIDTH_SPACE, "").split("\n"):
        mark = re.match(r"`{3,}", line)
        if fence:
            fence = "" if line == fence else fence
        elif mark:
            fence = mark[0]
        else:
            line = _CODE_OR_ESCAPE.sub(_unescaped, line)  # noqa: PLW2901 - the same line, plain
        lines.append(line)
    return "\n".join(lines)


def _unescaped(found: re.Match[str]) -> str:
    if found["code"]:
        return found["code"]
    return found["sign"] or html.unescape(found["entity"])


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("mergewright.texts", "."),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.disable(["image"])
    parser.validateLink = lambda url: _WEB.match(url) is not None  # type: ignore[method-assign]  # the library's own way
    parser.add_render_rule("fence", _code_block)
    parser.add_render_rule("code_block", _code_block)
    return parser


def _code_block(
    _self: RendererProtocol,
    tokens: Sequence[Token],
    index: int,
    _options: OptionsDict,
    _env: Any,  # noqa: ANN401 - the library's signature
) -> str:
    return f'<pre style="{_PRE}">{html.escape(tokens[index].content.rstrip())}</pre>\n'


def _body(markdown: str) -> str:
    parser = _parser()
    tokens = parser.parse(visible(markdown))
    for token in tokens:
        for part in (token, *(token.children or ())):
            if part.nesting >= 0 and part.tag in _STYLES:
                part.attrSet("style", _style(part))
    return str(parser.renderer.render(tokens, parser.options, {}))


def _style(token: Token) -> str:
    aligned = str(token.attrGet("style") or "")
    return f"{_STYLES[token.tag]};{aligned}" if aligned else _STYLES[token.tag]
