"""Text from outside, made fit to be shown to a model as data.

What a person who renders the text cannot see is taken out: invisible and direction-changing
characters, and markup that shows nothing, outside code. In code, which nobody renders, the
characters are spelled out and nothing is left out. What is left is put between tags that it cannot
close.
"""

import html
import re
import unicodedata
from collections.abc import Iterator

from mergewright.safety.hidden_markup import spaced_out, without_hidden_markup

TAG = "untrusted"

MAX_LABEL_CHARACTERS = 200
MAX_MARKUP_ROUNDS = 10
MAX_OUTPUT_CHARACTERS = 200_000

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

_DIFF_HEADERS = ("diff --git ", "--- a/", "--- /dev/null\n")

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
    for _ in range(MAX_MARKUP_ROUNDS):
        without = without_hidden_markup(visible)
        if without == visible:
            break
        visible = without
    else:
        # Markup nested this deep is an attack; what is visible is harmless.
        visible = spaced_out(visible)
    return unicodedata.normalize("NFC", visible) if _is_composed(text) else visible


def spell_out(text: str) -> str:
    r"""Return code with what its reader cannot see spelled out, as `\u{200b}`; nothing is left out.

    Doing it twice changes nothing more.
    """
    return "".join(_visible_characters(text, spelled=True))


def fence(label: str, text: str, *, limit_characters: int = 20_000, code: bool = False) -> str:
    """Return the sanitised text between tags that say whose it is and that it cannot close.

    Args:
        label: What the text is, for example `ticket description`.
        text: The text.
        limit_characters: Longer texts are cut, with a note behind the closing tag.
        code: Whether it is read as it stands, so that comments are no hiding-place. A diff always is.
    """
    clean = spell_out(text) if code or text.startswith(_DIFF_HEADERS) else sanitise(text)
    shown = _without_tags(clean[:limit_characters])
    name = html.escape(" ".join(sanitise(label).split())[:MAX_LABEL_CHARACTERS])
    left_out = len(clean) - limit_characters
    note = f"\n({left_out} more characters of this text were left out.)" if left_out > 0 else ""
    return f'<{TAG} label="{name}">\n{shown}\n</{TAG}>{note}'


def fence_output(tool: str, text: str) -> str:
    """Return what a tool answered, fenced as data: code as it stands, whatever file it came from.

    Args:
        tool: Name of the tool.
        text: Its answer; tools limit their own, and this is the last limit.
    """
    return fence(f"answer of {tool}", text, limit_characters=MAX_OUTPUT_CHARACTERS, code=True)


def _is_composed(text: str) -> bool:
    return unicodedata.is_normalized("NFC", text)


def _visible_characters(text: str, *, spelled: bool = False) -> Iterator[str]:
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
        elif spelled:
            before = "}"
            yield f"\\u{{{ord(character):x}}}"


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
