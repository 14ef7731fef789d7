"""Names of files as git writes them in a diff: in quotes when they have odd characters.

Source: https://git-scm.com/docs/git-config (core.quotePath), 2026-11-20.
"""

import re
from typing import Final

_ESCAPE: Final = re.compile(r"\\([0-7]{3}|.)")
_ESCAPED: Final = {"a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r"}
_OCTAL_DIGITS: Final = 3


def without_quotes(name: str) -> str:
    """Return a name as it is, whether or not it is in quotes; bytes that are no UTF-8 are replaced."""
    if len(name) < len('""') or not (name.startswith('"') and name.endswith('"')):
        return name
    text = name[1:-1]
    data = bytearray()
    position = 0
    for match in _ESCAPE.finditer(text):
        data += _bytes(text[position : match.start()])
        code = match[1]
        # Octal numbers stand for bytes, everything else for a character.
        is_byte = len(code) == _OCTAL_DIGITS
        data += bytes([int(code, 8) & 0xFF]) if is_byte else _bytes(_ESCAPED.get(code, code))
        position = match.end()
    data += _bytes(text[position:])
    return data.decode(errors="replace")


def _bytes(text: str) -> bytes:
    # A model may write half of a surrogate pair.
    return text.encode(errors="replace")
