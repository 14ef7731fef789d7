"""Test results out of a JUnit XML file, under ids that stay the same from tree to tree.

Source: pytest writes the attributes `classname`, `name` and, in its `xunit1` form, `file`; a test
that fails in its call and again in its teardown is written twice (pytest 9, 2026-11-20). Node 20 gives
every test the class `test` and no file; what is around it are suites within suites.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

from mergewright.domain.checks import TestOutcome, TestResult

MAX_REPORT_BYTES = 50_000_000
MAX_MESSAGE_LINES = 20
MAX_MESSAGE_CHARACTERS = 4_000
_NODE_CLASS = "test"
_OUTCOMES = {
    "failure": TestOutcome.FAILED,
    "error": TestOutcome.ERROR,
    "skipped": TestOutcome.SKIPPED,
}


def read_report(file: Path) -> str | None:
    """Return a report that a shut-in command wrote; None when it is no plain file of sane size."""
    # The command may have put anything there: a link would be followed outside its sandbox.
    if file.is_symlink() or not file.is_file() or file.stat().st_size > MAX_REPORT_BYTES:
        return None
    return file.read_text(encoding="utf-8", errors="replace")


def parse_junit(text: str, root: Path, tidy: Callable[[str], str]) -> tuple[TestResult, ...] | None:
    """Return the tests of a report, each id once; None when it is not JUnit XML.

    Args:
        text: The report, written by the code under test: untrusted.
        root: Folder that the tests ran in.
        tidy: What is done to each id and message.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    try:
        document = ET.fromstring(text)  # noqa: S314 - no DTD, so no entities to expand
    except ET.ParseError:
        return None
    results: dict[str, TestResult] = {}
    for case, suites in _cases(document):
        result = _result(case, suites, root, tidy)
        known = results.get(result.id)
        if known is None or (result.is_red and not known.is_red):
            results[result.id] = result
    return tuple(results.values())


def trim_message(text: str) -> str:
    """Keep the end of a message: that is where the assertion is."""
    lines = text.strip("\n").splitlines()
    if len(lines) > MAX_MESSAGE_LINES:
        lines = ["...", *lines[1 - MAX_MESSAGE_LINES :]]
    return "\n".join(lines)[-MAX_MESSAGE_CHARACTERS:]


def _cases(document: ET.Element) -> Iterator[tuple[ET.Element, tuple[str, ...]]]:
    """Yield the test cases in order, each with the names of the suites around it."""
    waiting: list[tuple[ET.Element, tuple[str, ...]]] = [(document, ())]
    while waiting:
        element, suites = waiting.pop()
        if element.tag == "testcase":
            yield element, suites
            continue
        if element.tag == "testsuite":
            suites = (*suites, element.get("name", ""))
        waiting += [(child, suites) for child in reversed(element)]


def _result(
    case: ET.Element, suites: tuple[str, ...], root: Path, tidy: Callable[[str], str]
) -> TestResult:
    outcome, message = TestOutcome.PASSED, ""
    for child in case:
        if child.tag in _OUTCOMES:
            outcome = _OUTCOMES[child.tag]
            red = outcome is not TestOutcome.SKIPPED
            message = _message(child, tidy) if red else tidy(child.get("message", ""))
            break
    if case.get("classname") == _NODE_CLASS and not case.get("file"):
        name = _joined("", suites, case.get("name", "")).removeprefix("::")
    else:
        name = _identity(case, root)
    return TestResult(id=tidy(name), outcome=outcome, message=message)


def _message(child: ET.Element, tidy: Callable[[str], str]) -> str:
    full = tidy(child.text or "").strip("\n")
    short = tidy(child.get("message", "")).strip()
    trimmed = trim_message(full)
    headline = short.partition("\n")[0]
    return trimmed if headline in trimmed else f"{headline}\n{trimmed}".strip("\n")


def _identity(case: ET.Element, root: Path) -> str:
    name = case.get("name", "")
    dotted = case.get("classname", "")
    file = case.get("file", "").replace("\\", "/")
    if not dotted:
        return _path_of(name.split("."), root) or file or name
    module = file.removesuffix(".py").replace("/", ".")
    if file and (dotted == module or dotted.startswith(f"{module}.")):
        return _joined(file, dotted[len(module) + 1 :].split("."), name)
    # An inherited test names the file of its base class, so the class says where it runs.
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        if path := _path_of(parts[:length], root):
            return _joined(path, parts[length:], name)
    return _joined(file, (dotted,), name) if file else _joined(dotted, (), name)


def _path_of(parts: Iterable[str], root: Path) -> str:
    path = "/".join(parts) + ".py"
    return path if (root / path).is_file() else ""


def _joined(place: str, classes: Iterable[str], name: str) -> str:
    return "::".join([place, *(part for part in classes if part), name])
