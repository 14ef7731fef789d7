"""What to tell an author whose edit matches nothing: the text that comes nearest."""

from collections import Counter
from difflib import SequenceMatcher, get_close_matches, ndiff, unified_diff

MAX_LINES = 12
MAX_LINE_CHARACTERS = 160
MAX_CANDIDATES = 5
MAX_LINES_COMPARED_CLOSELY = 40
"""`ndiff` marks the characters that differ, and takes cubic time."""


def describe_nearest(text: str, old: str) -> str:
    """Return the part of a text that is most like an edit's old text, and how they differ."""
    if not text:
        return "The file is empty."
    lines = text.removesuffix("\n").split("\n")
    wanted = old.removesuffix("\n").split("\n")
    start = _nearest_start(lines, wanted)
    if start is None:
        return "Nothing in the file is like it."
    found = lines[start : start + len(wanted)]
    numbered = [f"{start + index + 1:>5} | {line}" for index, line in enumerate(found)]
    compare = ndiff if len(wanted) <= MAX_LINES_COMPARED_CLOSELY else unified_diff
    differences = [
        line.rstrip("\n")
        for line in compare(wanted, found)
        if not line.startswith((" ", "---", "+++", "@@"))
    ]
    return "\n".join(
        (
            f"The nearest text is lines {start + 1} to {start + len(found)}:",
            *_shortened(numbered),
            "How they differ (- the edit, + the file):",
            *_shortened(differences),
        )
    )


def _nearest_start(lines: list[str], wanted: list[str]) -> int | None:
    if not lines or not any(line.strip() for line in wanted):
        return None
    candidates = _windows_by_shared_lines(lines, wanted) or _windows_by_longest_line(lines, wanted)
    joined = "\n".join(wanted)

    def likeness(start: int) -> tuple[float, int]:
        window = "\n".join(lines[start : start + len(wanted)])
        return SequenceMatcher(None, window, joined, autojunk=False).quick_ratio(), -start

    return max(candidates, key=likeness, default=None)


def _windows_by_shared_lines(lines: list[str], wanted: list[str]) -> list[int]:
    """Return the starts of the windows that share most lines with the wanted ones."""
    marks = Counter(line.strip() for line in wanted if line.strip())
    votes: Counter[int] = Counter()
    places = {line.strip(): index for index, line in reversed(list(enumerate(wanted)))}
    last_start = max(len(lines) - len(wanted), 0)
    for index, line in enumerate(lines):
        mark = line.strip()
        if mark in marks:
            votes[min(max(index - places[mark], 0), last_start)] += 1
    ranked = sorted(votes.items(), key=lambda item: (-item[1], item[0]))
    return [start for start, _ in ranked[:MAX_CANDIDATES]]


def _windows_by_longest_line(lines: list[str], wanted: list[str]) -> list[int]:
    longest = max(wanted, key=lambda line: len(line.strip()))
    offset = wanted.index(longest)
    trimmed = [line.strip() for line in lines]
    close = get_close_matches(longest.strip(), sorted({*trimmed}), n=MAX_CANDIDATES, cutoff=0.4)
    last_start = max(len(lines) - len(wanted), 0)
    return [min(max(trimmed.index(line) - offset, 0), last_start) for line in close]


def _shortened(lines: list[str]) -> list[str]:
    short = [
        line if len(line) <= MAX_LINE_CHARACTERS else f"{line[:MAX_LINE_CHARACTERS]}..."
        for line in lines[:MAX_LINES]
    ]
    left = len(lines) - MAX_LINES
    return [*short, f"... {left} more lines"] if left > 0 else short
