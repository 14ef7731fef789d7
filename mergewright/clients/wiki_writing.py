"""Wiki markup for Jira Server and Data Center, written from the tree that Markdown becomes.

Source: Jira's "Text Formatting Notation Help" (Server 9.12) and its list of languages for `{code}`;
an unknown language shows an error in place of the code. Read 2026-11-20, not run on a real server.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from mergewright.clients.adf import Node, to_adf

_LANGUAGES = frozenset(
    {"bash", "c", "c++", "c#", "css", "diff", "go", "groovy", "haskell", "html", "java"}
    | {"javascript", "json", "kotlin", "lua", "perl", "php", "python", "ruby", "rust", "scala"}
    | {"sh", "sql", "swift", "xml", "yaml"}
)
_SIGNS = (("strong", "*"), ("em", "_"), ("strike", "-"))
_SPECIAL = re.compile(
    r"(?P<always>[{}\[\]|!])|(?P<backslash>\\)"
    r"|(?P<edge>(?<![^\W_])[*_+^~?-]|[*_+^~?-](?![^\W_]))|(?P<code>&(?=\#?\w+;))"
)
_LINE_START = re.compile(r"(?:h[1-6]|bq)\.|#")
_EDGES = re.compile(r"(\s*)(.*?)(\s*)", re.DOTALL)
_IN_LINK = re.compile(r"[|\]\s\[{}\\]")


def to_wiki(markdown: str) -> str:
    """Return wiki markup with what a Markdown text says."""
    return _blocks(to_adf(markdown)["content"])


def _blocks(nodes: list[Node]) -> str:
    return "\n\n".join(part for part in (_block(node) for node in nodes) if part)


def _block(node: Node) -> str:
    render = _RENDERERS.get(node["type"])
    return render(node) if render else _blocks(node.get("content", []))


def _heading(node: Node) -> str:
    return f"h{node['attrs']['level']}. {_inline(node).replace(chr(10), ' ')}"


def _paragraph(node: Node) -> str:
    return "\n".join(_at_line_start(line) for line in _inline(node).split("\n"))


def _at_line_start(line: str) -> str:
    # A code for the first letter keeps the rest of the line from being read as markup.
    return f"&#{ord(line[0])};{line[1:]}" if _LINE_START.match(line) else line


def _quote(node: Node) -> str:
    return f"{{quote}}\n{_blocks(node.get('content', []))}\n{{quote}}"


def _code_block(node: Node) -> str:
    text = "".join(child["text"] for child in node.get("content", []))
    language = str(node.get("attrs", {}).get("language", "")).lower()
    macro = "noformat" if "{code" in text else "code"
    # A macro's end that stands in the text is parted by a zero-width space.
    text = text.replace("{noformat", "{\u200bnoformat") if macro == "noformat" else text
    option = f":{language}" if macro == "code" and language in _LANGUAGES else ""
    return f"{{{macro}{option}}}\n{text}\n{{{macro}}}"


def _list(node: Node) -> str:
    return "\n".join(_items(node, ""))


def _items(node: Node, prefix: str) -> list[str]:
    prefix += "#" if node["type"] == "orderedList" else "*"
    lines = []
    for item in node.get("content", []):
        words, below = [], []
        for child in item["content"]:
            if child["type"] in {"bulletList", "orderedList"}:
                below += _items(child, prefix)
            else:
                # A blank line would end the list.
                words.append(_block(child) if child["type"] == "codeBlock" else _inline(child))
        text = "\n".join(word for word in words if word) or "&nbsp;"
        lines += [f"{prefix} {text}", *below]
    return lines


def _table(node: Node) -> str:
    lines = []
    for row in node.get("content", []):
        cells = row.get("content", [])
        bar = "||" if cells and all(cell["type"] == "tableHeader" for cell in cells) else "|"
        shown = [_inline(cell["content"][0]).replace("\n", r" \\ ") or " " for cell in cells]
        lines.append(bar + bar.join(shown) + bar)
    return "\n".join(lines)


def _rule(_node: Node) -> str:
    return "----"


def _inline(node: Node) -> str:
    return "".join(_words(child) for child in node.get("content", []))


def _words(node: Node) -> str:
    if node["type"] == "hardBreak":
        return "\n"
    marks = {mark["type"]: mark for mark in node.get("marks", [])}
    found = _EDGES.fullmatch(node["text"])
    lead, core, trail = found.groups() if found else ("", node["text"], "")
    text = _escaped(core)
    if "code" in marks and core:
        text = f"{{{{{text}}}}}"
    for mark, sign in _SIGNS:
        if mark in marks and core:
            text = f"{sign}{text}{sign}"
    if "link" in marks:
        href = _IN_LINK.sub(_percent, marks["link"]["attrs"]["href"])
        text = f"[{text}|{href}]" if core != href else f"[{href}]"
    return f"{lead}{text}{trail}"


def _percent(found: re.Match[str]) -> str:
    return f"%{ord(found[0]):02X}"


def _escaped(text: str) -> str:
    return _SPECIAL.sub(_replacement, text)


def _replacement(found: re.Match[str]) -> str:
    if found["backslash"]:
        return "&#92;"
    return "&amp;" if found["code"] else f"\\{found[0]}"


_RENDERERS: Mapping[str, Callable[[Node], str]] = MappingProxyType(
    {
        "heading": _heading,
        "paragraph": _paragraph,
        "blockquote": _quote,
        "codeBlock": _code_block,
        "bulletList": _list,
        "orderedList": _list,
        "table": _table,
        "rule": _rule,
    }
)
