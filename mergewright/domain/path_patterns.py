"""Patterns of paths, compared folder by folder."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Final

ANY_FOLDERS: Final = "**"


def fits(path: str, parts: Sequence[str]) -> bool:
    """Return whether a pattern stands for a path.

    Folder by folder: a hostile pattern costs no more than its length times the path's.

    Args:
        path: The path, with `/` between its names.
        parts: The pattern, name by name; `**` stands for any folders, also for none.
    """
    positions = set(_skipping(parts, 0))
    for name in path.split("/"):
        following: set[int] = set()
        for position in positions - {len(parts)}:
            if parts[position] == ANY_FOLDERS:
                following.update(_skipping(parts, position))
            elif fnmatchcase(name, parts[position]):
                following.update(_skipping(parts, position + 1))
        positions = following
    return len(parts) in positions


def _skipping(parts: Sequence[str], position: int) -> Iterator[int]:
    """Yield a position and those that follow it over `**`, which may stand for nothing."""
    yield position
    while position < len(parts) and parts[position] == ANY_FOLDERS:
        position += 1
        yield position
