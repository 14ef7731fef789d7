"""Markdown as Confluence's storage format, the XHTML with macros that pages are kept in.

What only looks like a macro in the Markdown comes out as text: every tag here is written by us.
Quotes that begin with `[!NOTE]`, `[!TIP]`, `[!WARNING]` or `[!CAUTION]` become panels, `<details>`
becomes a part that can be expanded, and a list of `[ ]` items a list of tasks.

Source: confluence.atlassian.com/doc/confluence-storage-format-790796544.html and the list of
languages of the code macro, confluence.atlassian.com/doc/code-block-macro-139390.html; 2026-11-20.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import count
from types import MappingProxyType

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from mergewright.clients.storage_format_inline import cdata, inline, macro, parameter, text

_PARSER = MarkdownIt("commonmark", {"maxNesting": 100}).enable(["table", "strikethrough"])
PANELS = MappingProxyType({"NOTE": "info", "TIP": "tip", "WARNING": "note", "CAUTION": "warning"})
"""GitHub's alerts and the macros that are shown in the same colour."""
_LANGUAGES = frozenset(
    {"actionscript3", "applescript", "bash", "c#", "cpp", "css", "coldfusion", "delphi", "diff"}
    | {"erl", "groovy", "xml", "java", "jfx", "js", "json", "perl", "php", "powershell", "py"}
    | {"ruby", "sass", "scala", "sql", "text", "vb", "yml", "go", "kotlin", "rust", "typescript"}
)
_ALIASES = MappingProxyType(
    {"python": "py", "javascript": "js", "yaml": "yml", "sh": "bash", "shell": "bash", "c": "cpp"}
    | {"html": "xml", "ts": "typescript", "c++": "cpp", "csharp": "c#", "console": "bash"}
)
_ALERT = re.compile(r"\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]")
_DETAILS = re.compile(
    r"\s*<details(?: open)?>\s*(?:<summary>(?P<title>[^<]*)</summary>)?\s*", re.IGNORECASE
)
_DETAILS_END = re.compile(r"\s*</details>\s*", re.IGNORECASE)
_TASK = re.compile(r"\[([ xX])\](?:\s|$)")
_MAX_DEPTH = 40
"""Markdown nests a quote per character; deeper than this, only the text is kept. Deeper than the
parser's `maxNesting`, nothing is read."""


def to_storage(markdown: str) -> str:
    """Return the storage format of a page with what a Markdown text says."""
    clean = markdown.replace("\0", "").encode("utf-8", "replace").decode()
    tree = SyntaxTreeNode(_PARSER.parse(clean))
    return _Writer().blocks(tree.children, 0)


class _Writer:
    """Writes one page; its tasks are numbered."""

    def __init__(self) -> None:
        self._task_ids = count(1)
        self._renderers: Mapping[str, Callable[[SyntaxTreeNode, int], str]] = MappingProxyType(
            {
                "heading": self._heading,
                "paragraph": self._paragraph,
                "blockquote": self._quote,
                "bullet_list": self._bullets,
                "ordered_list": self._numbers,
                "table": self._table,
                "fence": self._code_block,
                "code_block": self._code_block,
                "hr": self._rule,
                "inline": self._line,
            }
        )

    def blocks(self, nodes: Sequence[SyntaxTreeNode], depth: int) -> str:
        """Return blocks in order; what stands between `<details>` and its end is one block."""
        parts: list[str] = []
        place = 0
        while place < len(nodes):
            node = nodes[place]
            opened = _opened(node)
            end = _end_of_details(nodes, place) if opened is not None else None
            if opened is not None and end is not None:
                inside = self.blocks(nodes[place + 1 : end], depth + 1)
                body = f"<ac:rich-text-body>{inside}</ac:rich-text-body>"
                parts.append(macro("expand", parameter("title", opened), body))
                place = end
            else:
                parts.append(self._block(node, depth + 1))
            place += 1
        return "".join(parts)

    def _block(self, node: SyntaxTreeNode, depth: int) -> str:
        if depth > _MAX_DEPTH:
            return f"<p>{text(_deep_text(node))}</p>"
        render = self._renderers.get(node.type)
        return render(node, depth) if render else f"<p>{text(node.content.strip())}</p>"

    def _heading(self, node: SyntaxTreeNode, _depth: int) -> str:
        return f"<{node.tag}>{_words(node)}</{node.tag}>"

    def _paragraph(self, node: SyntaxTreeNode, _depth: int) -> str:
        return f"<p>{_words(node)}</p>"

    def _line(self, node: SyntaxTreeNode, _depth: int) -> str:
        return inline(node.children)

    def _quote(self, node: SyntaxTreeNode, depth: int) -> str:
        panel = _panel_of(node)
        if panel is None:
            return f"<blockquote>{self.blocks(node.children, depth)}</blockquote>"
        first = inline(node.children[0].children[0].children[1:]).strip()
        opening = f"<p>{first}</p>" if first else ""
        inside = opening + self.blocks(node.children[1:], depth)
        return macro(panel, f"<ac:rich-text-body>{inside}</ac:rich-text-body>")

    def _bullets(self, node: SyntaxTreeNode, depth: int) -> str:
        if all(_is_task(item) for item in node.children):
            inside = "".join(self._task(item, depth) for item in node.children)
            return f"<ac:task-list>{inside}</ac:task-list>"
        return f"<ul>{''.join(self._items(node, depth))}</ul>"

    def _numbers(self, node: SyntaxTreeNode, depth: int) -> str:
        first = int(node.attrs.get("start", 1))
        start = f' start="{first}"' if first != 1 else ""
        return f"<ol{start}>{''.join(self._items(node, depth))}</ol>"

    def _items(self, node: SyntaxTreeNode, depth: int) -> Iterator[str]:
        for item in node.children:
            children = item.children
            if children and children[0].type == "paragraph" and children[0].hidden:
                # A tight item's words stand in it directly.
                yield f"<li>{_words(children[0])}{self.blocks(children[1:], depth)}</li>"
            else:
                yield f"<li>{self.blocks(children, depth)}</li>"

    def _task(self, item: SyntaxTreeNode, depth: int) -> str:
        found = _TASK.match(item.children[0].children[0].content)
        done = found is not None and found[1] != " "
        words = _words(item.children[0]).strip()[len("[ ]") :].strip()
        below = self.blocks(item.children[1:], depth)
        return (
            f"<ac:task><ac:task-id>{next(self._task_ids)}</ac:task-id>"
            f"<ac:task-status>{'complete' if done else 'incomplete'}</ac:task-status>"
            f"<ac:task-body><span>{words}</span>{below}</ac:task-body></ac:task>"
        )

    def _table(self, node: SyntaxTreeNode, _depth: int) -> str:
        rows = [
            "".join(f"<{cell.tag}>{_words(cell)}</{cell.tag}>" for cell in row.children)
            for part in node.children
            for row in part.children
        ]
        inside = "".join(f"<tr>{row}</tr>" for row in rows)
        return f"<table><tbody>{inside}</tbody></table>"

    def _code_block(self, node: SyntaxTreeNode, _depth: int) -> str:
        word = (node.info.split() or [""])[0].lower()
        language = _ALIASES.get(word, word)
        chosen = parameter("language", language) if language in _LANGUAGES else ""
        body = cdata(node.content.removesuffix("\n"))
        return macro("code", chosen, f"<ac:plain-text-body>{body}</ac:plain-text-body>")

    def _rule(self, _node: SyntaxTreeNode, _depth: int) -> str:
        return "<hr/>"


def _words(node: SyntaxTreeNode) -> str:
    return "".join(inline(child.children) for child in node.children)


def _deep_text(node: SyntaxTreeNode) -> str:
    waiting, words = [node], []
    while waiting:
        one = waiting.pop()
        words.append(one.content if not one.children else "")
        waiting += reversed(one.children)
    return " ".join(word for word in words if word)


def _is_task(item: SyntaxTreeNode) -> bool:
    first = item.children[0] if item.children else None
    if first is None or first.type != "paragraph":
        return False
    # What is written `\[ ]` is no task: there the first run of text ends after the bracket.
    lead = first.children[0].children[:1]
    return bool(lead) and lead[0].type == "text" and _TASK.match(lead[0].content) is not None


def _panel_of(quote: SyntaxTreeNode) -> str | None:
    """Return the panel that a quote is meant as."""
    first = quote.children[0] if quote.children else None
    if first is None or first.type != "paragraph":
        return None
    words = first.children[0].children
    alone = len(words) == 1 or (len(words) > 1 and words[1].type.endswith("break"))
    found = _ALERT.fullmatch(words[0].content) if alone and words[0].type == "text" else None
    return PANELS.get(found[1], "note") if found else None


def _opened(node: SyntaxTreeNode) -> str | None:
    """Return the title of a part that can be expanded, if this block begins one."""
    found = _DETAILS.fullmatch(node.content) if node.type == "html_block" else None
    return html.unescape(" ".join((found["title"] or "").split())) if found else None


def _end_of_details(nodes: Sequence[SyntaxTreeNode], start: int) -> int | None:
    depth = 0
    for place in range(start, len(nodes)):
        node = nodes[place]
        if _opened(node) is not None:
            depth += 1
        elif node.type == "html_block" and _DETAILS_END.fullmatch(node.content):
            depth -= 1
        if depth == 0:
            return place
    return None
