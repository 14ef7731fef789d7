"""Edits of several files, whatever form they were sent in: all of them apply or none does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mergewright.errors import EditConflict
from mergewright.patching.edits import apply_hunks
from mergewright.patching.elisions import left_out
from mergewright.patching.hunks import Hunk, compare, split_lines
from mergewright.patching.line_ends import PlainText, Splice, with_line_feeds

MAX_REWRITTEN_LINES = 400
"""Models drop lines of files longer than this when they write them whole."""


@dataclass(frozen=True, slots=True)
class Update:
    """Change parts of a file, and its name if another is given."""

    path: str
    hunks: tuple[Hunk, ...]
    move_to: str = ""


@dataclass(frozen=True, slots=True)
class Create:
    """Write a file that is not there."""

    path: str
    content: str


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Write a file that is there anew."""

    path: str
    content: str


@dataclass(frozen=True, slots=True)
class Delete:
    """Remove a file."""

    path: str


Change = Update | Create | Rewrite | Delete


def paths_of(changes: Sequence[Change]) -> tuple[str, ...]:
    """Return the files that are read or written, in their order."""
    paths: list[str] = []
    for change in changes:
        paths.append(change.path)
        if isinstance(change, Update) and change.move_to:
            paths.append(change.move_to)
    return tuple(dict.fromkeys(paths))


def apply_changes(changes: Sequence[Change], files: Mapping[str, str]) -> dict[str, str | None]:
    """Return the new text of each file that changes; None for one that goes.

    Args:
        changes: What to do, in this order.
        files: The texts of the files that exist.

    Raises:
        EditConflict: One of the changes does not fit. Nothing is to be written then.
    """
    state: dict[str, str | None] = dict(files)
    for change in changes:
        _apply(change, state)
    changed = {path: text for path, text in state.items() if text != files.get(path)}
    if not changed:
        raise EditConflict(
            "The edit leaves all files as they are.",
            hint="Compare the files with the intended result; the change may be there already.",
        )
    return changed


def rewrite(path: str, text: str, content: str) -> str:
    """Return the content with the line ends, byte order mark and final newline of the text.

    Raises:
        EditConflict: The content leaves lines out, or the file is too long to be sent whole.
    """
    plain = PlainText.of(text)
    lines, wanted = plain.lines, split_lines(with_line_feeds(content))
    if len(lines) > MAX_REWRITTEN_LINES:
        raise EditConflict(
            f"{path!r} has {len(lines)} lines; files of more than {MAX_REWRITTEN_LINES} are not "
            "written whole.",
            hint="Send only the parts that change.",
        )
    if line := left_out(wanted, lines):
        raise EditConflict(
            f"The new text of {path!r} leaves lines out: {line.strip()!r}.",
            hint="Send every line that is to be there, or only the parts that change.",
        )
    splices = []
    for start, end, new_start, new_end in compare(lines, wanted):
        added = "".join(f"{line}\n" for line in wanted[new_start:new_end])
        splices.append(Splice(plain.starts[start], plain.starts[end], added))
    return plain.spliced(splices)


def _apply(change: Change, state: dict[str, str | None]) -> None:
    text = state.get(change.path)
    if isinstance(change, Create):
        if text is not None:
            raise EditConflict(
                f"{change.path!r} is to be added and exists already.",
                hint="Change it with an update, or delete it first.",
            )
        state[change.path] = change.content
        return
    if text is None:
        raise EditConflict(
            f"{change.path!r} is to be changed and does not exist.",
            hint="Look the path up, or add the file.",
        )
    if isinstance(change, Delete):
        state[change.path] = None
    elif isinstance(change, Rewrite):
        state[change.path] = rewrite(change.path, text, change.content)
    else:
        _update(change, text, state)


def _update(change: Update, text: str, state: dict[str, str | None]) -> None:
    changed = apply_hunks(change.path, text, change.hunks) if change.hunks else text
    if not change.move_to or change.move_to == change.path:
        state[change.path] = changed
        return
    if state.get(change.move_to) is not None:
        raise EditConflict(
            f"{change.path!r} is to become {change.move_to!r}, which exists already.",
            hint="Choose another name, or delete that file first.",
        )
    state[change.path], state[change.move_to] = None, changed
