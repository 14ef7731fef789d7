"""What came of a team's old script and of a workflow on the same ticket, from the same commit."""

from decimal import Decimal

from pydantic import Field

from mergewright.domain.changeset import FileChange
from mergewright.domain.checks import CheckReport, SandboxLevel, TestOutcome, compare
from mergewright.domain.codebase import CheckKind
from mergewright.domain.gates import Gate
from mergewright.domain.value import Value

DONE = "done"
"""How a side ended that got to its end, in words."""


class ScriptRun(Value):
    """How an old script ended, and what it left."""

    name: str
    """Name of its file."""
    exit_code: int | None = None
    """None when it was ended by a limit."""
    stopped: str = ""
    """Which limit ended it, in words."""
    seconds: float
    cost_usd: Decimal | None = Field(default=None, ge=0)
    """What it says that it cost; None when it says nothing."""
    cost_fault: str = ""
    """Why what it says cannot be used."""
    output: str = ""
    """End of what it printed, without secrets."""
    found_in: str = ""
    """Reference that its change was found under, where the working copy was left as it had been."""
    tree: str
    """Git tree that holds what it left."""
    patch: str = ""
    """What makes the tree of the base's, for a machine that has only the log and the remote."""
    sandbox: SandboxLevel
    network: bool = False

    @property
    def ended(self) -> str:
        """How it ended, in words."""
        if self.stopped:
            return self.stopped
        return DONE if self.exit_code == 0 else f"failed: exit code {self.exit_code}"


class TestCounts(Value):
    """What a change did to tests and lint findings of the base."""

    __test__ = False

    green: int
    newly_red: int
    fixed: int
    added: int
    gone: int
    flaky: int = 0
    new_findings: int


class Side(Value):
    """One of the two that are compared."""

    name: str
    """The script's file, or the workflow."""
    ended: str
    """How it ended, in words."""
    files: tuple[FileChange, ...] = ()
    """What it changed."""
    tests: TestCounts | None = None
    """None when its change was not checked."""
    gates: tuple[Gate, ...] = ()
    seconds: float
    cost_usd: Decimal | None = None
    """None when it is not known."""
    cost_detail: str = ""
    """How the cost is known, or why it is not."""

    @property
    def paths(self) -> frozenset[str]:
        """The files that it changed."""
        return frozenset(file.path for file in self.files)


class Comparison(Value):
    """A team's old script and a workflow on one ticket, from one commit, by the same gates."""

    script: ScriptRun
    diff: str = ""
    """What the script changed, as a unified diff without secrets; the workflow's is the report's."""
    old: Side
    new: Side | None = None
    """None while the workflow is not done."""

    @property
    def shared_paths(self) -> tuple[str, ...]:
        """The files that both changed."""
        return tuple(sorted(self.old.paths & self.new.paths)) if self.new else ()


def count_tests(base: CheckReport, change: CheckReport) -> TestCounts:
    """Count what a change did to the checks of its base.

    No test is gone where the checks stopped at those next to the change, as they may if these fail.
    """
    delta = compare(base, change)
    tests = [test for result in change.results for test in result.tests]
    return TestCounts(
        green=sum(test.outcome is TestOutcome.PASSED for test in tests),
        newly_red=len(delta.new_failures),
        fixed=len(delta.fixed),
        added=len({*delta.added} - {test.id for test in delta.new_failures}),
        gone=len(delta.missing) if _commands(base) == _commands(change) else 0,
        flaky=len(delta.flaky),
        new_findings=len(delta.new_findings),
    )


def _commands(report: CheckReport) -> set[tuple[str, ...]]:
    return {result.argv for result in report.results if result.kind is CheckKind.TESTS}
