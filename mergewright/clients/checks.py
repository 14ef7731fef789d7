"""A repository's checks on a recorded tree: syntax, lint, format, types, tests."""

import os
import shutil
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from mergewright.clients.check_commands import CANNOT_RUN, CheckPlace, run_check, selecting
from mergewright.clients.check_environment import Environment, make_folder
from mergewright.clients.check_runners import is_compiled
from mergewright.clients.check_words import describe
from mergewright.clients.code_around import CodeAround
from mergewright.clients.kept_reports import report_key
from mergewright.clients.package_installers import link_modules
from mergewright.clients.safe_parsing import find_faults
from mergewright.clients.sandbox import Sandbox
from mergewright.clients.trees import export_tree
from mergewright.domain.checks import (
    CheckDelta,
    CheckReport,
    CheckResult,
    CheckStatus,
    LintFinding,
)
from mergewright.domain.codebase import CheckCommand, CheckKind

MAX_SYNTAX_BYTES = 1_000_000
_OWNER_ALL = 0o700
_EXPECTED = frozenset({CheckKind.LINT, CheckKind.TESTS})
"""Kinds of checks whose lack is worth a word."""


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
            for kind in (CheckKind.LINT, CheckKind.FORMAT, CheckKind.TYPES, CheckKind.TESTS):
                commands = [command for command in self._commands if command.kind is kind]
                results += [run_check(command, place) for command in commands]
                if not commands and kind in _EXPECTED:
                    results.append(
                        CheckResult(
                            kind=kind, status=CheckStatus.SKIPPED, output="No command was found."
                        )
                    )
        return CheckReport(tree=tree, sandbox=self._sandbox.level, results=tuple(results))

    def key(self, tree: str) -> str:
        """Return what decides the report of a tree."""
        return report_key(tree, self._commands, self._environment, self._sandbox.level)

    def run_all_tests(self, tree: str) -> CheckReport:
        """Run the test commands, and nothing else.

        Args:
            tree: Id of a git tree in the mirror.

        Raises:
            SandboxUnavailable: The sandbox could not be set up.
            NotFound: The mirror does not have the tree.
            StoreFailed: The scratch folder cannot be written.
        """
        commands = [one for one in self._commands if one.kind is CheckKind.TESTS]
        with self.exported(tree) as place:
            results = [run_check(command, place) for command in commands]
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
        with self.exported(tree) as place:
            selected = [selecting(command, paths, place.tree) for command in self._commands]
            results = [run_check(command, place) for command in selected if command]
        return CheckReport(tree=tree, sandbox=self._sandbox.level, results=tuple(results))

    @staticmethod
    def is_unbuilt(result: CheckResult) -> bool:
        """Say whether tests could not run because a compiler refused them."""
        ended = result.status is CheckStatus.BROKEN and result.exit_code not in {None, *CANNOT_RUN}
        return ended and is_compiled(result.argv)

    def describe(self, report: CheckReport, delta: CheckDelta | None = None) -> str:
        """Say in the fewest useful words what is wrong, each finding with the code that it is in.

        Args:
            report: The checks of one tree.
            delta: What it made worse than its base; with it, only that is told in full.

        Raises:
            NotFound: The mirror does not have the tree.
            ConfigError: The grammar of a known language does not load.
            ServiceUnavailable: No process that parses can be started.
        """
        return describe(report, delta, CodeAround(self._mirror, report.tree).show)

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
            if self._environment.modules is not None:
                link_modules(self._environment.modules, place.tree)
            yield place
        finally:
            remove_folder(folder)


def remove_folder(folder: Path) -> None:
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
        return find_faults(path, body.decode())
    except UnicodeDecodeError:
        return ()
