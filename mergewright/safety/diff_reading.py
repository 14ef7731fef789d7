"""A unified diff as files and lines, with the paths that git puts into quotes."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from unidiff import (  # type: ignore[import-untyped]  # ships no type information
    PatchedFile,
    PatchSet,
    UnidiffParseError,
)

from mergewright.domain.quoted_paths import without_quotes
from mergewright.errors import ChangeRefused

_NO_FILE = "/dev/null"
_LINK_MODE = re.compile(r"^(?:new file mode|new mode) (?:120000|160000)", re.MULTILINE)


class DiffLine(NamedTuple):
    """A line that the changed file has."""

    number: int
    text: str
    is_added: bool


@dataclass(frozen=True, slots=True)
class FileDiff:
    """What a diff says about one file."""

    path: str
    """Path after the change; before it, for a deleted file."""
    old_path: str
    """Path before the change; after it, for an added file."""
    is_deleted: bool
    is_binary: bool
    is_link: bool
    """Whether the change makes it a symbolic link or a submodule."""
    has_hunks: bool
    lines: tuple[DiffLine, ...]
    """Lines of the changed file that the diff shows."""

    @property
    def added_bytes(self) -> int:
        """Size of the added lines."""
        return sum(len(line.text.encode(errors="replace")) for line in self.lines if line.is_added)


def read_diff(diff: str) -> tuple[FileDiff, ...]:
    """Return the files of a unified diff, with or without git's own header lines.

    Raises:
        ChangeRefused: It cannot be read, so nothing can be said about it.
    """
    try:
        patches = PatchSet(diff)
    except (UnidiffParseError, UnboundLocalError) as error:
        # The library trips over its own variable when a file header has no first line.
        raise _unreadable(str(error)) from error
    if diff.strip() and not patches:
        raise _unreadable(f"it begins with {diff.strip()[:60]!r} and names no file")
    files = tuple(_file_diff(patch) for patch in patches)
    _refuse_overlooked_lines(diff, files)
    return files


def _unreadable(why: str) -> ChangeRefused:
    return ChangeRefused(f"The diff cannot be read: {why}.", hint="Record the change again.")


def _refuse_overlooked_lines(diff: str, files: tuple[FileDiff, ...]) -> None:
    """Refuse a diff with lines behind the end of a hunk, which the library passes over."""
    seen = sum(line.is_added for file in files for line in file.lines)
    headers = sum(file.has_hunks for file in files)
    there = sum(line.startswith("+") for line in diff.split("\n"))
    if seen + headers != there:
        raise _unreadable(
            f"{there - headers} lines look like added ones, and its hunks have {seen}"
        )


def _file_diff(patch: PatchedFile) -> FileDiff:
    source = _path(patch.source_file)
    target = _path(patch.target_file)
    lines = tuple(
        DiffLine(line.target_line_no, line.value, line.is_added)
        for hunk in patch
        for line in hunk
        if line.target_line_no is not None
    )
    header = str(patch.patch_info or "")
    return FileDiff(
        path=target or source,
        old_path=source or target,
        is_deleted=not target,
        is_binary=bool(patch.is_binary_file) or "GIT binary patch" in header,
        is_link=bool(_LINK_MODE.search(header)),
        has_hunks=len(patch) > 0,
        lines=lines,
    )


def _path(name: str) -> str:
    """Return a path without quotes and without git's `a/` or `b/`; empty for no file."""
    if name == _NO_FILE:
        return ""
    name = without_quotes(name)
    return name[2:] if name[:2] in {"a/", "b/"} else name
