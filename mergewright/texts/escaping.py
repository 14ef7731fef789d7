"""Untrusted text becomes Markdown that shows it and does nothing.

No link, image, HTML, heading, mention (`@name`) or issue reference (`#12`) of the text comes to
life; code spans, fenced code and lists do, for they are harmless and help the reader.
Source: CommonMark and GitHub Flavored Markdown (escapes, code spans, autolinks); renovate's
`sanitizeMarkdown` (a zero-width space stops mentions and references).
"""

import re
import unicodedata

MAX_INLINE_CHARACTERS = 600
MAX_CELL_CHARACTERS = 240
MAX_BLOCK_CHARACTERS = 4000

_GAP = "\u200b"
"""Zero-width space: what it stands in is no mention, reference or comment any more."""

_TOKEN = re.compile(
    r"(?P<code>(?<!`)(?P<run>`+)(?!`)(?P<inside>.+?)(?<!`)(?P=run)(?!`))"
    r"|(?P<url>(?:(?:https?|ftp|file)://|mailto:|xmpp:|www\.)[^\s`<>]*[^\s`<>.,;:!?)\]'\"*_~|])",
    re.IGNORECASE,
)
_SPECIAL = re.compile(
    r"""(?P<backslash>\\(?=[!-/:-@\[-`{-~]|\Z)
       |`|~|<(?=[A-Za-z/!?]|\Z)|\](?=[(\[:]|\Z)
       |(?<!\s)\*|\*(?!\s)
       |(?<![^\W_])_|_(?![^\W_]))
       |(?P<entity>&(?=\#?\w+;))
       |(?P<gap>@(?=\w)|\#(?=\d)|\bGH-(?=\d))""",
    re.VERBOSE,
)
_LINE_START = re.compile(r"(#{1,6}(?=\s|$)|>|[-+](?=\s|$)|=|-(?=-)|\[)|(\d{1,9})(?=[.)](?:\s|$))")
_FENCE = re.compile(r"\s*(?P<run>`{3,}|~{3,})\s*(?P<info>[\w+-]{0,20})[^`]*$")
_HEADING = re.compile(r" {0,3}#{1,6}\s+(?P<title>.*?)[\s#]*$")
_BULLET = re.compile(r"(?P<indent>\s*)(?P<mark>[-*+]|\d{1,9}[.)])\s+(?P<text>\S.*)$")
_WEB_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_FILE_ADDRESS = re.compile(r"file://(?:localhost)?(?=/)", re.IGNORECASE)
_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_UNSAFE_IN_ADDRESS = re.compile(r"[^A-Za-z0-9:/?#@!$&*+,;=%~._-]")


class Markdown(str):
    """Markdown that was escaped already, or that we wrote ourselves."""

    __slots__ = ()


def visible(text: str, *, drop: bool = True) -> str:
    """Return a text without control, invisible and direction-changing characters.

    Args:
        text: Any text.
        drop: Leave them out; otherwise they are shown as `<U+202E>`.
    """
    text = text.replace("\r\n", "\n").translate({0x2028: "\n", 0x2029: "\n", 0x85: "\n"})
    return "".join(
        letter
        if letter in "\n\t" or unicodedata.category(letter) not in {"Cc", "Cf", "Cs"}
        else ("" if drop else f"<U+{ord(letter):04X}>")
        for letter in text
    )


def one_line(text: str, limit: int) -> str:
    """Return a text on one line, cut with a note when it is longer than `limit` characters."""
    line = " ".join(visible(text).split())
    if len(line) <= limit:
        return line
    kept = line[:limit].rstrip()
    return f"{kept} … ({len(line) - len(kept)} more characters)"


def inline(text: str, limit: int = MAX_INLINE_CHARACTERS) -> Markdown:
    """Escape a text for a place within a line; what is Markdown already stays as it is."""
    if isinstance(text, Markdown):
        return text
    return Markdown(_at_line_start(_escaped(one_line(text, limit))))


def cell(text: str, limit: int = MAX_CELL_CHARACTERS) -> Markdown:
    """Escape a text for a table cell."""
    return _without_bars(inline(_apart(text), limit))


def code(text: str, limit: int = MAX_INLINE_CHARACTERS) -> Markdown:
    """Show a short text as code."""
    return Markdown(_code_span(one_line(text, limit)))


def code_cell(text: str, limit: int = MAX_CELL_CHARACTERS) -> Markdown:
    """Show a short text as code in a table cell."""
    return _without_bars(code(_apart(text), limit))


def _apart(text: str) -> str:
    # A backslash before an escaped bar would pair with its escape, and the bar end the cell.
    return re.sub(r"\\(?=\|)", r"\\ ", text)


def _without_bars(text: str) -> Markdown:
    return Markdown(text.replace("|", r"\|"))


def fence(text: str, info: str = "") -> Markdown:
    """Show a text as a block of code that the text cannot close."""
    body = visible(text, drop=False).strip("\n")
    longest = max((len(run) for run in re.findall(r"`+", body)), default=0)
    mark = "`" * max(3, longest + 1)
    return Markdown(f"{mark}{info}\n{body}\n{mark}")


def link(label: str, url: str) -> Markdown:
    """Link a label to an address that a service of ours gave.

    Viewers refuse links to files, so a file's path is shown instead; other schemes are left out.
    """
    shown = inline(label, 300)
    if _WEB_ADDRESS.match(url):
        return Markdown(f"[{shown}]({_UNSAFE_IN_ADDRESS.sub(_percent, url)})")
    return Markdown(f"{shown} ({address(url)})") if _FILE_ADDRESS.match(url) else shown


def address(url: str) -> Markdown:
    """Show an address that a service of ours gave: a link, or a file's path."""
    if _WEB_ADDRESS.match(url):
        return Markdown(f"<{_UNSAFE_IN_ADDRESS.sub(_percent, url)}>")
    # A bar stays encoded: it would end a table cell.
    return code(file_path(url).replace("|", "%7C"))


def file_path(url: str) -> str:
    """Return the path that a file's address means; any other text as it is, decoded."""
    return _ENCODED.sub(_decoded, _FILE_ADDRESS.sub("", url))


def _decoded(found: re.Match[str]) -> str:
    return bytes.fromhex(found[0].replace("%", "")).decode("utf-8", "replace")


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode("utf-8", "replace"))


def block(text: str, limit: int = MAX_BLOCK_CHARACTERS) -> Markdown:
    """Escape a text of several lines: paragraphs, lists and code keep their form."""
    text = visible(text).strip("\n")
    rest = len(text) - limit
    lines = text[:limit].expandtabs(4).split("\n")
    shown: list[str] = []
    while lines:
        if found := _FENCE.match(lines[0]):
            shown.append(_fenced(lines, found["run"], found["info"]))
        elif lines[0].startswith("    ") and lines[0].strip() and not (shown and shown[-1]):
            shown.append(_indented(lines))
        else:
            shown.append(_line(lines.pop(0)))
    if rest > 0:
        shown += ["", f"*… cut here: {rest} more characters*"]
    return Markdown("\n".join(shown).strip("\n"))


def _line(line: str) -> str:
    if heading := _HEADING.match(line):
        return f"**{_escaped(heading['title'].strip())}**" if heading["title"].strip() else ""
    if bullet := _BULLET.match(line):
        mark = bullet["mark"] if bullet["mark"][0].isdigit() else "-"
        indent = bullet["indent"][: 4 * 3]
        return f"{indent}{mark} {_at_line_start(_escaped(bullet['text'].rstrip()))}"
    stripped = line.strip()
    return " " * min(3, len(line) - len(line.lstrip())) + _at_line_start(_escaped(stripped))


def _fenced(lines: list[str], run: str, info: str) -> str:
    opening = lines.pop(0)
    indent = len(opening) - len(opening.lstrip())
    inside: list[str] = []
    while lines:
        line = lines.pop(0)
        if line.strip().startswith(run) and not line.strip().strip(run[0]):
            break
        inside.append(line[min(indent, len(line) - len(line.lstrip())) :])
    return fence("\n".join(inside), info)


def _indented(lines: list[str]) -> str:
    inside: list[str] = []
    while lines and (lines[0].startswith("    ") or not lines[0].strip()):
        inside.append(lines.pop(0)[4:])
    return fence("\n".join(inside)) + "\n"


def _escaped(line: str) -> str:
    parts: list[str] = []
    place = 0
    for token in _TOKEN.finditer(line):
        parts.append(_SPECIAL.sub(_replacement, line[place : token.start()]))
        shown = _code_span(token["inside"] if token["code"] else token["url"])
        # Two code spans side by side would run into one.
        parts.append(f" {shown}" if parts[-1].endswith("`") or _ends_in_code(parts) else shown)
        place = token.end()
    parts.append(_SPECIAL.sub(_replacement, line[place:]))
    return "".join(parts)


def _ends_in_code(parts: list[str]) -> bool:
    return parts[-1] == "" and len(parts) > 1


def _replacement(found: re.Match[str]) -> str:
    if found["gap"]:
        return found[0] + _GAP
    if found["entity"]:
        return "&amp;"
    return "&lt;" if found[0] == "<" else f"\\{found[0]}"


def _at_line_start(line: str) -> str:
    found = _LINE_START.match(line)
    if found is None:
        return line
    return f"\\{line}" if found[1] else f"{found[2]}\\{line[found.end() :]}"


def _code_span(text: str) -> str:
    text = text.replace("<!--", f"<!{_GAP}--") or " "
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    mark = "`" * (longest + 1)
    # A span with backticks, or with spaces at both ends, loses one space at each.
    pad = " " if longest or (text.strip() and text[0] == text[-1] == " ") else ""
    return f"{mark}{pad}{text}{pad}{mark}"
