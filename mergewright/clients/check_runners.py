"""The test runners that can be made to name each test: what they are told, and how that is read.

A runner is recognised by the words of a command, or by the script that `npm test` and the like stand
for. What none of these is may still leave JUnit XML where such reports usually are; without it, the
exit code is one test.

Source: the runners' own documentation of the options named here, and what they wrote when each was
run on 2026-11-20 (Jest 29, Vitest 2, Mocha 10, Node 20, Go 1.19, cargo 1.95, Surefire 3.2).
"""

import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PurePosixPath

from mergewright.clients.junit import parse_junit, read_report
from mergewright.clients.junit_files import Standing, read_junit_files
from mergewright.clients.runner_reports import (
    Tidy,
    read_cargo,
    read_go,
    read_scripts,
    read_unittest,
)
from mergewright.clients.sandbox import CommandResult
from mergewright.clients.unittest_report import PROGRAM
from mergewright.domain.checks import TestResult

MAX_PRINTED_BYTES = 30_000_000
"""For runners that print what others write to a file."""
_PACKAGE_RUNNERS = {"npm": ("--",), "pnpm": (), "yarn": (), "bun": ()}
_SCRIPT_PREFIXES = frozenset({"npx", "cross-env", "dotenv", "--", "c8", "nyc"})


@dataclass(frozen=True, slots=True)
class Ran:
    """A runner's command that came to its end, and where what it left behind is."""

    result: CommandResult
    tree: Path
    report: Path
    """The file that it was told to write."""
    tidy: Tidy
    standing: Standing = field(default_factory=dict)
    """Reports that were in the tree before."""


@dataclass(frozen=True, slots=True)
class Runner:
    """A test runner, and what makes it name each test."""

    name: str
    options: Callable[[Path], Sequence[str]]
    """What it is told besides, given the file for its report."""
    read: Callable[[Ran], tuple[TestResult, ...] | None]
    """Returns the tests; None where there is no report."""
    select: Callable[[Sequence[str], Sequence[str], Path], Sequence[str]] | None = None
    """Turns its own words into those for the tests of some files, given the tree; None: it cannot."""
    variables: Mapping[str, str] = field(default_factory=dict)
    no_tests_code: int | None = None
    """Exit code that says that there was nothing to run."""
    red_codes: frozenset[int] | None = None
    """Exit codes of a run that came to its end; None where any may."""
    prints: bool = False
    """Whether its report is what it prints."""


@dataclass(frozen=True, slots=True)
class Call:
    """A command that calls a runner."""

    runner: Runner
    head: tuple[str, ...]
    """Its words up to where options go."""
    tail: tuple[str, ...]
    """The others."""
    left_out: int = 0
    """How many words at the end of the head the options stand for."""

    def reporting(self, report: Path) -> list[str]:
        """Return the command that writes a report."""
        head = self.head[: len(self.head) - self.left_out]
        return [*head, *self.runner.options(report), *self.tail]

    def selecting(self, paths: Sequence[str], tree: Path) -> list[str] | None:
        """Return the command for the tests of some files; None where it cannot be told which."""
        if self.runner.select is None:
            return None
        return [*self.head, *self.runner.select(self.tail, paths, tree)]


def find_call(argv: Sequence[str], tree: Path) -> Call | None:
    """Return how a command calls a runner; None where it calls none that is known.

    Args:
        argv: The command.
        tree: The repository's files, for scripts that the command stands for.
    """
    words = tuple(argv)
    names = [PurePath(word).name.removesuffix(".exe") for word in words]
    if names[0] in _PACKAGE_RUNNERS:
        return _find_script(words, tree)
    if names[0].startswith("python") and words[1:3] == ("-m", "unittest"):
        return Call(_RUNNERS["unittest"], words[:3], words[3:], left_out=2)
    for at, name in enumerate(names):
        if name in _BY_PROGRAM:
            return Call(_BY_PROGRAM[name], words[: at + 1], words[at + 1 :])
        for runner, (program, word) in _BY_WORD.items():
            if name == word and (at == 0 or program in names[:at]):
                return Call(_RUNNERS[runner], words[: at + 1], words[at + 1 :])
    return None


def _find_script(words: tuple[str, ...], tree: Path) -> Call | None:
    """Look for the runner that a script of `package.json` calls last: options go to its end."""
    rest = words[1:]
    if rest[:1] in {("run",), ("run-script",)}:
        rest = rest[1:]
    script = _script(tree, "test" if rest[:1] == ("t",) else rest[0]) if rest else ""
    last = re.split(r"&&|\|\||[;|]", script)[-1]
    try:
        called = shlex.split(last)
    except ValueError:
        return None
    while called and (called[0] in _SCRIPT_PREFIXES or re.match(r"\w+=", called[0])):
        called.pop(0)
    found = find_call(called, tree) if called and called[0] not in _PACKAGE_RUNNERS else None
    if found is None or found.runner.name not in _SCRIPT_RUNNERS:
        return None
    head = words[: len(words) - len(rest) + 1]
    tail = tuple(word for word in rest[1:] if word != "--")
    return Call(found.runner, (*head, *_PACKAGE_RUNNERS[words[0]]), tail)


def _script(tree: Path, name: str) -> str:
    text = read_report(tree / "package.json") or "{}"
    try:
        script = json.loads(text)["scripts"][name]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return script if isinstance(script, str) else ""


def _read_junit(ran: Ran) -> tuple[TestResult, ...] | None:
    text = read_report(ran.report)
    return None if text is None else parse_junit(text, ran.tree, ran.tidy)


def _read_scripts(ran: Ran) -> tuple[TestResult, ...] | None:
    text = read_report(ran.report)
    return None if text is None else read_scripts(text, ran.tidy)


def _read_unittest(ran: Ran) -> tuple[TestResult, ...] | None:
    text = read_report(ran.report)
    return None if text is None else read_unittest(text, ran.tidy)


def _read_go(ran: Ran) -> tuple[TestResult, ...] | None:
    return None if ran.result.omitted_bytes else read_go(ran.result.output, ran.tree, ran.tidy)


def _read_cargo(ran: Ran) -> tuple[TestResult, ...] | None:
    return None if ran.result.omitted_bytes else read_cargo(ran.result.output, ran.tree, ran.tidy)


def _read_left(ran: Ran) -> tuple[TestResult, ...] | None:
    return read_junit_files(ran.tree, ran.tidy, ran.standing)


def _by_path(words: Sequence[str], paths: Sequence[str], tree: Path) -> list[str]:
    """Put the paths in the place of those that the command names itself."""
    return [*(word for word in words if not (tree / word).exists()), *paths]


def _by_exact_path(words: Sequence[str], paths: Sequence[str], tree: Path) -> list[str]:
    return ["--runTestsByPath", *_by_path(words, paths, tree)]


def _by_module(words: Sequence[str], paths: Sequence[str], _tree: Path) -> list[str]:
    """Let discovery go on as it does, and keep what lies in the modules."""
    stems = [PurePosixPath(path).stem for path in paths]
    return [*words, *(word for stem in stems for word in ("-k", f"*{stem}.*"))]


def _by_package(words: Sequence[str], paths: Sequence[str], _tree: Path) -> list[str]:
    folders = sorted({PurePosixPath(path).parent.as_posix() for path in paths})
    kept = [word for word in words if not word.startswith(".")]
    return [*kept, *(f"./{folder}".removesuffix("/.") for folder in folders)]


def _by_class(words: Sequence[str], paths: Sequence[str], _tree: Path) -> list[str]:
    names = ",".join(PurePosixPath(path).stem for path in paths)
    forgiving = ("-DfailIfNoTests=false", "-Dsurefire.failIfNoSpecifiedTests=false")
    return [f"-Dtest={names}", *forgiving, *words]


def _pytest_options(report: Path) -> list[str]:
    return ["-p", "no:cacheprovider", "-o", "junit_family=xunit1", f"--junitxml={report}"]


def _unittest_options(report: Path) -> list[str]:
    return ["-c", PROGRAM, str(report)]


def _jest_options(report: Path) -> list[str]:
    return ["--ci", "--json", f"--outputFile={report}"]


def _vitest_options(report: Path) -> list[str]:
    return ["--run", "--reporter=json", f"--outputFile={report}"]


def _mocha_options(report: Path) -> list[str]:
    return ["--reporter=xunit", f"--reporter-option=output={report}"]


def _node_options(report: Path) -> list[str]:
    return ["--test-reporter=junit", f"--test-reporter-destination={report}"]


_CI = {"CI": "true"}
_RUNNERS: Mapping[str, Runner] = {
    runner.name: runner
    for runner in (
        Runner(
            "pytest",
            _pytest_options,
            _read_junit,
            _by_path,
            no_tests_code=5,
            red_codes=frozenset({0, 1, 2}),
        ),
        Runner("unittest", _unittest_options, _read_unittest, _by_module, no_tests_code=5),
        Runner("jest", _jest_options, _read_scripts, _by_exact_path, _CI),
        Runner("vitest", _vitest_options, _read_scripts, _by_path, _CI),
        Runner("mocha", _mocha_options, _read_junit, _by_path, _CI),
        Runner("node", _node_options, _read_junit, _by_path, _CI),
        Runner("go", lambda _: ("-json",), _read_go, _by_package, prints=True),
        Runner("cargo", lambda _: ("--no-fail-fast",), _read_cargo, prints=True),
        Runner("maven", lambda _: ("--fail-at-end",), _read_left, _by_class),
        Runner("gradle", lambda _: ("--continue",), _read_left),
    )
}
_BY_PROGRAM: Mapping[str, Runner] = {
    "pytest": _RUNNERS["pytest"],
    "py.test": _RUNNERS["pytest"],
    "jest": _RUNNERS["jest"],
    "vitest": _RUNNERS["vitest"],
    "mocha": _RUNNERS["mocha"],
    "mvn": _RUNNERS["maven"],
    "mvnw": _RUNNERS["maven"],
    "gradle": _RUNNERS["gradle"],
    "gradlew": _RUNNERS["gradle"],
}
_BY_WORD: Mapping[str, tuple[str, str]] = {
    "node": ("node", "--test"),
    "go": ("go", "test"),
    "cargo": ("cargo", "test"),
}
"""Runners that a program is with a word: the program before it, and the word."""
_SCRIPT_RUNNERS = frozenset({"jest", "vitest", "mocha", "node"})
OTHER = Runner("other", lambda _: (), lambda ran: _read_junit(ran) or _read_left(ran))
"""Any command: it may leave JUnit XML, and a pytest below it is told to by its variable."""


def is_compiled(argv: Sequence[str]) -> bool:
    """Say whether a command builds all tests before it runs any."""
    names = {PurePath(word).name for word in argv}
    return bool(names & {"cargo", "gradle", "gradlew", "mvn", "mvnw"})


def other_variables(report: Path) -> dict[str, str]:
    """Return what makes a pytest that some other program starts write a report."""
    return {"PYTEST_ADDOPTS": shlex.join(_pytest_options(report))}
