"""One check command on one exported tree: how it is called and what its outcome means."""

import json
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from mergewright.clients.check_output import keep_end, placed_findings, tidier
from mergewright.clients.environments import Environment
from mergewright.clients.junit import parse_junit, read_report, trim_message
from mergewright.clients.sandbox import Bind, CommandResult, Sandbox
from mergewright.domain.checks import (
    CheckResult,
    CheckStatus,
    LintFinding,
    TestOutcome,
    TestResult,
)
from mergewright.domain.codebase import CheckCommand, CheckKind

_LAUNCHERS = {"hatch", "pdm", "pipenv", "poetry", "rye", "uv"}
_CANNOT_RUN = {126, 127}
_NO_TESTS = 5
_TESTS_RED = {0, 1, 2}
_STEADY = {
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "NO_COLOR": "1",
    "PY_COLORS": "0",
    "COLUMNS": "100",
    "RUFF_NO_CACHE": "true",
}


@dataclass(frozen=True, slots=True)
class CheckPlace:
    """Where the commands run: a tree's files, and a folder beside them for reports."""

    tree: Path
    reports: Path
    environment: Environment
    sandbox: Sandbox
    timeout_seconds: float

    @property
    def tidy(self) -> Callable[[str], str]:
        """What is done to every text that comes out of here."""
        return tidier(self.tree)

    def run(self, argv: Sequence[str]) -> CommandResult:
        """Run a command on the tree in the sandbox, without network.

        Raises:
            SandboxUnavailable: The sandbox could not be set up.
        """
        shown = [Bind(Path(path), writable=False) for path in self.environment.binds]
        own = Path(argv[0])
        if own.is_absolute() and own == _own_ruff():
            shown.append(Bind(own, writable=False))
        return self.sandbox.run(
            argv,
            folder=self.tree,
            binds=[*shown, Bind(self.reports, writable=True)],
            environment=self._variables(),
            timeout_seconds=self.timeout_seconds,
        )

    def _variables(self) -> Mapping[str, str]:
        roots = [folder for folder in (self.tree / "src", self.tree) if folder.is_dir()]
        path = ":".join(str(folder) for folder in roots)
        return {**_STEADY, **self.environment.variables, "PYTHONPATH": path}


def run_check(command: CheckCommand, place: CheckPlace) -> CheckResult:
    """Run one command and say what it found.

    Raises:
        SandboxUnavailable: The sandbox could not be set up.
    """
    argv = _called(command.argv, place.environment)
    if (at := _pytest_at(argv)) is not None and command.kind is CheckKind.TESTS:
        return _run_pytest(command, argv, at, place)
    if PurePath(argv[0]).name == "ruff" and argv[1:2] == ["check"]:
        return _run_ruff(command, argv, place)
    return _run_plain(command, argv, place)


def can_select(command: CheckCommand) -> bool:
    """Say whether a command can be told of which files it is to run the tests."""
    return command.kind is CheckKind.TESTS and _pytest_at(command.argv) is not None


def selecting(command: CheckCommand, paths: Sequence[str], tree: Path) -> CheckCommand:
    """Return the command with these files in place of the places that it names itself."""
    at = _pytest_at(command.argv) or 0
    options = [word for word in command.argv[at + 1 :] if not (tree / word).exists()]
    return command.model_copy(update={"argv": (*command.argv[: at + 1], *options, *paths)})


def _called(argv: Sequence[str], environment: Environment) -> list[str]:
    """Name the programs of the environment where the command names a launcher or an interpreter."""
    words = list(argv)
    match words:
        case [launcher, "run", program, *_] if launcher in _LAUNCHERS and program[:1] != "-":
            words = words[2:]
        case _:
            pass
    if words[0] in {"python", "python3"}:
        words[0] = str(environment.python)
    there = (environment.python.parent / "ruff").exists()
    if words[0] == "ruff" and not there and _own_ruff().exists():
        words[0] = str(_own_ruff())
    return words


def _own_ruff() -> Path:
    return Path(sysconfig.get_path("scripts")) / "ruff"


def _pytest_at(argv: Sequence[str]) -> int | None:
    names = [PurePath(word).name for word in argv]
    return next((at for at, name in enumerate(names) if name in {"pytest", "py.test"}), None)


def _result(
    command: CheckCommand, ran: CommandResult, status: CheckStatus, place: CheckPlace
) -> CheckResult:
    output = keep_end(place.tidy(ran.output))
    if ran.stopped:
        output = f"{output}\nStopped: {ran.stopped}.".strip()
    return CheckResult(
        kind=command.kind,
        status=status,
        argv=command.argv,
        exit_code=ran.exit_code,
        duration_seconds=round(ran.duration_seconds, 3),
        output=output,
    )


def _run_pytest(
    command: CheckCommand, argv: Sequence[str], at: int, place: CheckPlace
) -> CheckResult:
    file = place.reports / "junit.xml"
    file.unlink(missing_ok=True)
    options = ["-p", "no:cacheprovider", "-o", "junit_family=xunit1", f"--junitxml={file}"]
    ran = place.run([*argv[: at + 1], *options, *argv[at + 1 :]])
    report = read_report(file)
    tests = None if report is None else parse_junit(report, place.tree, place.tidy)
    status = _pytest_status(ran, tests)
    kept = tests or () if status in {CheckStatus.PASSED, CheckStatus.FAILED} else ()
    return _result(command, ran, status, place).model_copy(update={"tests": kept})


def _pytest_status(ran: CommandResult, tests: Sequence[TestResult] | None) -> CheckStatus:
    """Read pytest's exit code: 0 green, 1 red, 2 interrupted (also by collection), 5 no tests.

    Source: https://docs.pytest.org/en/stable/reference/exit-codes.html, read 2026-11-20.
    """
    if ran.exit_code == _NO_TESTS:
        return CheckStatus.SKIPPED
    if tests is None or ran.exit_code not in _TESTS_RED:
        return CheckStatus.BROKEN
    if ran.exit_code == 0:
        return CheckStatus.PASSED
    ended = ran.exit_code == 1 or any(test.is_red for test in tests)
    return CheckStatus.FAILED if ended else CheckStatus.BROKEN


def _run_ruff(command: CheckCommand, argv: Sequence[str], place: CheckPlace) -> CheckResult:
    file = place.reports / "ruff.json"
    file.unlink(missing_ok=True)
    words = [word for word in argv if word not in {"--fix", "--unsafe-fixes"}]
    ran = place.run([*words, "--output-format=json", f"--output-file={file}"])
    report = read_report(file)
    if report is None or ran.exit_code not in {0, 1}:
        return _result(command, ran, CheckStatus.BROKEN, place)
    findings = _ruff_findings(report, place)
    if findings is None:
        return _result(command, ran, CheckStatus.BROKEN, place)
    status = CheckStatus.FAILED if findings else CheckStatus.PASSED
    return _result(command, ran, status, place).model_copy(update={"findings": findings})


def _ruff_findings(report: str, place: CheckPlace) -> tuple[LintFinding, ...] | None:
    """Return ruff's findings but for syntax errors, which the syntax check tells already."""
    try:
        entries = json.loads(report)
        return tuple(
            LintFinding(
                path=place.tidy(entry["filename"]),
                line=entry["location"]["row"],
                rule=entry["code"],
                message=place.tidy(entry["message"]),
            )
            for entry in entries
            if entry["code"] not in {None, "invalid-syntax"}
        )
    except (ValueError, KeyError, TypeError):
        return None


def _run_plain(command: CheckCommand, argv: Sequence[str], place: CheckPlace) -> CheckResult:
    ran = place.run(argv)
    result = _result(command, ran, CheckStatus.PASSED, place)
    if ran.stopped or ran.exit_code in _CANNOT_RUN:
        return result.model_copy(update={"status": CheckStatus.BROKEN})
    status = CheckStatus.PASSED if ran.exit_code == 0 else CheckStatus.FAILED
    if command.kind is CheckKind.TESTS:
        if _ran_no_tests(argv, ran):
            return result.model_copy(update={"status": CheckStatus.SKIPPED})
        return result.model_copy(update={"status": status, "tests": (_whole(command, result),)})
    if status is CheckStatus.PASSED:
        return result
    findings = placed_findings(result.output, PurePath(argv[0]).name, place.tree)
    whole = LintFinding(path=".", line=0, rule=command.argv[0], message="the command fails")
    return result.model_copy(update={"status": status, "findings": findings or (whole,)})


def _whole(command: CheckCommand, result: CheckResult) -> TestResult:
    """Return the one test that a runner without a report amounts to."""
    green = result.exit_code == 0
    return TestResult(
        id=" ".join(command.argv),
        outcome=TestOutcome.PASSED if green else TestOutcome.FAILED,
        message="" if green else trim_message(result.output),
    )


def _ran_no_tests(argv: Sequence[str], ran: CommandResult) -> bool:
    return "unittest" in argv and ("Ran 0 tests" in ran.output or ran.exit_code == _NO_TESTS)
