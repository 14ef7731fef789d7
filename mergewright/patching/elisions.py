"""Lines by which an author leaves out what they did not want to repeat.

`...` is a statement of Python too; so what counts depends on whether the file has such a line.
"""

import re
from collections.abc import Iterable, Sequence

_DOTS = re.compile(r"\W*(\.\.\.+|\u2026)\W*")
_SAID = re.compile(
    r"\W*(?:\.\.\.+|\u2026)[\s(\[]*[\w' ]{0,30}"
    r"\b(?:existing|rest|unchanged|remaining|remains|same|previous|omitted|other|snip|code)\b.{0,60}"
    r"|\W*[\w' ]{0,30}\b(?:existing|rest|unchanged|remaining|remains|same|previous|omitted|other)\b"
    r".{0,60}(?:\.\.\.+|\u2026)\W*",
    re.IGNORECASE,
)
MAX_CHARACTERS = 200


def leaves_out(line: str) -> bool:
    """Whether a line may stand for others: dots, with or without words."""
    short = line.strip()
    return len(short) <= MAX_CHARACTERS and bool(_DOTS.fullmatch(short) or _SAID.fullmatch(short))


def left_out(added: Iterable[str], lines: Sequence[str]) -> str | None:
    """Return a line to add that says that other lines follow, unless the file has it too.

    Dots alone are no such line: they are code where a body is empty.
    """
    for line in added:
        short = line.strip()
        if "..." not in short and "\u2026" not in short:
            continue
        comment = short.startswith(("#", "//", "/*", "--", "<!--", ";", "%", "*", "...", "\u2026"))
        said = comment and len(short) <= MAX_CHARACTERS and _SAID.fullmatch(short)
        if said and not any(short == known.strip() for known in lines):
            return line
    return None
