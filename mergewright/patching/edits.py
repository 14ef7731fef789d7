"""Search-and-replace edits of a model become the file's new text, or a refusal it can act on.

The model's idea of the surrounding lines is never written: lines that its old and new text have in
common stay byte for byte what the file has, as do line ends, byte order mark and final newline.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import NamedTuple

from pydantic import Field

from mergewright.domain.value import Value
from mergewright.errors import EditConflict
from mergewright.patching.line_ends import PlainText
from mergewright.patching.matchers import Region, find_regions, overlap
from mergewright.patching.nearest import describe_nearest

BYTE_ORDER_MARK = "\ufeff"
MAX_PLACES_SHOWN = 10


class Replacement(Value):
    """One place of a file to change."""

    old: str = Field(description="Text as it is in the file, with enough lines to be unique")
    new: str = Field(description="Text to put in its place")
    near_line: int | None = Field(
        default=None, description="Line number that decides when `old` is there several times"
    )


@dataclass(frozen=True, slots=True)
class _Edit:
    """One replacement with its name for messages and its place in the file."""

    name: str
    old: str
    new: str
    region: Region


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
    mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
    plain = PlainText.of(text.removeprefix(BYTE_ORDER_MARK))
    edits = [
        _located(path, plain, replacement, f"Replacement {index} of {len(replacements)}")
        for index, replacement in enumerate(replacements, start=1)
    ]
    _refuse_overlap(path, plain, edits)
    changed = mark + "".join(_pieces(plain, edits))
    if changed == text:
        raise EditConflict(
            f"The replacements leave {path!r} as it is.",
            hint="Compare the file with the intended result; the change may be there already.",
        )
    return changed


def _located(path: str, plain: PlainText, replacement: Replacement, name: str) -> _Edit:
    old = _normalised(replacement.old)
    new = _normalised(replacement.new)
    if not old:
        raise EditConflict(
            f"{name} in {path!r} has an empty `old`.",
            hint="Put the lines to replace into `old`; to insert, repeat a neighbouring line.",
        )
    if old == new:
        raise EditConflict(
            f"{name} in {path!r} has the same text as `old` and `new`.",
            hint="Send only replacements that change something.",
        )
    regions = find_regions(plain.text, old)
    if not regions:
        raise EditConflict(
            f"{name} does not match {path!r}. {describe_nearest(plain.text, old)}\n",
            hint="Copy `old` from the file as it is now, without line numbers.",
        )
    region = _decided(path, plain, regions, replacement.near_line, name)
    return _Edit(name, old, new, region)


def _normalised(text: str) -> str:
    return text.removeprefix(BYTE_ORDER_MARK).replace("\r\n", "\n")


def _decided(
    path: str, plain: PlainText, regions: tuple[Region, ...], near_line: int | None, name: str
) -> Region:
    """Return the only region, or the one nearest to the line."""
    if len(regions) == 1:
        return regions[0]
    if near_line is not None:
        distances = [_distance(plain, region, near_line) for region in regions]
        if distances.count(min(distances)) == 1:
            return regions[distances.index(min(distances))]
    lines = [str(plain.line_number(region.start)) for region in regions[:MAX_PLACES_SHOWN]]
    more = ", ..." if len(regions) > MAX_PLACES_SHOWN else ""
    raise EditConflict(
        f"{name} matches {path!r} in {len(regions)} places: lines {', '.join(lines)}{more}.",
        hint="Add neighbouring lines to `old`, or say which one is meant with `near_line`.",
    )


def _distance(plain: PlainText, region: Region, near_line: int) -> int:
    first = plain.line_number(region.start)
    last = plain.line_number(max(region.start, region.end - 1))
    return max(first - near_line, near_line - last, 0)


def _refuse_overlap(path: str, plain: PlainText, edits: Sequence[_Edit]) -> None:
    shared = overlap(tuple(edit.region for edit in edits))
    if shared is None:
        return
    names = " and ".join(edit.name for edit in edits if edit.region in shared)
    raise EditConflict(
        f"{names} change the same text of {path!r}, at line {plain.line_number(shared[1].start)}.",
        hint="Make them one replacement; each is matched against the file before the others.",
    )


def _pieces(plain: PlainText, edits: Sequence[_Edit]) -> Iterator[str]:
    position = 0
    for edit in sorted(edits, key=lambda edit: edit.region):
        start = plain.original_offset(edit.region.start)
        end = plain.original_offset(edit.region.end)
        yield plain.original[position:start]
        yield _merged(plain, edit, plain.original[start:end])
        position = end
    yield plain.original[position:]


def _merged(plain: PlainText, edit: _Edit, region: str) -> str:
    """Return the region's new text, with the file's own lines where old and new agree."""
    kept = _lines(region)
    old = [line.content for line in _lines(edit.old)]
    new = _lines(_with_final_newline(plain, edit))
    if len(kept) < len(old):
        # The old text ends its last line, and the file's last line has no end.
        old.pop()
        if len(new) > 1 and not new[-1].content:
            new = [*new[:-2], _Line(new[-2].content, "")]
    contents = [line.content for line in new]
    merged: list[str] = []
    for tag, i1, _, j1, j2 in SequenceMatcher(None, old, contents, autojunk=False).get_opcodes():
        for offset, line in enumerate(new[j1:j2]):
            own = kept[i1 + offset] if tag == "equal" else _Line(line.content, plain.line_end)
            merged += (own.content, (own.end or plain.line_end) if line.end else "")
    return "".join(merged)


class _Line(NamedTuple):
    content: str
    end: str


def _lines(text: str) -> list[_Line]:
    """Split a text at its line ends; the last line is what follows the last end."""
    *ended, last = text.split("\n")
    lines = [
        _Line(line[:-1], "\r\n") if line.endswith("\r") else _Line(line, "\n") for line in ended
    ]
    return [*lines, _Line(last, "")]


def _with_final_newline(plain: PlainText, edit: _Edit) -> str:
    at_end = edit.region.end == len(plain.text)
    lost = at_end and edit.old.endswith("\n") and edit.new and not edit.new.endswith("\n")
    return f"{edit.new}\n" if lost else edit.new
