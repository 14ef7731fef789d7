"""Wiki markup of Jira Server and Data Center as Markdown.

What is no wiki markup stays as its author wrote it: many write Markdown into such fields.

Source: Jira's "Text Formatting Notation Help" (Server 9.12), read 2026-11-20.
"""

import html
import re
from collections.abc import Iterator

from mergewright.clients.adf_inline import code_fence, code_span

_VERBATIM = re.compile(r"\{(?P<macro>code|noformat)(?::(?P<options>[^}\n]{0,500}))?\}")
_HEADING = re.compile(r"\s*h(?P<level>[1-6])\.\s+(?P<text>.*)")
_ITEM = re.compile(r"\s*(?P<marks>[*#]+|-)\s+(?P<text>\S.*)")
_IN_MARKDOWN = re.compile(r"##+\s")
"""A heading in Markdown, unless a list is being written: there it is an item below an item."""
_PANEL = re.compile(
    r"\{(?P<name>quote|panel|info|note|tip|warning)(?::(?P<options>[^}\n]{0,500}))?\}"
)
_TITLE = re.compile(r"(?:^|\|)title=([^|]*)")
_COLOUR = re.compile(r"\{(?:color|anchor)(?::[^}\n]{0,500})?\}")
_CELL = re.compile(r"\|\|?((?:\\.|\[[^\]\n]{0,2000}\]|\{\{.{1,2000}?\}\}|[^|\\\[{]|[\\\[{])*)")
_INLINE = re.compile(
    r"""\{\{(?P<code>.{1,2000}?)\}\}
      |\\(?P<escaped>[{}\[\]|!*_+^~?\-\#])
      |\[~(?P<person>[^\]\n|]{1,200})\]
      |\[(?:(?P<label>[^\]\n|]{0,2000})\|)?(?P<address>(?:https?://|mailto:)[^\]\n|\s]+)(?:\|[^\]\n]*)?\]
      |!(?P<image>[^!\s|][^!\n|]*\.\w{2,5})(?:\|[^!\n]*)?!
      |(?<![\w*\\])\*(?P<bold>[^\s*](?:[^*\n]*[^\s*\\])?)\*(?![\w*])
      |(?<![\w\\])_(?P<italic>[^\s_](?:[^_\n]*[^\s_\\])?)_(?!\w)
      |(?<![\w\\-])-(?P<struck>[^\s-](?:[^-\n]*[^\s\\-])?)-(?![\w-])
      |(?P<entity>&\#\d{1,5};|&nbsp;|&amp;)""",
    re.VERBOSE,
)
_ENTITY = re.compile(r"&(?:#\d{1,5}|nbsp|amp);")
_SIGNS = {"bold": "**", "italic": "*", "struck": "~~"}
_FORMS = {"person": "@{}", "image": "(image: {})", "escaped": "{}"}
_ESCAPE = re.compile(r"\\([{}\[\]|!*_+^~?\-#])")


def wiki_to_markdown(text: str) -> str:
    """Return the Markdown of a text in wiki markup."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    parts, place = [], 0
    while found := _VERBATIM.search(text, place):
        end = text.find(f"{{{found['macro']}}}", found.end())
        if end < 0:
            break
        parts.append(_prose(text[place : found.start()]))
        parts.append(code_fence(text[found.end() : end].strip("\n"), _language(found)))
        place = end + len(found["macro"]) + 2
    parts.append(_prose(text[place:]))
    joined = "\n\n".join(part for part in parts if part)
    return re.sub(r"\n{3,}", "\n\n", joined).strip()


def _language(found: re.Match[str]) -> str:
    first = (found["options"] or "").split("|")[0].strip()
    return "" if "=" in first or found["macro"] == "noformat" else first


def _prose(text: str) -> str:
    text = _COLOUR.sub("", text)
    parts, place, opened = [], 0, ""
    for found in _PANEL.finditer(text):
        parts.append(_shown(text[place : found.start()], quoted=bool(opened)))
        opened = "" if opened == found["name"] else found["name"]
        title = _TITLE.search(found["options"] or "") if opened else None
        parts.append(f"> **{title[1].strip()}**\n>" if title and title[1].strip() else "")
        place = found.end()
    parts.append(_shown(text[place:], quoted=False))
    return "\n".join(part for part in parts if part).strip("\n")


def _shown(text: str, *, quoted: bool) -> str:
    shown = "\n".join(_lines(text.strip("\n")))
    if not quoted:
        return f"\n{shown}\n" if shown.strip() else ""
    return "\n".join(f"> {line}".rstrip() for line in shown.strip("\n").split("\n"))


def _lines(text: str) -> Iterator[str]:
    in_table, indent = False, ""
    for line in text.split("\n"):
        is_row = line.lstrip().startswith("|")
        if is_row:
            yield from _row(line.strip(), first=not in_table)
        elif (item := _ITEM.fullmatch(line)) and not (_IN_MARKDOWN.match(line) and not indent):
            marks = item["marks"]
            mark = "1." if marks[-1] == "#" else "-"
            indent = "    " * (len(marks) - 1)
            yield f"{indent}{mark} {_inline(item['text'])}"
            indent += " " * (len(mark) + 1)
        else:
            # What follows an item without a blank line belongs to it.
            indent = indent if line.strip() else ""
            yield from (indent + shown if shown else "" for shown in _line(line))
        in_table = is_row


def _line(line: str) -> Iterator[str]:
    if heading := _HEADING.fullmatch(line):
        yield from ("", f"{'#' * int(heading['level'])} {_inline(heading['text'])}", "")
    elif line.startswith("bq. "):
        yield from (f"> {_inline(line[4:])}", "")
    elif line.strip() == "----":
        yield from ("", "---", "")
    else:
        yield "  \n".join(_inline(part) for part in line.split("\\\\"))


def _row(line: str, *, first: bool) -> Iterator[str]:
    cells = [_cell(cell) for cell in _CELL.findall(line.removesuffix("|").removesuffix("|"))]
    row = f"| {' | '.join(cells)} |"
    ruler = f"|{' --- |' * len(cells)}"
    if not first:
        yield row
    elif line.startswith("||"):
        yield from ("", row, ruler)
    else:
        yield from ("", f"|{'  |' * len(cells)}", ruler, row)


def _cell(text: str) -> str:
    lines = (_inline(line.strip()) for line in text.split("\\\\"))
    return "<br>".join(lines).replace("|", "\\|")


def _inline(text: str) -> str:
    return _INLINE.sub(_replacement, text)


def _replacement(found: re.Match[str]) -> str:
    kind = str(found.lastgroup)
    words = found[kind]
    if kind == "address":
        return f"[{_inline(found['label'])}]({words})" if found["label"] else f"<{words}>"
    if kind == "code":
        return code_span(_ENTITY.sub(_decoded, _ESCAPE.sub(r"\1", words)))
    if kind == "entity":
        return _decoded(found)
    if sign := _SIGNS.get(kind):
        return f"{sign}{_inline(words)}{sign}"
    return _FORMS[kind].format(words)


def _decoded(found: re.Match[str]) -> str:
    return html.unescape(found[0]).replace("\xa0", " ")
