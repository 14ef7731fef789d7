"""Which tests a change concerns most: those it touches, and those that name what it touches."""

import re
from collections.abc import Callable, Collection, Iterable
from pathlib import PurePosixPath

from mergewright.analysis.file_roles import is_test_module

MAX_FILES = 40
_SAYS_NOTHING = frozenset({"__init__", "index", "mod", "main", "lib", "__main__"})


def affected_tests(
    changed: Collection[str], files: Iterable[str], read: Callable[[str], bytes]
) -> tuple[str, ...]:
    """Return the test files to run first, those that the change touches before the others.

    Args:
        changed: Paths that the change touches.
        files: All paths of the changed tree.
        read: Returns what a file of the tree holds.
    """
    modules = sorted(path for path in files if is_test_module(path))
    touched = [path for path in modules if path in changed]
    words = _words(changed)
    if not words:
        return tuple(touched[:MAX_FILES])
    named = re.compile(rb"(?<![A-Za-z0-9])(?:" + b"|".join(words) + rb")(?![A-Za-z0-9])")
    others = [
        path
        for path in modules
        if path not in changed and (named.search(path.encode()) or named.search(read(path)))
    ]
    return tuple([*touched, *others][:MAX_FILES])


def _words(changed: Collection[str]) -> list[bytes]:
    """Return the names by which tests may call what is changed."""
    names = set()
    for path in changed:
        file = PurePosixPath(path)
        name = file.parent.name if file.stem in _SAYS_NOTHING else file.stem
        if name and not is_test_module(path):
            names.add(re.escape(name).encode())
    return sorted(names)
