"""What checks found, and what a change made better or worse."""

from enum import IntEnum, StrEnum

from pydantic import Field

from mergewright.domain.codebase import CheckKind
from mergewright.domain.objections import Evidence
from mergewright.domain.value import Value


class SandboxLevel(IntEnum):
    """How well a check was shut in; higher is better."""

    LIMITS = 0
    """Time, memory and output limits only: not a sandbox."""
    BUBBLEWRAP = 2
    """Own file system view, own processes, no network, no environment."""
    CONTAINER = 3

    @property
    def label(self) -> str:
        """The level in words."""
        words = {
            SandboxLevel.LIMITS: "limits only (no sandbox)",
            SandboxLevel.BUBBLEWRAP: "bubblewrap (no network, own file system)",
            SandboxLevel.CONTAINER: "container",
        }
        return words[self]


class CheckStatus(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    """There was nothing to run."""
    BROKEN = "broken"
    """The check itself could not run: not installed, timed out, crashed."""


class TestOutcome(StrEnum):
    """How one test ended."""

    __test__ = False

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"
    FLAKY = "flaky"
    """Red in one run and green in another of the same command on the same tree."""


class TestResult(Value):
    """One test, by its stable id."""

    __test__ = False

    id: str
    outcome: TestOutcome
    message: str = ""
    """Why it failed, trimmed."""

    @property
    def is_red(self) -> bool:
        """Whether the test failed."""
        return self.outcome in {TestOutcome.FAILED, TestOutcome.ERROR}


class LintFinding(Value):
    """One thing a linter or parser complains about."""

    path: str
    line: int = Field(ge=0)
    rule: str
    message: str

    @property
    def identity(self) -> tuple[str, str, str]:
        """What makes it the same finding after lines have moved."""
        return self.path, self.rule, self.message


class CheckResult(Value):
    """One command's outcome on one tree."""

    kind: CheckKind
    status: CheckStatus
    argv: tuple[str, ...] = ()
    exit_code: int | None = None
    duration_seconds: float = 0.0
    tests: tuple[TestResult, ...] = ()
    findings: tuple[LintFinding, ...] = ()
    output: str = ""
    """End of what the command printed, trimmed and redacted."""


class CheckReport(Value):
    """All checks of one tree."""

    tree: str
    sandbox: SandboxLevel
    results: tuple[CheckResult, ...]

    def result(self, kind: CheckKind) -> CheckResult | None:
        """Return the result of one kind of check, if it ran."""
        return next((result for result in self.results if result.kind is kind), None)

    @property
    def red_tests(self) -> tuple[TestResult, ...]:
        """Tests that failed."""
        return tuple(test for result in self.results for test in result.tests if test.is_red)

    @property
    def flaky_tests(self) -> tuple[TestResult, ...]:
        """Tests that came out both ways."""
        return tuple(
            test
            for result in self.results
            for test in result.tests
            if test.outcome is TestOutcome.FLAKY
        )


class CheckDelta(Value):
    """What a change did to the checks of its base."""

    new_failures: tuple[TestResult, ...] = ()
    """Red on the change, and not red on the base."""
    old_failures: tuple[str, ...] = ()
    """Ids of tests that are red on both."""
    fixed: tuple[str, ...] = ()
    """Ids of tests that were red on the base and are green on the change."""
    added: tuple[str, ...] = ()
    """Ids of tests that the base does not have."""
    missing: tuple[str, ...] = ()
    """Ids of tests that ran on the base and did not run on the change."""
    flaky: tuple[str, ...] = ()
    """Ids of tests that came out both ways, on the base or on the change: held against nobody."""
    new_findings: tuple[LintFinding, ...] = ()
    broken: tuple[CheckResult, ...] = ()
    """Checks that could not run on the change, or failed as a whole, though not on the base."""

    @property
    def is_clean(self) -> bool:
        """Whether the change made nothing worse."""
        return not (self.new_failures or self.new_findings or self.broken or self.missing)


class ProofRun(Value):
    """The two runs that prove a change: the same tests on its base's code, and on the change."""

    argv: tuple[str, ...]
    base_commit: str
    base_exit_code: int | None
    tree: str
    """The tree of the change."""
    change_exit_code: int | None
    tests: tuple[str, ...]
    """Ids of the tests that are red in the one and green in the other."""


class Verification(Value):
    """What the checks say about a change, against its base."""

    report: CheckReport
    delta: CheckDelta
    proof: tuple[str, ...] = ()
    """Ids of tests of the change that are red on the base's code and green on the change."""
    proof_run: ProofRun | None = None
    """How that was seen; None where there is no proof."""
    evidence: Evidence = Evidence()
    """What the change does to tests, settings of checks and packages, which no check says."""


def compare(base: CheckReport, change: CheckReport) -> CheckDelta:
    """Say what `change` made better or worse than `base`, per test id and finding."""
    before = {test.id: test for result in base.results for test in result.tests}
    after = {test.id: test for result in change.results for test in result.tests}
    known = [finding.identity for result in base.results for finding in result.findings]
    new_findings = []
    for finding in (finding for result in change.results for finding in result.findings):
        if finding.identity in known:
            known.remove(finding.identity)
        else:
            new_findings.append(finding)
    red_before = {test.id for test in before.values() if test.is_red}
    red_after = {test.id for test in after.values() if test.is_red}
    flaky = {test.id for report in (base, change) for test in report.flaky_tests}
    return CheckDelta(
        new_failures=tuple(after[name] for name in sorted(red_after - red_before - flaky)),
        old_failures=tuple(sorted(red_after & red_before - flaky)),
        fixed=tuple(sorted(name for name in red_before - red_after - flaky if name in after)),
        added=tuple(sorted(after.keys() - before.keys())),
        missing=tuple(sorted(before.keys() - after.keys())),
        flaky=tuple(sorted(flaky & after.keys())),
        new_findings=tuple(new_findings),
        broken=tuple(
            result
            for result in change.results
            if _fails_as_a_whole(result) and not _fails_as_a_whole(base.result(result.kind))
        ),
    )


def _fails_as_a_whole(result: CheckResult | None) -> bool:
    """Whether a check says no without naming a test or a place, as coverage under its limit does."""
    if result is None:
        return False
    named = result.findings or any(test.is_red for test in result.tests)
    return result.status is CheckStatus.BROKEN or (
        result.status is CheckStatus.FAILED and not named
    )
