"""Which lines count as the same although their characters differ.

Models write typographic quotes, dashes and spaces where a file has plain ones, and the other way
round. Each such character stands for exactly one other, so that offsets stay what they are.
"""

from collections.abc import Iterable

_FOLDED = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u00b4\u02bc", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u00ad", "-"),
        **dict.fromkeys("\u00a0\u1680\u2007\u202f\u205f\u3000", " "),
        **{chr(code): " " for code in range(0x2000, 0x200B)},
    }
)


def fold(text: str) -> str:
    """Return a text of the same length with plain quotes, dashes and spaces."""
    return text if text.isascii() else text.translate(_FOLDED)


def fold_line(line: str) -> str:
    """Return a line as it counts when neither ends nor typography matter."""
    return fold(line).rstrip()


def fold_words(line: str) -> str:
    """Return a line as it counts when white space does not matter either."""
    return " ".join(fold(line).split())


def indent_of(line: str) -> str:
    """Return the white space that a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def transliterate(pairs: Iterable[tuple[str, str]], texts: Iterable[str]) -> tuple[str, ...]:
    """Return texts with the characters that their author's copies of lines have otherwise.

    Args:
        pairs: The author's line and the file's, for each line that is the same when folded.
        texts: What else the author wrote.
    """
    meant: dict[str, str] = {}
    literal: set[str] = set()
    for wrong, right in pairs:
        ours, theirs = wrong.strip(), right.strip()
        if len(ours) != len(theirs) or (ours.isascii() and theirs.isascii()):
            continue
        for one, other in zip(ours, theirs, strict=True):
            if one == other:
                literal.add(one)
            elif not one.isascii() and fold(one) == fold(other):
                meant[one] = other
    table = str.maketrans({one: other for one, other in meant.items() if one not in literal})
    return tuple(text.translate(table) if table else text for text in texts)
