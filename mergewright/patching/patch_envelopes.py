"""The `apply_patch` form: sections that add, update, move and delete files, without line numbers.

Source: https://github.com/openai/codex, codex-rs/apply-patch/apply_patch_tool_instructions.md, read
2026-11-20.
"""

from collections.abc import Sequence

from mergewright.errors import EditConflict
from mergewright.patching.changes import Change, Create, Delete, Rewrite, Update
from mergewright.patching.hunks import ADDED, KEPT, REMOVED, Hunk, HunkLine
from mergewright.patching.patch_lines import PatchLines, refuse_line

BEGIN, END = "*** Begin Patch", "*** End Patch"
ADD, UPDATE, DELETE = "*** Add File: ", "*** Update File: ", "*** Delete File: "
MOVE, END_OF_FILE = "*** Move to: ", "*** End of File"


def parse_patch_envelope(text: str) -> tuple[Change, ...]:
    """Return what a patch of the `apply_patch` form says.

    Raises:
        EditConflict: A line has no meaning where it is, or the end is missing.
    """
    lines = PatchLines(text)
    if lines.line.strip() != BEGIN:
        refuse_line(lines, f"should be `{BEGIN}`")
    lines.advance()
    changes: list[Change] = []
    while not lines.at_end and lines.line.strip() != END:
        if lines.line.strip():
            changes.append(_read_section(lines))
        else:
            lines.advance()
    if lines.at_end:
        raise EditConflict(
            f"The patch has no `{END}`: it may have been cut off, and is not applied.",
            hint="Send the whole patch, or several smaller ones.",
        )
    if not changes:
        raise EditConflict("The patch has no section.", hint="Name the files to change.")
    return tuple(changes)


def make_patch_envelope(changes: Sequence[Change]) -> str:
    """Return the patch that says what to do; hunks lose their line numbers."""
    pieces = [f"{BEGIN}\n"]
    for change in changes:
        if isinstance(change, Delete):
            pieces.append(f"{DELETE}{change.path}\n")
        elif isinstance(change, Create | Rewrite):
            added = change.content.removesuffix("\n").split("\n")
            pieces.append(f"{ADD}{change.path}\n" + "".join(f"+{line}\n" for line in added))
        else:
            pieces.append(f"{UPDATE}{change.path}\n")
            pieces.append(f"{MOVE}{change.move_to}\n" if change.move_to else "")
            pieces += (_hunk_text(hunk) for hunk in change.hunks)
    return "".join((*pieces, f"{END}\n"))


def _hunk_text(hunk: Hunk) -> str:
    anchors = "".join(f"@@ {anchor}\n" for anchor in hunk.anchors) or "@@\n"
    body = "".join(f"{line.tag}{line.text}\n" for line in hunk.lines)
    return anchors + body + (f"{END_OF_FILE}\n" if hunk.at_end else "")


def _read_section(lines: PatchLines) -> Change:
    line = f"{lines.line.rstrip()} "
    begin = next((one for one in (ADD, UPDATE, DELETE) if line.startswith(one)), None)
    if begin is None:
        refuse_line(lines, f"should begin with `{ADD}`, `{UPDATE}` or `{DELETE}`")
    path = line.removeprefix(begin).strip()
    if not path:
        refuse_line(lines, "names no file")
    lines.advance()
    if begin == DELETE:
        return Delete(path)
    return _read_added(lines, path) if begin == ADD else _read_update(lines, path)


def _read_added(lines: PatchLines, path: str) -> Change:
    added: list[str] = []
    while not lines.at_end and not lines.line.startswith("*** "):
        if not lines.line.startswith(ADDED):
            if not lines.line.strip():
                lines.advance()
                continue
            refuse_line(lines, "should begin with `+`: all lines of a new file do")
        added.append(lines.line[1:])
        lines.advance()
    return Create(path, "".join(f"{line}\n" for line in added))


def _read_update(lines: PatchLines, path: str) -> Change:
    move_to = ""
    if lines.line.startswith(MOVE):
        move_to = lines.line.removeprefix(MOVE).strip()
        lines.advance()
    hunks: list[Hunk] = []
    while not lines.at_end and not _begins_section(lines.line):
        if hunk := _read_hunk(lines, len(hunks) + 1):
            hunks.append(hunk)
    if not hunks and not move_to:
        refuse_line(lines, f"ends the update of {path!r}, which has no line to change")
    return Update(path, tuple(hunks), move_to)


def _begins_section(line: str) -> bool:
    return line.startswith((ADD, UPDATE, DELETE)) or line.strip() == END


def _read_hunk(lines: PatchLines, count: int) -> Hunk | None:
    number = lines.number
    anchors: list[str] = []
    while not lines.at_end and lines.line.startswith("@@"):
        anchor = lines.line[2:].strip().removesuffix("@@").strip()
        if anchor and not anchor.startswith("-"):
            anchors.append(anchor)
        lines.advance()
    read: list[HunkLine] = []
    blank, at_end = 0, False
    while not lines.at_end and not lines.line.startswith("@@") and not _begins_section(lines.line):
        line = lines.line
        if line.rstrip() == END_OF_FILE:
            at_end = True
            lines.advance()
            break
        if line and line[0] not in {KEPT, REMOVED, ADDED}:
            refuse_line(lines, "begins with neither ` `, `-` nor `+`")
        blank = 0 if line else blank + 1
        read.append(HunkLine(line[:1] or KEPT, line[1:]))
        lines.advance()
    kept = tuple(read[: len(read) - blank])
    if not kept:
        if anchors:
            refuse_line(lines, "ends a hunk without lines")
        return None
    name = f"Hunk {count} (line {number} of the patch)"
    return Hunk(name, kept, anchors=tuple(anchors), at_end=at_end, ordered=True)
