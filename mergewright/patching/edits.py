"""Search-and-replace edits of a model become the file's new text, or a refusal it can act on.

The model's idea of the surrounding lines is never written: lines that its old and new text have in
common stay byte for byte what the file has, as do line ends, byte order mark and final newline.
"""

import re
from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from pydantic import Field

from mergewright.domain.value import Value
from mergewright.errors import EditConflict
from mergewright.patching.hunks import Hunk, Literal, lines_between, split_lines
from mergewright.patching.line_ends import PlainText, Splice, with_line_feeds
from mergewright.patching.placing import place_hunks
from mergewright.patching.splicing import splices_of

_NUMBERED = re.compile(r"^ {0,6}(\d{1,7})(?:\t| \| )(.*)$")


class Replacement(Value):
    """One place of a file to change."""

    old: str = Field(description="Text as it is in the file, with enough lines to be unique")
    new: str = Field(description="Text to put in its place")
    near_line: int | None = Field(
        default=None, description="Line number that decides when `old` is there several times"
    )


class _Change(NamedTuple):
    splice: Splice
    hunk: Hunk


def apply_replacements(path: str, text: str, replacements: Sequence[Replacement]) -> str:
    """Return the text with all replacements made; each is matched against the text as given.

    Raises:
        EditConflict: A replacement matches nowhere, in several places or across another one, or
            nothing would change. Nothing is applied then.
    """
    if not replacements:
        raise EditConflict(
            f"There is nothing to replace in {path!r}.", hint="Send at least one replacement."
        )
    hunks = [
        _hunk(path, text, replacement, f"Replacement {index} of {len(replacements)}")
        for index, replacement in enumerate(replacements, start=1)
    ]
    return apply_hunks(path, text, hunks)


def apply_hunks(path: str, text: str, hunks: Sequence[Hunk]) -> str:
    """Return the text with all hunks applied; each is sought in the text as given.

    Raises:
        EditConflict: A hunk is nowhere, may be in several places or changes what another one
            changes, or nothing would change. Nothing is applied then.
    """
    plain = PlainText.of(text)
    matches = place_hunks(path, plain, hunks)
    changes = [
        _Change(splice, hunk)
        for hunk, match in zip(hunks, matches, strict=True)
        for splice in splices_of(path, plain, hunk, match)
    ]
    _refuse_overlap(path, plain, changes)
    changed = plain.spliced([change.splice for change in changes])
    changed = _ended(plain, changed, hunks)
    if changed == text:
        raise EditConflict(
            f"The edit leaves {path!r} as it is.",
            hint="Compare the file with the intended result; the change may be there already.",
        )
    return changed


def _hunk(path: str, text: str, replacement: Replacement, name: str) -> Hunk:
    old, new = with_line_feeds(replacement.old), with_line_feeds(replacement.new)
    if not old and text:
        raise EditConflict(
            f"{name} in {path!r} has an empty `old`.",
            hint="Put the lines to replace into `old`; to insert, repeat a neighbouring line.",
        )
    if old == new:
        raise EditConflict(
            f"{name} in {path!r} has the same text as `old` and `new`.",
            hint="Send only replacements that change something.",
        )
    near_line = replacement.near_line
    if old and old not in with_line_feeds(text) and (numbered := _without_numbers(old)):
        near_line, old = numbered
        _, new = _without_numbers(new) or (0, new)
    whole_lines = old.endswith("\n") or not old
    split = split_lines if whole_lines else partial(str.split, sep="\n")
    lines = lines_between(split(old), split(new))
    return Hunk(name, lines, near_line, literal=Literal(old, new) if old else None)


def _without_numbers(text: str) -> tuple[int, str] | None:
    """Return the first number and the text if each line begins with one, as when it was read."""
    matches = [_NUMBERED.match(line) for line in split_lines(text)]
    found = [(int(match[1]), match[2]) for match in matches if match]
    if not found or len(found) < len(matches):
        return None
    if any(after[0] != before[0] + 1 for before, after in pairwise(found)):
        return None
    joined = "\n".join(line for _, line in found)
    return found[0][0], f"{joined}\n" if text.endswith("\n") else joined


def _refuse_overlap(path: str, plain: PlainText, changes: Sequence[_Change]) -> None:
    for first, second in pairwise(sorted(changes, key=lambda change: change.splice[:2])):
        if first.hunk is second.hunk:
            continue
        touches = second.splice.start < first.splice.end
        both_add = first.splice.new and second.splice.new
        if touches or (both_add and second.splice.start == first.splice.start):
            line = plain.line_number(second.splice.start)
            names = " and ".join(sorted({first.hunk.name, second.hunk.name}))
            raise EditConflict(
                f"{names} change the same text of {path!r}, at line {line}.",
                hint="Make them one edit; each is matched against the file before the others.",
            )


def _ended(plain: PlainText, changed: str, hunks: Sequence[Hunk]) -> str:
    """Give the last line an end, or take it, if a hunk says so."""
    said = [hunk.final_newline for hunk in hunks if hunk.final_newline is not None]
    if not said or not changed:
        return changed
    if said[-1]:
        return changed if changed.endswith("\n") else changed + plain.line_end
    return changed.removesuffix("\n").removesuffix("\r")
