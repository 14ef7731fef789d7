"""Telling tests that are flaky from tests that fail: by running them again, in bounds.

A test is flaky where one command came out both ways for it on one tree. That it is green when it is
run alone says less: it may fail of what others leave behind, which is a fault that a change can have. So
the files of the red tests are run first, which is cheap and settles most, and only where a test is green
there the whole command a second time.
"""

from collections.abc import Collection
from typing import Final

from mergewright.clients.check_commands import run_check, selecting
from mergewright.clients.checks import CheckRunner
from mergewright.domain.checks import (
    CheckReport,
    CheckResult,
    CheckStatus,
    TestOutcome,
    TestResult,
)
from mergewright.domain.codebase import CheckCommand, CheckKind

MAX_SUSPECTS: Final = 40
"""Where more are red nothing is run again: chance does not do that."""
MAX_REPEATED_SECONDS: Final = 900.0
"""A command that took longer is not run a second time as a whole."""


def settle(runner: CheckRunner, report: CheckReport, suspects: Collection[str]) -> CheckReport:
    """Run again what is red, and say of tests that came out both ways that they are flaky.

    Args:
        runner: What ran the checks.
        report: What came of them.
        suspects: Ids of red tests.

    Raises:
        SandboxUnavailable: The sandbox could not be set up.
        NotFound: The mirror does not have the tree.
        StoreFailed: The scratch folder cannot be written.
    """
    if not 0 < len(suspects) <= MAX_SUSPECTS:
        return report
    results = tuple(
        _settled(runner, report.tree, result, suspects)
        if result.kind is CheckKind.TESTS and result.status is CheckStatus.FAILED
        else result
        for result in report.results
    )
    return report.model_copy(update={"results": results})


def _settled(
    runner: CheckRunner, tree: str, result: CheckResult, suspects: Collection[str]
) -> CheckResult:
    red = {test.id for test in result.tests if test.is_red and test.id in suspects}
    if not red or result.duration_seconds > MAX_REPEATED_SECONDS:
        return result
    command = CheckCommand(kind=result.kind, argv=result.argv, source="")
    if not red - _still_red(runner, tree, command, red):
        return result
    with runner.exported(tree) as place:
        again = run_check(command, place)
    if again.status not in {CheckStatus.PASSED, CheckStatus.FAILED}:
        return result
    return _merged(result, again)


def _still_red(
    runner: CheckRunner, tree: str, command: CheckCommand, red: Collection[str]
) -> frozenset[str]:
    """Run the files of red tests alone; return what is red again, nothing where that is not possible."""
    with runner.exported(tree) as place:
        paths = sorted({name.partition("::")[0] for name in red})
        if not all((place.tree / path).is_file() for path in paths):
            return frozenset()
        chosen = selecting(command, paths, place.tree)
        if chosen is None:
            return frozenset()
        again = run_check(chosen, place)
    ran = {test.id for test in again.tests}
    red_again = {test.id for test in again.tests if test.is_red}
    return frozenset(red_again | (set(red) - ran))


def _merged(first: CheckResult, second: CheckResult) -> CheckResult:
    """Return the first run's result, with what came out otherwise in the second as flaky."""
    seen = {test.id: test for test in second.tests}
    tests = tuple(_judged(test, seen.get(test.id, test)) for test in first.tests)
    is_red = any(test.is_red for test in tests)
    told = first if is_red or second.status is CheckStatus.FAILED else second
    return told.model_copy(update={"tests": tests})


def _judged(first: TestResult, second: TestResult) -> TestResult:
    if first.is_red == second.is_red or TestOutcome.SKIPPED in {first.outcome, second.outcome}:
        return first
    red = first if first.is_red else second
    return first.model_copy(update={"outcome": TestOutcome.FLAKY, "message": red.message})
