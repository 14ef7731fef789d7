"""Which tests a change concerns most.

Those it touches, those that reach it by imports, those that changed together with it before, and those
that name it.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import PurePosixPath

from mergewright.analysis.file_roles import is_test_module

MAX_FILES = 40
MAX_DISTANCE = 3
MIN_TOGETHER = 2
"""Commits that a test and a changed file have to share: once is chance."""
_SAYS_NOTHING = frozenset({"__init__", "index", "mod", "main", "lib", "__main__"})
_FAR = MAX_DISTANCE + 1


def affected_tests(
    changed: Collection[str],
    files: Iterable[str],
    read: Callable[[str], bytes],
    *,
    imports: Mapping[str, Collection[str]] = {},
    together: Mapping[str, int] = {},
) -> tuple[str, ...]:
    """Return the test files to run first, those that the change concerns most before the others.

    Args:
        changed: Paths that the change touches.
        files: All paths of the changed tree.
        read: Returns what a file of the tree holds.
        imports: Which files each file imports, as far as that is known.
        together: In how many commits of the past each file changed together with what is changed now.
    """
    modules = sorted(path for path in files if is_test_module(path))
    distances = _distances(changed, imports)
    is_named = _naming(changed, read)

    def rank(path: str) -> tuple[bool, int, int]:
        return path not in changed, distances.get(path, _FAR), -together.get(path, 0)

    chosen = [
        path
        for path in modules
        if path in changed
        or path in distances
        or together.get(path, 0) >= MIN_TOGETHER
        or is_named(path)
    ]
    return tuple(sorted(chosen, key=lambda path: (rank(path), path))[:MAX_FILES])


def _distances(
    changed: Collection[str], imports: Mapping[str, Collection[str]]
) -> Mapping[str, int]:
    """Return over how many imports each file reaches what is changed."""
    importers: dict[str, list[str]] = {}
    for path, imported in imports.items():
        for each in imported:
            importers.setdefault(each, []).append(path)
    distances = dict.fromkeys(changed, 0)
    edge = list(changed)
    for distance in range(1, MAX_DISTANCE + 1):
        edge = [path for each in edge for path in importers.get(each, ()) if path not in distances]
        distances |= dict.fromkeys(edge, distance)
    return distances


def _naming(changed: Collection[str], read: Callable[[str], bytes]) -> Callable[[str], bool]:
    """Return what tells whether a test module names, in path or text, what is changed."""
    words = _words(changed)
    if not words:
        return lambda _: False
    named = re.compile(rb"(?<![A-Za-z0-9])(?:" + b"|".join(words) + rb")(?![A-Za-z0-9])")
    return lambda path: bool(named.search(path.encode()) or named.search(read(path)))


def _words(changed: Collection[str]) -> list[bytes]:
    """Return the names by which tests may call what is changed."""
    names = set()
    for path in changed:
        file = PurePosixPath(path)
        name = file.parent.name if file.stem in _SAYS_NOTHING else file.stem
        if name and not is_test_module(path):
            names.add(re.escape(name).encode())
    return sorted(names)
