"""JUnit XML that a command leaves in the tree: what Surefire, Gradle, PHPUnit and many others write."""

import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from mergewright.clients.junit import parse_junit, read_report
from mergewright.domain.checks import TestResult

MAX_FILES = 5_000
_REPORT = re.compile(
    r"(?:^|/)(?:TEST-[^/]*|[^/]*junit[^/]*|test-results?/(?:[^/]+/)*[^/]+)\.xml$", re.IGNORECASE
)
_SOURCE = re.compile(r"\.(?:java|kt|groovy|scala)$")
_SKIPPED = frozenset((".git", "node_modules"))


Standing = Mapping[str, tuple[int, int]]
"""Reports that are there before a command runs: path, and instant of the last change and size."""


def standing_reports(tree: Path) -> Standing:
    """Return what looks like a report and was there before: a change may bring some that never ran."""
    return {path: _state(tree / path) for path in _files(tree, _REPORT)}


def read_junit_files(
    tree: Path, tidy: Callable[[str], str], standing: Mapping[str, tuple[int, int]] = {}
) -> tuple[TestResult, ...] | None:
    """Return the tests of all reports in a tree; None when there is no report.

    A test of a class is placed in the file that the class is named after.

    Args:
        tree: The files.
        tidy: What is done to each id and message.
        standing: Reports that were there before, which are not read unless they were written again.
    """
    results: dict[str, TestResult] = {}
    found = False
    written = [path for path in _files(tree, _REPORT) if _state(tree / path) != standing.get(path)]
    for path in written[:MAX_FILES]:
        tests = parse_junit(read_report(tree / path) or "", tree, tidy)
        found = found or tests is not None
        for test in tests or ():
            known = results.get(test.id)
            if known is None or (test.is_red and not known.is_red):
                results[test.id] = test
    if not found:
        return None
    places = _class_places(tree)
    placed = (test.model_copy(update={"id": _placed(test.id, places)}) for test in results.values())
    return tuple(placed)


def _files(tree: Path, wanted: re.Pattern[str]) -> Iterator[str]:
    """Yield the plain files whose path matches; links are not followed: they may lead outside."""
    for place, folders, names in os.walk(tree):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        for name in sorted(names):
            file = Path(place, name)
            path = file.relative_to(tree).as_posix()
            if wanted.search(path) and not file.is_symlink():
                yield path


def _state(file: Path) -> tuple[int, int]:
    found = file.lstat()
    return found.st_mtime_ns, found.st_size


def _class_places(tree: Path) -> Mapping[str, str]:
    """Return the files of classes by the end of their path, dotted as their names are."""
    places: dict[str, str] = {}
    for path in _files(tree, _SOURCE):
        parts = _SOURCE.sub("", path).split("/")
        for start in range(len(parts)):
            places.setdefault(".".join(parts[start:]), path)
    return places


def _placed(name: str, places: Mapping[str, str]) -> str:
    """Return an id with the file of its class in place of the class's name."""
    dotted, separator, test = name.partition("::")
    outer, _, inner = dotted.partition("$")
    path = places.get(outer) if separator and "." in outer else None
    return "::".join(part for part in (path, *inner.split("$"), test) if part) if path else name
