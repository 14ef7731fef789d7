"""What models do to an edit between the file and the answer, and what time does to the file.

Every damage keeps the intended result known: the file as it is then, and as it is to be.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from benchmarks.edits_answers import Answer, Edit
from benchmarks.edits_cases import Case
from mergewright.patching.hunks import ADDED, KEPT, HunkLine

CONTEXT_LINES: Final = 3
WIDE_CONTEXT_LINES: Final = 8

Damage = Callable[[Case, random.Random], Answer | None]
"""None when the edit has nothing that could be damaged like this."""


def _clean(case: Case, _: random.Random) -> Answer | None:
    return Edit.of(case, CONTEXT_LINES).answer()


def _wrong_line_number(case: Case, chance: random.Random) -> Answer | None:
    answer = Edit.of(case, CONTEXT_LINES).answer()
    shifts = [chance.choice((-1, 1)) * chance.randint(1, 40) for _ in answer.starts]
    starts = [max(start + shift, 1) for start, shift in zip(answer.starts, shifts, strict=True)]
    return replace(answer, starts=tuple(starts))


def _trailing_space(case: Case, chance: random.Random) -> Answer | None:
    """Half of the time the answer has it and the file has not, half the other way round.

    One line in six does; lines that are the same have the same space.
    """
    edit = Edit.of(case, CONTEXT_LINES)
    clean = edit.answer()
    spaces = (*[""] * 20, "  ", " ", "\t", "    ")

    chosen: dict[str, str] = {}

    def spaced(line: HunkLine) -> HunkLine:
        if line.tag == ADDED:
            return line
        space = chosen.setdefault(line.text, chance.choice(spaces))
        return HunkLine(line.tag, line.text.rstrip() + space)

    if chance.choice((True, False)):
        return replace(clean, hunks=tuple(tuple(map(spaced, hunk)) for hunk in clean.hunks))
    for start, end in edit.spans:
        edit.lines[start:end] = [spaced(line) for line in edit.lines[start:end]]
    return replace(edit.answer(), hunks=clean.hunks)


def _dedented(case: Case, _: random.Random) -> Answer | None:
    answer = Edit.of(case, CONTEXT_LINES).answer()
    if any(line.tag != KEPT and line.text.isspace() for line in case.lines):
        return None
    hunks = tuple(_without_common_indent(hunk) for hunk in answer.hunks)
    return None if hunks == answer.hunks else replace(answer, hunks=hunks)


def _without_common_indent(hunk: Sequence[HunkLine]) -> tuple[HunkLine, ...]:
    indents = [re.match(r"[ \t]*", line.text) for line in hunk if line.text.strip()]
    widths = [match.group() for match in indents if match]
    shared = min(widths, key=len, default="")
    if not all(width.startswith(shared) for width in widths):
        return tuple(hunk)
    return tuple(HunkLine(line.tag, line.text.removeprefix(shared)) for line in hunk)


def _paraphrased(case: Case, chance: random.Random) -> Answer | None:
    answer = Edit.of(case, CONTEXT_LINES).answer()
    hunks = []
    for hunk in answer.hunks:
        able = [at for at, line in enumerate(hunk) if line.tag == KEPT and _words(line.text)]
        lines = list(hunk)
        if able:
            at = chance.choice(able)
            lines[at] = HunkLine(KEPT, _reworded(lines[at].text, chance))
        hunks.append(tuple(lines))
    return None if tuple(hunks) == answer.hunks else replace(answer, hunks=tuple(hunks))


def _words(text: str) -> list[re.Match[str]]:
    return list(re.finditer(r"[A-Za-z_]{3,}", text))


def _reworded(text: str, chance: random.Random) -> str:
    """Rename, drop or add something, as when a line is written from memory."""
    word = chance.choice(_words(text))
    change = chance.choice(("longer", "shorter", "comment", "prefix", "quotes"))
    if change == "longer":
        return text[: word.start()] + word.group() + "_value" + text[word.end() :]
    if change == "shorter":
        return text[: word.start()] + word.group()[: len(word.group()) // 2] + text[word.end() :]
    if change == "comment":
        return (
            f"{text.rstrip()}  # {chance.choice(('as before', 'noqa', 'unchanged', 'see above'))}"
        )
    if change == "prefix":
        return text[: word.start()] + "self." + word.group() + text[word.end() :]
    swapped = text.replace('"', "'") if '"' in text else text.replace("'", '"')
    return swapped if swapped != text else text[: word.start()] + text[word.end() :]


def _missing_line(case: Case, chance: random.Random) -> Answer | None:
    """Leave out one unchanged line between two others that are in the file."""
    answer = Edit.of(case, CONTEXT_LINES).answer()
    hunks = []
    for hunk in answer.hunks:
        found = [at for at, line in enumerate(hunk) if line.tag != ADDED]
        able = [at for at in found[1:-1] if hunk[at].tag == KEPT]
        gone = chance.choice(able) if able else None
        hunks.append(tuple(line for at, line in enumerate(hunk) if at != gone))
    return None if tuple(hunks) == answer.hunks else replace(answer, hunks=tuple(hunks))


def _smart(text: str) -> str:
    text = re.sub(r'"([^"]*)"', "\u201c\\1\u201d", text)
    text = re.sub(r"(?<=\w)'", "\u2019", text).replace("'", "\u2018").replace('"', "\u201d")
    return text.replace(" - ", " \u2013 ")


def _smart_quotes(case: Case, _: random.Random) -> Answer | None:
    """In the lines that were copied."""
    answer = Edit.of(case, CONTEXT_LINES).answer()
    hunks = tuple(
        tuple(line if line.tag == ADDED else HunkLine(line.tag, _smart(line.text)) for line in hunk)
        for hunk in answer.hunks
    )
    return None if hunks == answer.hunks else replace(answer, hunks=hunks)


def _one_context_line(case: Case, _: random.Random) -> Answer | None:
    return Edit.of(case, 1).answer()


def _drifted(case: Case, chance: random.Random) -> Answer | None:
    """Since it was read, lines came in above, one near each change is other, some are new."""
    edit = Edit.of(case, CONTEXT_LINES)
    clean = edit.answer()
    changed = False
    for start, end in reversed(edit.spans):
        able = [
            at
            for at in range(start, end)
            if edit.lines[at].tag == KEPT and _words(edit.lines[at].text)
        ]
        if able:
            at = chance.choice(able)
            changed = True
            edit.lines[at] = HunkLine(KEPT, _reworded(edit.lines[at].text, chance))
        inner = [
            at
            for at in range(start + 1, end)
            if edit.lines[at].tag == edit.lines[at - 1].tag == KEPT
        ]
        if inner and chance.choice((True, False, False)):
            edit.lines.insert(chance.choice(inner), HunkLine(KEPT, "new_since = read(before)"))
    if not changed:
        return None
    edit.lines[:0] = [HunkLine(KEPT, f"added above, {n}") for n in range(chance.randint(0, 9))]
    return replace(edit.answer(), hunks=clean.hunks, starts=clean.starts)


def _crlf(case: Case, _: random.Random) -> Answer | None:
    answer = Edit.of(case, CONTEXT_LINES).answer()
    before, after = (text.replace("\n", "\r\n") for text in (answer.before, answer.after))
    return replace(answer, before=before, after=after)


def _tabs_to_spaces(case: Case, chance: random.Random) -> Answer | None:
    answer = Edit.of(case, CONTEXT_LINES).answer()
    width = chance.choice((2, 4, 4, 4, 8))

    def spaced(line: HunkLine) -> HunkLine:
        rest = line.text.lstrip("\t")
        return HunkLine(line.tag, " " * width * (len(line.text) - len(rest)) + rest)

    hunks = tuple(tuple(map(spaced, hunk)) for hunk in answer.hunks)
    return None if hunks == answer.hunks else replace(answer, hunks=hunks)


def _duplicated(case: Case, chance: random.Random) -> Answer | None:
    """The lines of each hunk are in the file a second time, above or below."""
    edit = Edit.of(case, CONTEXT_LINES)
    copies = [
        HunkLine(KEPT, line.text)
        for start, end in edit.spans
        for line in edit.lines[start:end]
        if line.tag != ADDED
    ]
    if not any(line.text.strip() for line in copies):
        return None
    divider = HunkLine(KEPT, "here is more of the same")
    if chance.choice((True, False)):
        edit.lines += [divider, *copies]
    else:
        added = [*copies, divider]
        edit.lines[:0] = added
        edit.spans = [(start + len(added), end + len(added)) for start, end in edit.spans]
    return replace(edit.answer(), numbered=False)


def _elided(case: Case, chance: random.Random) -> Answer | None:
    """Unchanged lines between others are left out with three dots."""
    answer = Edit.of(case, WIDE_CONTEXT_LINES).answer()
    mark = chance.choice(
        ("...", "    ...", "# ... existing code ...", "// ... rest of the code ...")
    )
    hunks = []
    for hunk in answer.hunks:
        runs = [
            (at, at + 4)
            for at in range(1, len(hunk) - 5)
            if all(line.tag == KEPT for line in hunk[at : at + 4])
        ]
        if not runs:
            hunks.append(hunk)
            continue
        start, end = chance.choice(runs)
        hunks.append((*hunk[:start], HunkLine(KEPT, mark), *hunk[end:]))
    if tuple(hunks) == answer.hunks:
        return None
    return replace(answer, hunks=tuple(hunks), must_refuse=True)


def _again(case: Case, _: random.Random) -> Answer | None:
    """The file has the edit already."""
    answer = Edit.of(case, CONTEXT_LINES).answer()
    return replace(answer, before=case.after, must_refuse=True)


KINDS: Final[dict[str, Damage]] = {
    "clean": _clean,
    "wrong line number": _wrong_line_number,
    "trailing white space": _trailing_space,
    "dedented": _dedented,
    "paraphrased context line": _paraphrased,
    "context line missing": _missing_line,
    "smart quotes": _smart_quotes,
    "one context line": _one_context_line,
    "drifted file": _drifted,
    "CRLF file": _crlf,
    "tabs to spaces": _tabs_to_spaces,
    "duplicated block": _duplicated,
    "elided lines": _elided,
    "applied already": _again,
}


def damage(kind: str, case: Case, seed: int) -> Answer | None:
    """Return the damaged answer, the same for the same seed."""
    chance = random.Random(f"{seed} {kind} {case.commit} {case.path}")  # noqa: S311 - reproducible
    return KINDS[kind](case, chance)
