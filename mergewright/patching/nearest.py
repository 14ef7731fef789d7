"""What to tell an author whose edit matches nothing: the text that comes nearest."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from mergewright.patching.folding import fold_words
from mergewright.patching.hunks import compare
from mergewright.patching.likeness import Likeness

MAX_LINES = 12
MAX_LINE_CHARACTERS = 160
MAX_CANDIDATES = 5
MAX_WANTED_LINES = 400
MAX_FILE_LINES = 50_000
LEAST_LIKENESS = 0.4


def describe_nearest(lines: Sequence[str], wanted: Sequence[str]) -> str:
    """Return the part of a file that is most like an edit's old lines, and how they differ."""
    if not lines:
        return "The file is empty."
    wanted = wanted[:MAX_WANTED_LINES]
    start = _nearest_start(lines[:MAX_FILE_LINES], wanted)
    if start is None:
        return "Nothing in the file is like it."
    found = lines[start : start + len(wanted)]
    numbered = [f"{start + index + 1:>5} | {line}" for index, line in enumerate(found)]
    differences: list[str] = []
    for block in compare(wanted, found):
        differences += (f"- {_visible(line)}" for line in wanted[block.old_start : block.old_end])
        differences += (f"+ {_visible(line)}" for line in found[block.new_start : block.new_end])
    return "\n".join(
        (
            f"The nearest text is lines {start + 1} to {start + len(found)}:",
            *_shortened(numbered),
            "How they differ (- the edit, + the file):",
            *_shortened(differences),
        )
    )


def _visible(line: str) -> str:
    """Show the characters that look like others or like nothing."""
    body = line.rstrip()
    shown = "".join(
        character if character.isprintable() or character == "\t" else repr(character)[1:-1]
        for character in body[: MAX_LINE_CHARACTERS + 1]
    )
    left = len(line) - len(body)
    return shown if not left else f"{shown}{line[len(body) :][:8]!r}"


def _nearest_start(lines: Sequence[str], wanted: Sequence[str]) -> int | None:
    own = [fold_words(line) for line in wanted]
    if not any(own):
        return None
    theirs = [fold_words(line) for line in lines]
    likeness = Likeness()
    candidates = _starts_by_shared_lines(theirs, own) or _starts_by_longest_line(
        theirs, own, likeness
    )

    def total(start: int) -> tuple[float, int]:
        window = theirs[start : start + len(own)]
        pairs = zip(own, window, strict=False)
        return sum(likeness.between(one, other) for one, other in pairs), -start

    return max(candidates, key=total, default=None)


def _starts_by_shared_lines(lines: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Return the starts of the windows that share most lines with the wanted ones."""
    places = defaultdict[str, list[int]](list)
    for index, line in enumerate(wanted):
        if line:
            places[line].append(index)
    last_start = max(len(lines) - len(wanted), 0)
    votes: Counter[int] = Counter()
    for row, line in enumerate(lines):
        for index in places.get(line, ())[:8]:
            votes[min(max(row - index, 0), last_start)] += 1
    ranked = sorted(votes.items(), key=lambda item: (-item[1], item[0]))
    return [start for start, _ in ranked[:MAX_CANDIDATES]]


def _starts_by_longest_line(
    lines: Sequence[str], wanted: Sequence[str], likeness: Likeness
) -> list[int]:
    longest = max(wanted, key=len)
    offset = wanted.index(longest)
    rated = [(likeness.between(longest, line), -row) for row, line in enumerate(lines) if line]
    best = sorted(rated, reverse=True)[:MAX_CANDIDATES]
    last_start = max(len(lines) - len(wanted), 0)
    return [min(max(-row - offset, 0), last_start) for rate, row in best if rate >= LEAST_LIKENESS]


def _shortened(lines: Sequence[str]) -> list[str]:
    short = [
        line if len(line) <= MAX_LINE_CHARACTERS else f"{line[:MAX_LINE_CHARACTERS]}..."
        for line in lines[:MAX_LINES]
    ]
    left = len(lines) - MAX_LINES
    return [*short, f"... {left} more lines"] if left > 0 else short
