"""One check command on one exported tree: how it is called and what its outcome means."""

import json
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from mergewright.clients.check_environment import Environment
from mergewright.clients.check_output import keep_end, tidier
from mergewright.clients.check_runners import (
    MAX_PRINTED_BYTES,
    OTHER,
    Call,
    Ran,
    Runner,
    find_call,
    other_variables,
)
from mergewright.clients.finding_reports import find_findings
from mergewright.clients.junit import read_report, trim_message
from mergewright.clients.junit_files import standing_reports
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
MAX_OUTPUT_BYTES = 200_000
CANNOT_RUN = frozenset({126, 127})
"""Exit codes of a command that is not there, or may not be executed."""
_STEADY = {
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONHASHSEED": "0",
    "NO_COLOR": "1",
    "CARGO_TERM_COLOR": "never",
    "RUST_BACKTRACE": "0",
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

    def run(
        self,
        argv: Sequence[str],
        *,
        variables: Mapping[str, str] = {},
        output_bytes: int = MAX_OUTPUT_BYTES,
    ) -> CommandResult:
        """Run a command on the tree in the sandbox, without network.

        Args:
            argv: The command.
            variables: Its variables, besides those of the environment.
            output_bytes: How much of the end of its output is kept.

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
            environment={**self._variables(), **variables},
            timeout_seconds=self.timeout_seconds,
            output_bytes=output_bytes,
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
    if command.kind is CheckKind.TESTS:
        return _run_tests(command, argv, place)
    if PurePath(argv[0]).name == "ruff" and argv[1:2] == ["check"]:
        return _run_ruff(command, argv, place)
    return _run_plain(command, argv, place)


def selecting(command: CheckCommand, paths: Sequence[str], tree: Path) -> CheckCommand | None:
    """Return the command with these files in place of the places that it names itself.

    None where it is no test command, or cannot be told which tests to run.
    """
    call = find_call(command.argv, tree) if command.kind is CheckKind.TESTS else None
    argv = call.selecting(paths, tree) if call else None
    return command.model_copy(update={"argv": tuple(argv)}) if argv else None


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


def _run_tests(command: CheckCommand, argv: Sequence[str], place: CheckPlace) -> CheckResult:
    report = place.reports / "tests"
    report.unlink(missing_ok=True)
    call = find_call(argv, place.tree)
    standing = standing_reports(place.tree)
    if call is None:
        call = Call(OTHER, tuple(argv), ())
        variables = other_variables(report)
    else:
        variables = {**call.runner.variables}
    most_bytes = MAX_PRINTED_BYTES if call.runner.prints else MAX_OUTPUT_BYTES
    ran = place.run(call.reporting(report), variables=variables, output_bytes=most_bytes)
    tests = call.runner.read(Ran(ran, place.tree, report, place.tidy, standing))
    if tests is None and call.runner is OTHER:
        return _judge_whole(command, ran, place)
    status = _tests_status(call.runner, ran, tests)
    kept = tests or () if status in {CheckStatus.PASSED, CheckStatus.FAILED} else ()
    return _result(command, ran, status, place).model_copy(update={"tests": kept})


def _tests_status(
    runner: Runner, ran: CommandResult, tests: Sequence[TestResult] | None
) -> CheckStatus:
    """Say how a run came out: red tests are one thing, a runner that does not get to them another.

    Source: https://docs.pytest.org/en/stable/reference/exit-codes.html (0 green, 1 red, 2
    interrupted, also by collection, 5 no tests), read 2026-11-20.
    """
    code = ran.exit_code
    if code is not None and code == runner.no_tests_code:
        return CheckStatus.SKIPPED
    ended = not ran.stopped and code not in CANNOT_RUN
    if not ended or tests is None or (runner.red_codes and code not in runner.red_codes):
        return CheckStatus.BROKEN
    if code == 0:
        return CheckStatus.PASSED if tests else CheckStatus.SKIPPED
    if any(test.is_red for test in tests):
        return CheckStatus.FAILED
    # Red without a red test, as coverage under its limit is; without any test nothing was run.
    return CheckStatus.FAILED if tests and code == 1 else CheckStatus.BROKEN


def _judge_whole(command: CheckCommand, ran: CommandResult, place: CheckPlace) -> CheckResult:
    """Judge a runner that leaves no report by its exit code."""
    result = _result(command, ran, CheckStatus.PASSED, place)
    if ran.stopped or ran.exit_code in CANNOT_RUN:
        return result.model_copy(update={"status": CheckStatus.BROKEN})
    green = ran.exit_code == 0
    whole = TestResult(
        id=" ".join(command.argv),
        outcome=TestOutcome.PASSED if green else TestOutcome.FAILED,
        message="" if green else trim_message(result.output),
    )
    status = CheckStatus.PASSED if green else CheckStatus.FAILED
    return result.model_copy(update={"status": status, "tests": (whole,)})


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
    if ran.stopped or ran.exit_code in CANNOT_RUN:
        return result.model_copy(update={"status": CheckStatus.BROKEN})
    told = place.tidy(ran.output)
    if ran.exit_code == 0 and command.kind is not CheckKind.FORMAT:
        return result
    # `gofmt -l` names files and ends well.
    findings = find_findings(command.kind, told, _program(argv), place.tree)
    if ran.exit_code == 0 and not findings:
        return result
    whole = LintFinding(path=".", line=0, rule=command.argv[0], message="the command fails")
    return result.model_copy(
        update={"status": CheckStatus.FAILED, "findings": findings or (whole,)}
    )


def _program(argv: Sequence[str]) -> str:
    """Return the name of what is really run: the module of `python -m`, the tool of `npx`."""
    names = [PurePath(word).name for word in argv]
    for at, name in enumerate(names[:-1]):
        if name in {"-m", "npx", "--"}:
            return names[at + 1]
    return names[0]
