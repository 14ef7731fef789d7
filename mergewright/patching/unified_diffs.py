r"""Unified diffs, as `git diff` writes them and as models do: wrong counts, no line numbers.

Line numbers only help to choose among several places. How many lines a hunk says it has is not
believed; what ends it is the next header.

Source: https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html, and
https://git-scm.com/docs/diff-format, read 2026-11-20.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from mergewright.domain.quoted_paths import without_quotes
from mergewright.errors import EditConflict
from mergewright.patching.changes import Change, Create, Delete, Update
from mergewright.patching.hunks import ADDED, KEPT, REMOVED, Hunk, HunkLine, hunks_between
from mergewright.patching.patch_lines import PatchLines, refuse_line

NOWHERE = "/dev/null"
_GIT, _DELETED = "diff --git ", "deleted file mode "
_FROM, _TO = "rename from ", "rename to "
_PLAIN = frozenset(map(chr, range(ord(" "), 127))) - {'"', "\\"}
_HEADER = re.compile(r"@@(?: -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@.*|.*)$")


def parse_unified_diff(text: str) -> tuple[Change, ...]:
    """Return what a unified diff of one or several files says.

    Raises:
        EditConflict: A line has no meaning where it is; the message says which one.
    """
    lines = PatchLines(text)
    changes: list[Change] = []
    while not lines.at_end:
        change = _read_file(lines)
        if change is not None:
            changes.append(change)
    if not changes:
        raise EditConflict(
            "The patch has no file header (`--- a/path`, `+++ b/path`) and so changes nothing.",
            hint="Send a unified diff with its headers.",
        )
    return tuple(changes)


def make_unified_diff(path: str, before: str, after: str, *, context_lines: int = 3) -> str:
    """Return the unified diff that makes one text out of another, both as they are in the file.

    A byte order mark is a character of the first line, and a carriage return one of its own.
    """
    old, new = _named("a", path), _named("b", path)
    pieces = [f"--- {old}\n+++ {new}\n"]
    grown = 0
    for hunk in hunks_between(before, after, context_lines=context_lines):
        pieces.append(_header(hunk, grown))
        pieces += _body(hunk, before, after, grown)
        grown += len(hunk.new) - len(hunk.old)
    return "".join(pieces)


def _header(hunk: Hunk, grown: int) -> str:
    start = (hunk.near_line or 1) - (not hunk.old)
    new_start = start + grown + (not hunk.old) - (not hunk.new)
    return f"@@ -{start},{len(hunk.old)} +{new_start},{len(hunk.new)} @@\n"


def _body(hunk: Hunk, before: str, after: str, grown: int) -> Iterator[str]:
    start = (hunk.near_line or 1) - 1
    old_last, new_last = before.count("\n"), after.count("\n")
    old_line, new_line = start, start + grown
    for tag, text in hunk.lines:
        last_old = tag != ADDED and old_line == old_last
        last_new = tag != REMOVED and new_line == new_last
        old_line += tag != ADDED
        new_line += tag != REMOVED
        if tag == KEPT and last_old != last_new:
            marks = ("\n\\ No newline at end of file\n", "\n")
            yield f"-{text}{marks[not last_old]}+{text}{marks[not last_new]}"
        elif last_old or last_new:
            yield f"{tag}{text}\n\\ No newline at end of file\n"
        else:
            yield f"{tag}{text}\n"


def _named(prefix: str, path: str) -> str:
    name = f"{prefix}/{path}"
    if name.isprintable() and '"' not in name and "\\" not in name:
        return name
    escaped = "".join(
        f"\\{byte:03o}" if chr(byte) not in _PLAIN else chr(byte) for byte in name.encode()
    )
    return f'"{escaped}"'


def _read_file(lines: PatchLines) -> Change | None:
    """Read up to the next file; None for what stands before a file."""
    header = _read_header(lines)
    if lines.at_end or not lines.line.startswith("--- "):
        return _without_hunks(header)
    old = _path(lines.line[4:])
    lines.advance()
    if not lines.line.startswith("+++ "):
        refuse_line(lines, "should be `+++ b/path`, the new name of the file")
    new = _path(lines.line[4:])
    lines.advance()
    hunks = _read_hunks(lines)
    return _change(lines, old, new, hunks)


def _read_header(lines: PatchLines) -> dict[str, str]:
    """Read what git says before the names of a file, by the words that it begins with."""
    header: dict[str, str] = {}
    while not lines.at_end and not lines.line.startswith("--- "):
        line = lines.line
        if line.startswith("@@"):
            refuse_line(lines, "begins a hunk, and no `--- a/path` and `+++ b/path` came before it")
        if line.startswith(("Binary files ", "GIT binary patch")):
            refuse_line(lines, "says that a file is binary; only text can be patched")
        if line.startswith(_GIT) and _GIT in header:
            break
        for word in (_GIT, _DELETED, _FROM, _TO):
            if line.startswith(word):
                header[word] = line.removeprefix(word)
        lines.advance()
    return header


def _without_hunks(header: dict[str, str]) -> Change | None:
    if _FROM in header and _TO in header:
        return Update(_path(header[_FROM], strip=False), (), _path(header[_TO], strip=False))
    if _DELETED in header and _GIT in header:
        return Delete(_path(header[_GIT].split(" b/", 1)[0]))
    return None


def _change(lines: PatchLines, old: str, new: str, hunks: tuple[Hunk, ...]) -> Change:
    if old == new == NOWHERE:
        refuse_line(lines, "ends a patch from nowhere to nowhere")
    if new == NOWHERE:
        return Delete(old)
    if old == NOWHERE:
        content = "".join(f"{line}\n" for hunk in hunks for line in hunk.new)
        bare = any(hunk.final_newline is False for hunk in hunks)
        return Create(new, content.removesuffix("\n") if bare else content)
    if not hunks and old == new:
        refuse_line(lines, f"ends the patch of {new!r}, which has no hunk")
    return Update(old, hunks, new if new != old else "")


def _path(text: str, *, strip: bool = True) -> str:
    name = without_quotes(text.split("\t", 1)[0].strip())
    if strip and name != NOWHERE and name[:2] in {"a/", "b/"}:
        return name[2:]
    return name


def _read_hunks(lines: PatchLines) -> tuple[Hunk, ...]:
    hunks: list[Hunk] = []
    while not lines.at_end and lines.line.startswith("@@"):
        match = _HEADER.match(lines.line)
        near_line = int(match[1][:9]) if match and match[1] else None
        number = lines.number
        lines.advance()
        body = _read_body(lines)
        if not body.lines:
            refuse_line(lines, "ends a hunk without lines")
        name = f"Hunk {len(hunks) + 1} (line {number} of the patch)"
        hunks.append(Hunk(name, body.lines, near_line, ordered=True, final_newline=body.newline))
    return tuple(hunks)


class _Body(NamedTuple):
    lines: tuple[HunkLine, ...]
    newline: bool | None


def _read_body(lines: PatchLines) -> _Body:
    read: list[HunkLine] = []
    bare: set[str] = set()
    blank = 0
    while not lines.at_end and not _begins_next(lines):
        line = lines.line
        # Models and mail strip the space that stands for an unchanged empty line.
        blank = 0 if line else blank + 1
        if line.startswith("\\"):
            bare.add(read[-1].tag if read else KEPT)
        elif not line or line[0] in {KEPT, REMOVED, ADDED}:
            read.append(HunkLine(line[:1] or KEPT, line[1:]))
        else:
            refuse_line(lines, "begins with neither ` `, `-` nor `+`")
        lines.advance()
    kept = tuple(read[: len(read) - blank])
    newline = {REMOVED: True, ADDED: False}.get("".join(bare))
    return _Body(kept, newline)


def _begins_next(lines: PatchLines) -> bool:
    line, second, third = lines.line, lines.after(1), lines.after(2)
    if line.startswith(("@@", "diff --git ", "Index: ")):
        return True
    if line.rstrip() == "--" and not lines.after(3):
        return True
    return line.startswith("--- ") and second.startswith("+++ ") and third[:2] in {"@@", ""}
