"""Where in a file the lines of a hunk are, one below the other: a cascade from strict to tolerant.

The first level that finds anything ends the cascade, so that a tolerant one can never add a second
candidate to a strict one's match.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from mergewright.patching.folding import fold, fold_line, fold_words, indent_of
from mergewright.patching.hunks import Hunk
from mergewright.patching.indentation import IndentMap
from mergewright.patching.line_ends import PlainText

MAX_PLACES = 1_000
"""Nobody can say which one is meant among more; so no more are looked for."""


class Match(NamedTuple):
    """Where a hunk is: the file's line, from 0, for each of its lines to find.

    None for a line of the hunk that the file has not.
    """

    rows: tuple[int | None, ...]
    offset: int | None = None
    """Where in the plain text its literal text is, when that need not be whole lines."""

    @property
    def first(self) -> int:
        """The first line."""
        return next((row for row in self.rows if row is not None), 0)

    @property
    def last(self) -> int:
        """The last line."""
        return next((row for row in reversed(self.rows) if row is not None), 0)


def find_all(text: str, part: str) -> list[int]:
    """Return the offsets of a part, which may share characters."""
    offsets: list[int] = []
    offset = text.find(part)
    while offset >= 0 and len(offsets) < MAX_PLACES:
        offsets.append(offset)
        offset = text.find(part, offset + 1)
    return offsets


def match_literally(plain: PlainText, hunk: Hunk) -> list[Match]:
    """Find the old text character by character."""
    return _literal_matches(plain, plain.text, hunk)


def match_literally_folded(plain: PlainText, hunk: Hunk) -> list[Match]:
    """Find the old text whatever quotes, dashes and spaces it is written with."""
    if hunk.literal is None:
        return []
    if plain.text.isascii() and hunk.literal.old.isascii():
        return []
    return _literal_matches(plain, fold(plain.text), hunk)


def match_lines(plain: PlainText, hunk: Hunk) -> list[Match]:
    """Find lines that are the same."""
    return _matches_by(plain, hunk, str)


def match_lines_without_trailing_space(plain: PlainText, hunk: Hunk) -> list[Match]:
    """Find lines that differ in trailing white space only."""
    return _matches_by(plain, hunk, str.rstrip)


def match_lines_folded(plain: PlainText, hunk: Hunk) -> list[Match]:
    """Find lines that are the same but for typography and trailing white space."""
    return _matches_by(plain, hunk, fold_line)


def match_lines_indented_otherwise(plain: PlainText, hunk: Hunk) -> list[Match]:
    """Find lines whose indentation differs everywhere in the same way."""
    found = _matches_by(plain, hunk, lambda line: fold(line).strip())
    return [match for match in found if indents_of(plain.lines, hunk, match).plausible]


Matcher = Callable[[PlainText, Hunk], list[Match]]

LEVELS: tuple[tuple[Matcher, ...], ...] = (
    (match_literally, match_lines),
    (match_lines_without_trailing_space,),
    (match_literally_folded, match_lines_folded),
    (match_lines_indented_otherwise,),
)


def find_matches(plain: PlainText, hunk: Hunk) -> list[Match]:
    """Return the matches of the strictest level that has any."""
    for level in LEVELS:
        for matcher in level:
            if matches := matcher(plain, hunk):
                return matches
    return []


def indents_of(lines: Sequence[str], hunk: Hunk, match: Match) -> IndentMap:
    """Return how the hunk's indentation becomes the file's."""
    return IndentMap.of(
        (indent_of(own), indent_of(lines[row]))
        for own, row in zip(hunk.old, match.rows, strict=True)
        if row is not None and own.strip() and fold_words(own) == fold_words(lines[row])
    )


def _matches_by(plain: PlainText, hunk: Hunk, key: Callable[[str], str]) -> list[Match]:
    wanted = [key(line) for line in hunk.old]
    if not wanted or not plain.text or (hunk.literal is not None and not any(wanted)):
        return []
    keys = [key(line) for line in plain.lines]
    text = "\n" + "\n".join(keys) + "\n"
    places = find_all(text, "\n" + "\n".join(wanted) + "\n")
    matches, row, counted = [], 0, 0
    for place in places:
        row += text.count("\n", counted, place)
        counted = place
        matches.append(Match(tuple(range(row, row + len(wanted)))))
    return matches


def _literal_matches(plain: PlainText, text: str, hunk: Hunk) -> list[Match]:
    if hunk.literal is None:
        return []
    old = hunk.literal.old if text is plain.text else fold(hunk.literal.old)
    matches = []
    for offset in find_all(text, old):
        first = plain.line_number(offset) - 1
        count = old.removesuffix("\n").count("\n") + 1
        matches.append(Match(tuple(range(first, first + count)), offset))
    if _looks_like_lines(hunk.literal.old):
        at_line_starts = [one for one in matches if _starts_line(plain, one)]
        # A blank line that is sent as the first of whole lines is not the end of another line.
        matches = at_line_starts if _begins_blank(hunk.literal.old) else at_line_starts or matches
    return [one for one in matches if not _lost_its_indent(plain, hunk.literal.new, one)]


def _looks_like_lines(old: str) -> bool:
    return old[0].isspace() or "\n" in old


def _begins_blank(old: str) -> bool:
    return old.startswith("\n") and old.endswith("\n")


def _starts_line(plain: PlainText, match: Match) -> bool:
    return match.offset == plain.starts[match.first]


def _lost_its_indent(plain: PlainText, new: str, match: Match) -> bool:
    """Whether the text is one line without its indentation, and several are to take its place.

    These would be indented as they were sent, all but the first: right if they say their whole
    indentation, wrong if they left out what the first line left out.
    """
    start = plain.starts[match.first]
    before = plain.text[start : match.offset]
    if len(match.rows) > 1 or not before or not before.isspace():
        return False
    first, *others = new.removesuffix("\n").split("\n")
    depths = [len(indent_of(line)) for line in others if line.strip()]
    opened = first.rstrip().endswith((":", "{", "(", "["))
    return bool(depths) and min(depths) < len(before) + opened
