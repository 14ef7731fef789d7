"""Text from outside, made fit to be shown to a model as data.

What a person who renders the text cannot see is taken out: invisible and direction-changing
characters, and HTML comments outside code. What is left is put between tags that it cannot close.
"""

import html
import re
import unicodedata
from collections.abc import Iterator

TAG = "untrusted"

MAX_LABEL_CHARACTERS = 200
MAX_COMMENT_ROUNDS = 10

_LINE_SEPARATORS = frozenset("\u2028\u2029\x85")
_JOINERS = frozenset("\u200c\u200d")
_EMOJI_SELECTORS = frozenset("\ufe0e\ufe0f")
_KEPT_CONTROLS = frozenset("\n\t")
_VISIBLE_FORMATS = frozenset(
    "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
)
_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
) | {chr(code) for code in (*range(0xFE00, 0xFE0E), *range(0xE0000, 0xE1000))}

_OPENING = re.compile(r"(?m:^ {0,3}(?P<fence>`{3,}|~{3,}))|(?P<ticks>`+)|(?P<comment><!--)")

_ANGLES = re.compile("[<\uff1c\ufe64\u2039\u2329\u3008\u27e8\u276e\u02c2]")
_CONFUSABLE = str.maketrans(
    {
        "\u03c5": "u", "\u057d": "u", "\u028b": "u", "\u03b7": "n", "\u0578": "n", "\u043f": "n",
        "\u03c4": "t", "\u0442": "t", "\u0433": "r", "\u0455": "s", "\u0435": "e", "\u0501": "d",
    }
)  # fmt: skip
_LOOK_AHEAD_CHARACTERS = 80


def sanitise(text: str) -> str:
    """Return the text without what its reader cannot see; code keeps its comments.

    Composed text stays composed. Sanitising twice changes nothing more.
    """
    visible = "".join(_visible_characters(text))
    for _ in range(MAX_COMMENT_ROUNDS):
        without = "".join(_outside_comments(visible))
        if without == visible:
            break
        visible = without
    else:
        # Comments nested this deep are an attack; a visible one is harmless.
        visible = visible.replace("<!--", "<! --")
    return unicodedata.normalize("NFC", visible) if _is_composed(text) else visible


def fence(label: str, text: str, *, limit_characters: int = 20_000) -> str:
    """Return the sanitised text between tags that say whose it is and that it cannot close.

    Args:
        label: What the text is, for example `ticket description`.
        text: The text.
        limit_characters: Longer texts are cut, with a note behind the closing tag.
    """
    clean = sanitise(text)
    shown = _without_tags(clean[:limit_characters])
    name = html.escape(" ".join(sanitise(label).split())[:MAX_LABEL_CHARACTERS])
    left_out = len(clean) - limit_characters
    note = f"\n({left_out} more characters of this text were left out.)" if left_out > 0 else ""
    return f'<{TAG} label="{name}">\n{shown}\n</{TAG}>{note}'


def _is_composed(text: str) -> bool:
    return unicodedata.is_normalized("NFC", text)


def _visible_characters(text: str) -> Iterator[str]:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.isascii() and text.isprintable():
        yield text
        return
    before = ""
    for index, character in enumerate(text):
        if character.isprintable() and character.isascii():
            kept = character
        else:
            kept = _kept(character, before, text[index + 1 : index + 2])
        if kept:
            before = kept
            yield kept


def _kept(character: str, before: str, after: str) -> str:
    """Return what stays of a character between its neighbours."""
    if character in _LINE_SEPARATORS:
        return "\n"
    if character in _JOINERS:
        return character if _is_joinable(before) and _is_joinable(after) else ""
    if character in _EMOJI_SELECTORS:
        return character if before.strip() and before not in _EMOJI_SELECTORS else ""
    if character in _INVISIBLE:
        return ""
    category = unicodedata.category(character)
    if category == "Cs":
        return "\ufffd"
    hidden = category in {"Cc", "Cf"} and character not in _KEPT_CONTROLS | _VISIBLE_FORMATS
    return "" if hidden else character


def _is_joinable(neighbour: str) -> bool:
    """Whether scripts and emoji use joiners beside this character."""
    if not neighbour or neighbour.isascii() or neighbour in _INVISIBLE | _JOINERS:
        return False
    return neighbour in _EMOJI_SELECTORS or unicodedata.category(neighbour)[0] in "LMS"


def _outside_comments(text: str) -> Iterator[str]:
    """Yield the text without HTML comments that are not in code."""
    position = 0
    last_end = text.rfind("-->")
    while opening := _OPENING.search(text, position):
        yield text[position : opening.start()]
        if opening["comment"]:
            position = _end_of_comment(text, opening.start(), last_end)
            yield text[opening.start() : position] if position == opening.end() else ""
        else:
            position = _end_of_code(text, opening)
            yield text[opening.start() : position]
    yield text[position:]


def _end_of_comment(text: str, start: int, last_end: int) -> int:
    """Return where a comment ends; right behind its opening when it is shown as text."""
    if start + 2 <= last_end:
        return text.find("-->", start + 2) + len("-->")
    line_start = text.rfind("\n", 0, start) + 1
    return start + len("<!--") if text[line_start:start].strip() else len(text)


def _end_of_code(text: str, opening: re.Match[str]) -> int:
    """Return where a code block or code span ends; behind its opening when it is none."""
    if opening["fence"]:
        mark = opening["fence"]
        fence_end = re.compile(rf"^ {{0,3}}{mark}{mark[0]}*[ \t]*$", re.MULTILINE)
        closing = fence_end.search(text, opening.end())
        return closing.end() if closing else len(text)
    ticks = opening["ticks"]
    line_end = text.find("\n", opening.end())
    line_end = len(text) if line_end < 0 else line_end
    span_end = re.compile(rf"(?<!`){ticks}(?!`)").search(text, opening.end(), line_end)
    return span_end.end() if span_end else opening.end()


def _without_tags(text: str) -> str:
    """Replace the angle of everything that could be taken for our own tag."""

    def escaped(match: re.Match[str]) -> str:
        following = text[match.end() : match.end() + _LOOK_AHEAD_CHARACTERS]
        return "&lt;" if _skeleton(following).startswith(TAG) else match[0]

    return _ANGLES.sub(escaped, text)


def _skeleton(text: str) -> str:
    """Return the letters of a text as a reader would take them."""
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_CONFUSABLE)
    return "".join(character for character in plain if character.isalpha())
