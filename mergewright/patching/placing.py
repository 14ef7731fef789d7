"""Which place of a file each hunk means, or a refusal that says what would decide it."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median_low
from typing import NoReturn

from mergewright.errors import EditConflict
from mergewright.patching.alignment import LEAST_MARGIN, LEAST_SCORE, Aligner, Place
from mergewright.patching.elisions import leaves_out, left_out
from mergewright.patching.folding import fold_line, fold_words
from mergewright.patching.hunks import Hunk
from mergewright.patching.line_ends import PlainText
from mergewright.patching.matchers import MAX_PLACES, Match, find_all, find_matches, indents_of
from mergewright.patching.nearest import describe_nearest

MAX_PLACES_SHOWN = 10
MAX_SPREAD_LINES = 10
MAX_NEIGHBOURS = 4
COPY_HINT = "Copy the lines from the file as it is now, without line numbers."


def place_hunks(path: str, plain: PlainText, hunks: Sequence[Hunk]) -> list[Match]:
    """Return each hunk's place; all are sought in the file as it is.

    Raises:
        EditConflict: A hunk is nowhere, may be in several places, or is there already.
    """
    found = [_candidates(path, plain, hunk) for hunk in hunks]
    told = [
        matches or _clearly_alike(plain, hunk) for hunk, matches in zip(hunks, found, strict=True)
    ]
    places: list[Match] = []
    for index, hunk in enumerate(hunks):
        matches = found[index]
        shift = _shift(hunks, told, index)
        if not matches:
            place = _alike(path, plain, _shifted(hunk, shift))
        elif len(matches) == 1:
            place = matches[0]
        else:
            in_order = _in_order(hunks, found, index) or matches
            left = _after_anchors(plain, hunk, in_order) or in_order
            place = _decided(path, _shifted(hunk, shift), left)
        _refuse_repetition(path, plain, hunk, place)
        places.append(place)
    return places


def _candidates(path: str, plain: PlainText, hunk: Hunk) -> list[Match]:
    if line := left_out(hunk.added, plain.lines):
        raise EditConflict(
            f"{hunk.name} would write {line.strip()!r} into {path!r} in place of the lines that it "
            "leaves out.",
            hint="Send every line that is to be there, or only the part that changes.",
        )
    if hunk.old or hunk.literal:
        return find_matches(plain, hunk)
    rows = len(plain.starts) - 1
    if not rows or hunk.at_end:
        return [Match(())]
    raise EditConflict(
        f"{hunk.name} has no line of {path!r}, so nothing says where its lines belong.",
        hint="Send a few unchanged lines around the new ones.",
    )


def _shift(hunks: Sequence[Hunk], found: Sequence[list[Match]], index: int) -> int | None:
    """Return how far a line number is off, as the nearest sure places tell; None if they disagree."""
    own = hunks[index].near_line
    sure = [
        (hunk.near_line, matches[0].first + 1 - hunk.near_line)
        for hunk, matches in zip(hunks, found, strict=True)
        if len(matches) == 1 and hunk.near_line is not None
    ]
    if own is None or len(sure) < (1 if hunks[0].ordered else 2):
        return 0
    nearest = sorted(sure, key=lambda one: abs(one[0] - own))[:MAX_NEIGHBOURS]
    shifts = [shift for _, shift in nearest]
    return median_low(shifts) if max(shifts) - min(shifts) <= MAX_SPREAD_LINES else None


def _shifted(hunk: Hunk, shift: int | None) -> Hunk:
    """Return the hunk with its line number corrected, or without it if it says nothing."""
    if hunk.near_line is None or (shift is None and not hunk.ordered):
        return hunk
    return replace(hunk, near_line=None if shift is None else hunk.near_line + shift)


def _in_order(hunks: Sequence[Hunk], found: Sequence[list[Match]], index: int) -> list[Match]:
    """Return the matches between the places of the hunks before and after that are sure."""
    if not hunks[index].ordered:
        return found[index]
    sure = {number: matches[0] for number, matches in enumerate(found) if len(matches) == 1}
    firsts = [sure[number].first for number in sorted(sure)]
    if firsts != sorted(firsts):
        return found[index]
    low = max((place.last for number, place in sure.items() if number < index), default=-1)
    high = min((place.first for number, place in sure.items() if number > index), default=None)
    return [
        match for match in found[index] if match.first > low and (high is None or match.last < high)
    ]


def _after_anchors(plain: PlainText, hunk: Hunk, matches: Sequence[Match]) -> list[Match]:
    """Return the first match after the lines that come before it, or the one at the end."""
    last = len(plain.starts) - 2
    if hunk.at_end:
        return [match for match in matches if match.last == last]
    if not hunk.anchors:
        return []
    words = [fold_words(line) for line in plain.lines]
    row = -1
    for anchor in hunk.anchors:
        try:
            row = words.index(fold_words(anchor), row + 1)
        except ValueError:
            return []
    return [match for match in matches if match.first >= row][:1]


def _decided(path: str, hunk: Hunk, matches: Sequence[Match]) -> Match:
    """Return the match that the line number says, if it says one."""
    if len(matches) == 1:
        return matches[0]
    if hunk.near_line is not None and len(matches) < MAX_PLACES:
        row = hunk.near_line - 1
        ranked = sorted(matches, key=lambda match: abs(match.first - row))
        nearest, second = (abs(match.first - row) for match in ranked[:2])
        around = [match for match in matches if match.first <= row <= match.last]
        if nearest and len(around) == 1:
            return around[0]
        if nearest < second and 3 * nearest <= second:
            return ranked[0]
    lines = [str(match.first + 1) for match in matches[:MAX_PLACES_SHOWN]]
    more = ", ..." if len(matches) > MAX_PLACES_SHOWN else ""
    raise EditConflict(
        f"{hunk.name} matches {path!r} in {len(matches)} places: lines {', '.join(lines)}{more}.",
        hint="Add neighbouring lines, or say which one is meant with its line number (`near_line`).",
    )


def _alike(path: str, plain: PlainText, hunk: Hunk) -> Match:
    """Return the place with the most alike lines if it is alike enough and no other one is."""
    _refuse_what_is_there(path, plain, hunk)
    places = _alike_places(plain, hunk)
    words = {fold_words(line) for line in plain.lines}
    _refuse_elision(path, plain, hunk, places, words)
    removed = hunk.removed
    gone = [
        line
        for index, line in enumerate(hunk.old)
        if index in removed and line.strip() and fold_words(line) not in words
    ]
    reason = ""
    if gone:
        reason = f" There is no line {gone[0].strip()[:160]!r}, which it replaces or removes."
    if not places or places[0].score < LEAST_SCORE:
        raise EditConflict(
            f"{hunk.name} does not match {path!r}.{reason} "
            f"{describe_nearest(plain.lines, hunk.old)}\n",
            hint=COPY_HINT,
        )
    if _is_clear(places):
        return places[0].match
    return _decided(path, hunk, [place.match for place in places])


def _alike_places(plain: PlainText, hunk: Hunk) -> list[Place]:
    """Return the places with the most alike lines, however the hunk is indented."""
    lines = plain.lines
    places = Aligner(lines, hunk).places()
    if not places or places[0].score < LEAST_SCORE:
        otherwise = Aligner(lines, hunk, fold_words).places()
        if otherwise and indents_of(lines, hunk, otherwise[0].match).plausible:
            return otherwise
    return places


def _is_clear(places: Sequence[Place]) -> bool:
    """Whether the first place is alike enough and no other one nearly is."""
    if not places or places[0].score < LEAST_SCORE:
        return False
    return len(places) == 1 or places[0].score - places[1].score >= LEAST_MARGIN


def _clearly_alike(plain: PlainText, hunk: Hunk) -> list[Match]:
    """Return the one place that a hunk without a match is alike to, if it is clear."""
    places = _alike_places(plain, hunk) if hunk.near_line is not None else []
    return [places[0].match] if _is_clear(places) else []


def _refuse_elision(
    path: str, plain: PlainText, hunk: Hunk, places: Sequence[Place], words: set[str]
) -> None:
    rows = places[0].match.rows if places else (None,) * len(hunk.old)
    for line, row in zip(hunk.old, rows, strict=True):
        if not leaves_out(line) or (row is not None and fold_words(line) in words):
            continue
        raise EditConflict(
            f"{hunk.name} leaves lines of {path!r} out: {line.strip()!r} is not in the file. "
            f"{describe_nearest(plain.lines, hunk.old)}\n",
            hint="Send every line between the first and the last one, or two separate edits.",
        )


def _refuse_what_is_there(path: str, plain: PlainText, hunk: Hunk) -> None:
    """Say so if the file is as it would be after the edit."""
    if not any(line.strip() for line in hunk.added):
        return
    if rows := _rows_of(plain, hunk.new):
        _refuse_as_there_already(path, hunk, rows[0])


def _refuse_repetition(path: str, plain: PlainText, hunk: Hunk, place: Match) -> None:
    """Say so if what the hunk adds follows or precedes its place, or was put nearer to its line."""
    if place.offset is not None and _has_literally(plain, hunk, place.offset):
        _refuse_as_there_already(path, hunk, place.first)
    if not any(line.strip() for line in hunk.added):
        return
    near = place.first if hunk.near_line is None else hunk.near_line - 1
    for row in _rows_of(plain, hunk.new) if near != place.first or not hunk.removed else ():
        beside = not hunk.removed and row <= place.first <= row + len(hunk.new)
        if beside or abs(row - near) < abs(place.first - near):
            _refuse_as_there_already(path, hunk, row)


def _has_literally(plain: PlainText, hunk: Hunk, offset: int) -> bool:
    if hunk.literal is None or len(hunk.literal.new.strip()) <= len(hunk.literal.old.strip()):
        return False
    old, new = hunk.literal
    for inside in find_all(new, old):
        start = offset - inside
        if start >= 0 and plain.text.startswith(new, start):
            return True
    return False


def _rows_of(plain: PlainText, wanted: Sequence[str]) -> list[int]:
    """Return the rows at which lines are, whatever their ends and typography."""
    if not plain.text:
        return []
    text = "\n" + "\n".join(fold_line(line) for line in plain.lines) + "\n"
    offsets = find_all(text, "\n" + "\n".join(fold_line(line) for line in wanted) + "\n")
    return [text.count("\n", 0, offset) for offset in offsets[:MAX_PLACES_SHOWN]]


def _refuse_as_there_already(path: str, hunk: Hunk, row: int) -> NoReturn:
    raise EditConflict(
        f"What {hunk.name[0].lower()}{hunk.name[1:]} adds is in {path!r} already, at line "
        f"{row + 1}.",
        hint="Read the file; leave this edit out if nothing is missing.",
    )
