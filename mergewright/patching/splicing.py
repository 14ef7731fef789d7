"""What a hunk replaces in the file once its place is known; lines that stay are never written."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from mergewright.errors import EditConflict
from mergewright.patching.folding import fold, fold_words, indent_of, transliterate
from mergewright.patching.hunks import (
    ADDED,
    REMOVED,
    Hunk,
    HunkLine,
    Literal,
    compare,
    lines_between_from_end,
)
from mergewright.patching.indentation import IndentMap, tabs_meant
from mergewright.patching.line_ends import PlainText, Splice
from mergewright.patching.matchers import Match
from mergewright.patching.positions import Insertion, is_torn, pair_off, position_of


def splices_of(path: str, plain: PlainText, hunk: Hunk, match: Match) -> tuple[Splice, ...]:
    """Return the parts of the file that the hunk replaces.

    Raises:
        EditConflict: Between which lines of the file the hunk adds others, or how they are to be
            indented, is unclear.
    """
    if match.offset is not None and hunk.literal is not None:
        return tuple(_literal_splices(plain, hunk.literal, match.offset))
    splices = _line_splices(path, plain, hunk, match)
    if hunk.literal is not None and _is_whole(match.rows):
        _refuse_another_reading(path, plain, hunk, match, splices)
    return splices


def _is_whole(rows: Sequence[int | None]) -> bool:
    return None not in rows and not is_torn(rows, 0, len(rows))


def _refuse_another_reading(
    path: str, plain: PlainText, hunk: Hunk, match: Match, splices: Sequence[Splice]
) -> None:
    """Refuse texts from which it depends on how they are compared what becomes of the file.

    Lines that stay are left as the file has them, and those that come are written as they were sent.
    Where lines move or repeat, either of two may be the one that stays.
    """
    other = replace(hunk, lines=lines_between_from_end(hunk.old, hunk.new))
    if other.lines == hunk.lines:
        return
    if plain.spliced(_line_splices(path, plain, other, match)) != plain.spliced(splices):
        raise EditConflict(
            f"{hunk.name} moves or repeats lines that {path!r} has with other white space or other "
            "quotes, so that it is not clear which of them stay.",
            hint="Copy the lines from the file exactly, or send a smaller edit for each place.",
        )


def _line_splices(path: str, plain: PlainText, hunk: Hunk, match: Match) -> tuple[Splice, ...]:
    """Return the parts of the file that the hunk replaces, line by line."""
    rows = pair_off(hunk, match.rows)
    lines = plain.lines
    texts = iter(_as_in_file(path, lines, hunk, rows))
    splices: list[Splice] = []
    replaced = 0
    for index, tag, count in _runs(_mended(hunk, rows)):
        if tag == ADDED:
            insertion = Insertion(index, tuple(next(texts) for _ in range(count)), replaced)
            row = position_of(path, lines, hunk, rows, insertion)
            _add(splices, plain.starts[row], insertion.lines)
        elif tag == REMOVED:
            gone = [row for row in rows[index : index + count] if row is not None]
            splices += (Splice(plain.starts[row], plain.starts[row + 1], "") for row in gone)
        replaced = count if tag == REMOVED else 0
    return tuple(splices)


def _mended(hunk: Hunk, rows: Sequence[int | None]) -> Hunk:
    """Return the hunk with as many new lines as old ones put against them, one by one.

    Only where the file has lines between the old ones that the hunk leaves out.
    """
    lines: list[HunkLine] = []
    runs = list(_runs(hunk))
    at = 0
    for number, (index, tag, count) in enumerate(runs):
        run = hunk.lines[at : at + count]
        at += count
        following = runs[number + 1] if number + 1 < len(runs) else None
        torn = tag == REMOVED and is_torn(rows, index, index + count)
        if torn and following and following.tag == ADDED and following.length == count:
            added = hunk.lines[at : at + count]
            lines += (line for pair in zip(run, added, strict=True) for line in pair)
            continue
        if not (lines and lines[-1].tag == ADDED and tag == ADDED):
            lines += run
    return replace(hunk, lines=tuple(lines))


def _add(splices: list[Splice], at: int, added: Sequence[str]) -> None:
    """Add lines; the first ones take the place, and the ends, of lines removed just before."""
    kept = 0
    while kept < min(len(splices), len(added)) and not splices[-1 - kept].new:
        if splices[-1 - kept].end != (splices[-kept].start if kept else at):
            break
        kept += 1
    if not kept:
        splices.append(Splice(at, at, "".join(f"{line}\n" for line in added)))
        return
    texts = [*added[: kept - 1], "\n".join(added[kept - 1 :])]
    for number, text in enumerate(texts):
        start, end, _ = splices[number - kept]
        splices[number - kept] = Splice(start, end - 1, text)


class _Run(NamedTuple):
    before_line: int
    tag: str
    length: int


def _runs(hunk: Hunk) -> Iterator[_Run]:
    """Yield how many lines of one kind follow one another, and before which line to find."""
    index, start = 0, 0
    while start < len(hunk.lines):
        tag = hunk.lines[start].tag
        end = start
        while end < len(hunk.lines) and hunk.lines[end].tag == tag:
            end += 1
        yield _Run(index, tag, end - start)
        index += 0 if tag == ADDED else end - start
        start = end


def _as_in_file(
    path: str, lines: Sequence[str], hunk: Hunk, rows: Sequence[int | None]
) -> tuple[str, ...]:
    """Return the lines to add with the indentation and the typography of the file."""
    added = hunk.added
    if not added:
        return ()
    pairs = [
        (own, lines[row])
        for own, row in zip(hunk.old, rows, strict=True)
        if row is not None and fold_words(own) == fold_words(lines[row])
    ]
    indents = IndentMap.of(
        (indent_of(own), indent_of(other)) for own, other in pairs if own.strip()
    )
    if not any(own for own, _ in indents.known):
        indents = tabs_meant(lines, added) or indents
    texts = added
    if indents.changes:
        texts = tuple(_indented(path, hunk, indents, line) for line in added)
    return transliterate(((own, other) for own, other in pairs if fold(own) != own), texts)


def _indented(path: str, hunk: Hunk, indents: IndentMap, line: str) -> str:
    own = indent_of(line)
    indent = indents.translate(own) if line else ""
    if indent is None and not line.strip():
        return line
    if indent is None:
        raise EditConflict(
            f"{hunk.name} is indented otherwise than {path!r}, and nothing tells how its line "
            f"{line.strip()!r} is to be indented.",
            hint="Send all lines with the indentation that they have in the file.",
        )
    return indent + line[len(own) :]


def _literal_splices(plain: PlainText, literal: Literal, offset: int) -> Iterator[Splice]:
    """Yield what differs, line by line: lines that both texts have keep their ends."""
    there = plain.text[offset : offset + len(literal.old)]
    old, new = literal.old.split("\n"), _ended(plain, literal, offset).split("\n")
    texts: Sequence[str] = new
    if there != literal.old:
        texts = transliterate(zip(old, there.split("\n"), strict=True), new)
    starts = [offset]
    for part in old:
        starts.append(starts[-1] + len(part) + 1)
    for start, end, new_start, new_end in compare(old, new):
        text = "\n".join(texts[new_start:new_end])
        if new_start == new_end and end < len(old):
            yield Splice(starts[start], starts[end], "")
        elif new_start == new_end:
            yield Splice(max(starts[start] - 1, offset), starts[end] - 1, "")
        elif start < end:
            yield Splice(starts[start], starts[end] - 1, text)
        elif start < len(old):
            yield Splice(starts[start], starts[start], f"{text}\n")
        else:
            yield Splice(starts[start] - 1, starts[start] - 1, f"\n{text}")


def _ended(plain: PlainText, literal: Literal, offset: int) -> str:
    """Return the new text, with the line end that it lost when whole lines were sent."""
    new, end = literal.new, offset + len(literal.old)
    if not literal.old.endswith("\n") or not new or new.endswith("\n"):
        return new
    whole_lines = offset == 0 or plain.text[offset - 1] == "\n"
    joins = plain.text[end : end + 1] != "\n"
    return f"{new}\n" if whole_lines and joins else new
