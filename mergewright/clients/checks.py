"""A repository's checks on a recorded tree: syntax, lint, tests; and their report in words."""

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mergewright.analysis.syntax import syntax_findings
from mergewright.clients.check_commands import CheckPlace, can_select, run_check, selecting
from mergewright.clients.environments import Environment, make_folder
from mergewright.clients.sandbox import Sandbox
from mergewright.clients.trees import export_tree
from mergewright.domain.checks import (
    CheckDelta,
    CheckReport,
    CheckResult,
    CheckStatus,
    LintFinding,
    TestResult,
)
from mergewright.domain.codebase import CheckCommand, CheckKind

MAX_SYNTAX_BYTES = 1_000_000
MAX_TESTS_TOLD = 10
MAX_FINDINGS_TOLD = 40
MAX_OLD_TOLD = 20
_OWNER_ALL = 0o700


class CheckRunner:
    """Runs the checks of one repository, each time on files of their own.

    Args:
        mirror: Repository that holds the trees.
        sandbox: Where the commands run.
        commands: The lint and test commands; syntax needs none.
        environment: What the commands need to be there.
        scratch: Folder for the exported files; they are removed after each run.
        timeout_seconds: Wall time that one command may take.
    """

    def __init__(
        self,
        mirror: Path,
        sandbox: Sandbox,
        commands: Sequence[CheckCommand],
        environment: Environment,
        scratch: Path,
        *,
        timeout_seconds: float = 900,
    ) -> None:
        self._mirror = mirror
        self._sandbox = sandbox
        self._commands = tuple(commands)
        self._environment = environment
        self._scratch = scratch
        self._timeout_seconds = timeout_seconds

    def run(self, tree: str, *, changed: Collection[str] | None = None) -> CheckReport:
        """Check a tree.

        Args:
            tree: Id of a git tree in the mirror.
            changed: The files whose syntax is looked at; None for all.

        Raises:
            SandboxUnavailable: The sandbox could not be set up.
            NotFound: The mirror does not have the tree.
            StoreFailed: The scratch folder cannot be written.
            ConfigError: The grammar of a known language does not load.
        """
        with self.exported(tree) as place:
            results = [_check_syntax(place.tree, changed)]
            for kind in (CheckKind.LINT, CheckKind.TESTS):
                commands = [command for command in self._commands if command.kind is kind]
                results += [run_check(command, place) for command in commands]
                if not commands:
                    results.append(
                        CheckResult(
                            kind=kind, status=CheckStatus.SKIPPED, output="No command was found."
                        )
                    )
        return CheckReport(tree=tree, sandbox=self._sandbox.level, results=tuple(results))

    def run_tests(self, tree: str, paths: Sequence[str]) -> CheckReport:
        """Run only the tests of some files, by the commands that can be told which.

        Args:
            tree: Id of a git tree in the mirror.
            paths: The files.

        Raises:
            SandboxUnavailable: The sandbox could not be set up.
            NotFound: The mirror does not have the tree.
            StoreFailed: The scratch folder cannot be written.
        """
        commands = [one for one in self._commands if can_select(one)]
        with self.exported(tree) as place:
            results = [run_check(selecting(one, paths, place.tree), place) for one in commands]
        return CheckReport(tree=tree, sandbox=self._sandbox.level, results=tuple(results))

    @contextmanager
    def exported(self, tree: str) -> Iterator[CheckPlace]:
        """Write a tree's files to a folder of their own for as long as they are needed.

        Raises:
            NotFound: The mirror does not have the tree.
            StoreFailed: The scratch folder cannot be written.
        """
        make_folder(self._scratch)
        name = f"{tree[:12]}-{os.getpid()}-"
        folder = Path(tempfile.mkdtemp(prefix=name, dir=self._scratch)).resolve()
        try:
            place = CheckPlace(
                tree=folder / "tree",
                reports=folder / "reports",
                environment=self._environment,
                sandbox=self._sandbox,
                timeout_seconds=self._timeout_seconds,
            )
            place.reports.mkdir()
            export_tree(self._mirror, tree, place.tree)
            yield place
        finally:
            _remove(folder)


def _remove(folder: Path) -> None:
    """Remove a folder though what ran in it may have made parts of it unwritable."""
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        for place, _, _ in os.walk(folder):
            Path(place).chmod(_OWNER_ALL)
        shutil.rmtree(folder, ignore_errors=True)


def _check_syntax(root: Path, changed: Collection[str] | None) -> CheckResult:
    paths = _all_files(root) if changed is None else sorted(changed)
    findings = tuple(finding for path in paths for finding in _syntax_of(root, path))
    status = CheckStatus.FAILED if findings else CheckStatus.PASSED
    return CheckResult(kind=CheckKind.SYNTAX, status=status, findings=findings)


def _all_files(root: Path) -> list[str]:
    found = []
    for place, _, files in os.walk(root):
        found += [(Path(place) / name).relative_to(root).as_posix() for name in files]
    return sorted(found)


def _syntax_of(root: Path, path: str) -> tuple[LintFinding, ...]:
    file = root / path
    # A link may lead out of the tree, and this reads outside the sandbox.
    if file.resolve() != file or not file.is_file() or file.stat().st_size > MAX_SYNTAX_BYTES:
        return ()
    body = file.read_bytes()
    if b"\0" in body:
        return ()
    try:
        return syntax_findings(path, body.decode())
    except UnicodeDecodeError:
        return ()


def describe(report: CheckReport, delta: CheckDelta | None = None) -> str:
    """Say in the fewest useful words what is wrong; nothing of what is right.

    Args:
        report: The checks of one tree.
        delta: What it made worse than its base; with it, only that is told in full.
    """
    red = report.red_tests if delta is None else delta.new_failures
    findings = (
        tuple(finding for result in report.results for finding in result.findings)
        if delta is None
        else delta.new_findings
    )
    new = "" if delta is None else "new "
    parts = [_tell_broken(result) for result in report.results if _is_broken(result)]
    parts += _tell_tests(
        red, f"{len(red)} {new}test failures" if len(red) > 1 else f"1 {new}test failure"
    )
    parts += _tell_findings(findings, new)
    if delta is not None:
        parts += _tell_rest(delta)
    return "\n\n".join(parts) if parts else "The checks found nothing wrong."


def _is_broken(result: CheckResult) -> bool:
    return result.status is CheckStatus.BROKEN


def _tell_broken(result: CheckResult) -> str:
    how = "" if result.exit_code is None else f" (exit code {result.exit_code})"
    return f"The {result.kind} command could not run{how}: {' '.join(result.argv)}\n{result.output}"


def _tell_tests(red: Sequence[TestResult], title: str) -> list[str]:
    if not red:
        return []
    told = [f"{test.outcome.upper()} {test.id}\n{test.message}".rstrip() for test in red]
    parts = [f"{title}:", *told[:MAX_TESTS_TOLD]]
    if rest := [test.id for test in red[MAX_TESTS_TOLD:]]:
        parts.append("And without their messages:\n" + "\n".join(rest))
    return parts


def _tell_findings(findings: Sequence[LintFinding], new: str) -> list[str]:
    if not findings:
        return []
    lines = [f"{item.path}:{item.line} {item.rule} {item.message}" for item in findings]
    if len(lines) > MAX_FINDINGS_TOLD:
        lines = [*lines[:MAX_FINDINGS_TOLD], f"... and {len(lines) - MAX_FINDINGS_TOLD} more"]
    return [f"{len(findings)} {new}finding{'s' * (len(findings) > 1)}:\n" + "\n".join(lines)]


def _tell_rest(delta: CheckDelta) -> list[str]:
    parts = []
    if delta.missing:
        parts.append(
            "Tests that the base has and the change does not:\n" + "\n".join(delta.missing)
        )
    if delta.old_failures:
        known = delta.old_failures[:MAX_OLD_TOLD]
        more = f" and {len(delta.old_failures) - len(known)} more"
        rest = more if len(delta.old_failures) > len(known) else ""
        parts.append(f"Red before the change too: {', '.join(known)}{rest}")
    return parts
