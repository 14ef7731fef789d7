"""What test runners other than those that write JUnit XML say of each test, under stable ids.

An id is `path::names`: the file that holds the test, as far as that is known, and the names around it.
All of it was written by the code under test: it is data, and may be nonsense.

Source: Jest's `--json` and Vitest's `json` reporter (`testResults`, `assertionResults`), `go help test`
and `go doc test2json`, and what cargo 1.95 prints for libtest; each seen here on 2026-11-20.
"""

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from mergewright.clients.junit import trim_message
from mergewright.domain.checks import TestOutcome, TestResult

Tidy = Callable[[str], str]

_SCRIPT_OUTCOMES: Mapping[str, TestOutcome] = {
    "passed": TestOutcome.PASSED,
    "failed": TestOutcome.FAILED,
    "pending": TestOutcome.SKIPPED,
    "skipped": TestOutcome.SKIPPED,
    "todo": TestOutcome.SKIPPED,
    "disabled": TestOutcome.SKIPPED,
}
_GO_OUTCOMES: Mapping[str, TestOutcome] = {
    "pass": TestOutcome.PASSED,
    "fail": TestOutcome.FAILED,
    "skip": TestOutcome.SKIPPED,
}
_GO_NOISE = re.compile(r"^(?:=== |\s*--- (?:PASS|FAIL|SKIP):|FAIL\b|PASS$|ok\s|\?\s|exit status)")
_GO_TEST = re.compile(r"^func (\w+)\(", re.MULTILINE)
_GO_UNBUILT = re.compile(r"^FAIL\t(\S+) \[\w+ failed\]$", re.MULTILINE)
_CARGO_TARGET = re.compile(
    r"^\s+(?:Running (?:unittests )?(?P<path>\S+) \(\S*?(?P<name>\w+)-[0-9a-f]{16}\)"
    r"|Doc-tests (?P<crate>\S+))$"
)
_CARGO_TEST = re.compile(
    r"^test (?P<name>.+?)(?: - should panic)? \.\.\. .*?\b(?P<outcome>ok|FAILED|ignored)\b"
)
_CARGO_OUTPUT = re.compile(r"^---- (?P<name>.+?) stdout ----$")
_CARGO_OUTCOMES: Mapping[str, TestOutcome] = {
    "ok": TestOutcome.PASSED,
    "FAILED": TestOutcome.FAILED,
    "ignored": TestOutcome.SKIPPED,
}


def read_scripts(text: str, tidy: Tidy) -> tuple[TestResult, ...] | None:
    """Return the tests of a report of Jest or Vitest; None when it is none.

    A file that cannot be loaded is red under its path.
    """
    try:
        files = json.loads(text)["testResults"]
        return _each_once(test for file in files for test in _script_tests(file, tidy))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _script_tests(file: Mapping[str, object], tidy: Tidy) -> Iterator[TestResult]:
    path = tidy(str(file["name"]))
    tests = file["assertionResults"]
    if not isinstance(tests, list):
        raise TypeError(f"the tests of {path!r} are no list")
    if not tests and file["status"] == "failed":
        message = trim_message(tidy(str(file.get("message", ""))))
        yield TestResult(id=path, outcome=TestOutcome.ERROR, message=message)
    for test in tests:
        yield TestResult(
            id="::".join([path, *test["ancestorTitles"], test["title"]]),
            outcome=_SCRIPT_OUTCOMES.get(test["status"], TestOutcome.ERROR),
            message=_head(tidy("\n".join(test.get("failureMessages") or ()))),
        )


def read_unittest(text: str, tidy: Tidy) -> tuple[TestResult, ...] | None:
    """Return the tests of a report of `unittest_report.PROGRAM`; None when it is none."""
    try:
        return _each_once(
            TestResult(
                id=tidy(str(name)),
                outcome=TestOutcome(outcome),
                message=trim_message(tidy(str(message))),
            )
            for name, outcome, message in json.loads(text)
        )
    except (ValueError, TypeError, RecursionError):
        return None


def _head(text: str) -> str:
    """Keep the beginning of a message: where a stack follows, what was expected comes first."""
    most_lines = 12
    return trim_message("\n".join(text.strip().splitlines()[:most_lines]))


def read_go(text: str, root: Path, tidy: Tidy) -> tuple[TestResult, ...] | None:
    """Return the tests of the events of `go test -json`; None when there are none.

    A package that cannot be built is red under its folder.
    """
    outcomes: dict[tuple[str, str], TestOutcome] = {}
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    for line in text.splitlines():
        event = _go_event(line)
        key = (str(event.get("Package", "")), str(event.get("Test", "")))
        said[key].append(str(event.get("Output", "")))
        if (outcome := _GO_OUTCOMES.get(str(event["Action"]))) is not None:
            outcomes[key] = outcome
    other = said["", ""]
    unbuilt = set(_GO_UNBUILT.findall("\n".join(other)))
    blamed = {package for (package, test), found in outcomes.items() if test and found == "failed"}
    places = _GoPlaces(root)
    results = []
    for (package, test), outcome in outcomes.items():
        if test:
            message = _go_message(said[package, test], tidy) if outcome == "failed" else ""
            name = f"{places.file(package, test)}::{test}"
            results.append(TestResult(id=name, outcome=outcome, message=message))
        elif outcome == TestOutcome.FAILED and package not in blamed:
            unbuilt.add(package)
    for package in sorted(unbuilt):
        message = _go_message([*said[package, ""], *other], tidy)
        name = places.folder(package)
        results.append(TestResult(id=name, outcome=TestOutcome.ERROR, message=message))
    return _each_once(results) if results or outcomes else None


def _go_event(line: str) -> Mapping[str, object]:
    """Return an event; what is none, such as a compiler's words, as output of no package."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        event = None
    if not isinstance(event, dict) or "Action" not in event:
        return {"Action": "output", "Output": line}
    if event["Action"] == "build-output":
        return {"Action": "output", "Output": event.get("Output", "")}
    return event


class _GoPlaces:
    """Finds the files that define tests.

    Args:
        root: Folder of the module.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        text = _own_text(root / "go.mod", root)
        found = re.search(r"^module[ \t]+(\S+)", text, re.MULTILINE)
        self._module = found[1] if found else ""
        self._defined: dict[str, dict[str, str]] = {}

    def folder(self, package: str) -> str:
        """Return the folder of a package."""
        path = package.removeprefix(self._module) if self._module else package
        return path.strip("/") or "."

    def file(self, package: str, test: str) -> str:
        """Return the file that defines a test, or the folder of its package."""
        folder = self.folder(package)
        if folder not in self._defined:
            self._defined[folder] = dict(self._definitions(folder))
        return self._defined[folder].get(test.partition("/")[0], folder)

    def _definitions(self, folder: str) -> Iterator[tuple[str, str]]:
        for file in sorted((self._root / folder).glob("*_test.go")):
            path = file.relative_to(self._root).as_posix()
            for name in _GO_TEST.findall(_own_text(file, self._root)):
                yield name, path


def _own_text(file: Path, root: Path) -> str:
    """Return what a file of the tree holds; the code under test may have put a link there."""
    if file.resolve() != file or not file.is_relative_to(root) or not file.is_file():
        return ""
    return file.read_text("utf-8", "replace")


def _go_message(lines: Sequence[str], tidy: Tidy) -> str:
    kept = [line.rstrip("\n") for line in lines if not _GO_NOISE.match(line)]
    return trim_message(tidy("\n".join(kept)))


def read_cargo(text: str, root: Path, tidy: Tidy) -> tuple[TestResult, ...] | None:
    """Return the tests that `cargo test` printed; None when it came to none."""
    places: dict[str, str] = {}
    place, name = "", ""
    outcomes: dict[str, TestOutcome] = {}
    said: dict[str, list[str]] = defaultdict(list)
    for line in text.splitlines():
        if target := _CARGO_TARGET.match(line):
            place, name = _cargo_place(target, places, root), ""
        elif shown := _CARGO_OUTPUT.match(line):
            name = f"{place}::{shown['name']}"
        elif test := _CARGO_TEST.match(line):
            outcomes[f"{place}::{test['name']}"] = _CARGO_OUTCOMES[test["outcome"]]
        elif line == "failures:":
            name = ""
        elif name:
            said[name].append(line)
    results = [
        TestResult(
            id=test,
            outcome=outcome,
            message=trim_message(tidy("\n".join(said[test]).strip()))
            if outcome == TestOutcome.FAILED
            else "",
        )
        for test, outcome in outcomes.items()
    ]
    return _each_once(results) if results or places else None


def _cargo_place(target: re.Match[str], places: dict[str, str], root: Path) -> str:
    """Return the file of a test program; with its crate's name where several crates have one."""
    if target["crate"]:
        return f"doc {target['crate']}"
    path, name = target["path"], target["name"]
    is_shared = places.setdefault(path, name) != name or not (root / path).is_file()
    return f"{name}/{path}" if is_shared else path


def _each_once(tests: Iterator[TestResult] | Sequence[TestResult]) -> tuple[TestResult, ...]:
    """Return the tests with each id once: red where it was red at any time."""
    found: dict[str, TestResult] = {}
    for test in tests:
        known = found.get(test.id)
        if known is None or (test.is_red and not known.is_red):
            found[test.id] = test
    return tuple(found.values())
