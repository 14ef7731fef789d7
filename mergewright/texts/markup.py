"""HTML of this room: a mail, and what notebooks show.

It loads nothing, sets no background and mixes its lines from half-transparent grey, so that it
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

from mergewright.texts.escaping import block, file_path, one_line, visible
from mergewright.texts.templates import count, duration, instant, unpaid, usd

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
_WEB = re.compile(r"https?://[^\s<>\"]+$", re.IGNORECASE)


def render_html(name: str, **values: object) -> str:
    """Fill in the template `<name>.html.j2`; what it prints is escaped."""
    return _environment().get_template(f"{name}.html.j2").render(values)


def is_web_address(url: str) -> bool:
    """Say whether an address may be a link."""
    return _WEB.match(url) is not None


def markdown_html(markdown: str) -> Markup:
    """Return Markdown as HTML with inline style; HTML in it is shown and does nothing."""
    parser = _parser()
    tokens = parser.parse(visible(markdown))
    for token in tokens:
        for part in (token, *(token.children or ())):
            if part.nesting >= 0 and part.tag in _STYLES:
                part.attrSet("style", _style(part))
    text = str(parser.renderer.render(tokens, parser.options, {}))
    return Markup(text)  # noqa: S704 - the parser escaped it


def link_html(url: str, label: str = "") -> Markup:
    """Link to an address that a service of ours gave; show a file's path, which no viewer opens."""
    if is_web_address(url):
        style = 'style="color:#2f74d0;overflow-wrap:anywhere"'
        link = f'<a href="{{}}" rel="noopener noreferrer" target="_blank" {style}>{{}}</a>'
        return Markup(link).format(url, visible(label or url))  # noqa: S704 - a text of ours
    return code_html(file_path(url))


def code_html(text: str) -> Markup:
    """Show a short text as code."""
    shown = f'<code style="{_CODE}">{{}}</code>'
    return Markup(shown).format(visible(text))  # noqa: S704 - a text of ours


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("mergewright.texts", "."),
        undefined=StrictUndefined,
        autoescape=True,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"line": _LINE, "shade": _SHADE, "code": _CODE, "pre": _PRE}
    environment.filters |= {
        "block": _block,
        "count": count,
        "duration": duration,
        "instant": instant,
        "line": one_line,
        "unpaid": unpaid,
        "usd": usd,
    }
    return environment


def _printed(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _block(text: str) -> Markup:
    """Show a text of several lines: paragraphs, lists and code keep their form."""
    return markdown_html(block(text))


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.disable(["image"])
    parser.validateLink = is_web_address  # type: ignore[method-assign]  # the library's own way
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


def _style(token: Token) -> str:
    aligned = str(token.attrGet("style") or "")
    return f"{_STYLES[token.tag]};{aligned}" if aligned else _STYLES[token.tag]
