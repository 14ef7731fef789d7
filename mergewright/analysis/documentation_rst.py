"""reStructuredText, as far as documentation is checked by it: line by line, and nothing is executed.

Source: https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html, 2026-11-20.
"""

import re
from typing import Final, NamedTuple

_UNDERLINE: Final = re.compile(r"^([=\-`:'\"~^_*+#<>.])\1{2,}\s*$")
_DIRECTIVE: Final = re.compile(r"^(\s*)\.\. ([\w:-]+)::[ \t]*(.*)$")
_LABEL: Final = re.compile(r"^\s*\.\. _([^:`]+):\s*$")
_EMBEDDED: Final = re.compile(r"`[^`<>]{0,300}<([^`<>\s]+)>`_")
_LITERAL: Final = re.compile(r"``([^`]{1,200})``")
_ROLE: Final = re.compile(r":(?:\w+:)?(\w+):`(?:[^`<]*<)?[~!]?([^`<>]{1,200})>?`")
_CODE: Final = frozenset(("code-block", "code", "sourcecode"))
_FILES: Final = frozenset(("image", "figure", "include", "literalinclude"))
_NAMES: Final = frozenset(("func", "class", "meth", "mod", "attr", "exc", "obj", "data", "const"))


class RstText(NamedTuple):
    """What was found: targets, texts and names, each with its line."""

    links: list[tuple[str, int]]
    headings: list[str]
    labels: list[str]
    blocks: list[tuple[str, str, int]]
    """Language, code, and the line where the code begins."""
    mentions: list[tuple[str, int]]


def read_rst(text: str) -> RstText:
    """Return what a text of this form holds; what looks like none of it is passed over."""
    found = RstText([], [], [], [], [])
    lines = text.split("\n")
    number = 0
    while number < len(lines):
        line = lines[number]
        directive = _DIRECTIVE.match(line)
        if directive and directive[2] in _CODE:
            number = _read_block(lines, number, directive, found)
            continue
        if directive and directive[2] in _FILES:
            found.links.append((directive[3].strip(), number + 1))
        elif label := _LABEL.match(line):
            found.labels.append(label[1].strip())
        elif _is_heading(lines, number):
            found.headings.append(line.strip())
        _read_line(line, number + 1, found)
        number += 1
    return found


def _is_heading(lines: list[str], number: int) -> bool:
    line, below = lines[number], lines[number + 1] if number + 1 < len(lines) else ""
    return bool(
        line.strip()
        and not _UNDERLINE.match(line)
        and _UNDERLINE.match(below)
        and len(below.rstrip()) >= len(line.strip())
    )


def _read_line(line: str, number: int, found: RstText) -> None:
    found.links.extend((target, number) for target in _EMBEDDED.findall(line))
    found.mentions.extend((name, number) for name in _LITERAL.findall(line))
    for role, target in _ROLE.findall(line):
        if role in _NAMES:
            found.mentions.append((target, number))
        elif role in {"doc", "download"}:
            found.links.append((target, number))


def _read_block(lines: list[str], number: int, directive: re.Match[str], found: RstText) -> int:
    """Read a code block and return the number of the line after it."""
    indent = len(directive[1])
    first = number + 1
    while first < len(lines) and (not lines[first].strip() or lines[first].lstrip()[:1] == ":"):
        first += 1
    end = first
    while end < len(lines):
        line = lines[end]
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        end += 1
    body = lines[first:end]
    margin = min((len(one) - len(one.lstrip()) for one in body if one.strip()), default=0)
    code = "\n".join(one[margin:] for one in body).rstrip() + "\n"
    if code.strip():
        found.blocks.append((directive[3], code, first + 1))
    return max(end, number + 1)
