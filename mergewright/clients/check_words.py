"""What checks found, in the fewest words that somebody can act on."""

from collections.abc import Callable, Sequence

from mergewright.domain.checks import (
    CheckDelta,
    CheckReport,
    CheckResult,
    CheckStatus,
    LintFinding,
    TestResult,
)

MAX_TESTS_TOLD = 10
MAX_FINDINGS_TOLD = 40
MAX_FINDINGS_SHOWN = 10
"""So many findings are told with the code that they are in."""
MAX_OLD_TOLD = 20


def describe(
    report: CheckReport,
    delta: CheckDelta | None = None,
    show: Callable[[LintFinding], str] = lambda _: "",
) -> str:
    """Say in the fewest useful words what is wrong; nothing of what is right.

    Args:
        report: The checks of one tree.
        delta: What it made worse than its base; with it, only that is told in full.
        show: Returns the code that a finding is in.
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
    parts += _tell_findings(findings, new, show)
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


def _tell_findings(
    findings: Sequence[LintFinding], new: str, show: Callable[[LintFinding], str]
) -> list[str]:
    if not findings:
        return []
    lines = [f"{item.path}:{item.line} {item.rule} {item.message}" for item in findings]
    for at, item in enumerate(findings[:MAX_FINDINGS_SHOWN]):
        lines[at] = f"{lines[at]}\n{show(item)}".rstrip()
    if len(lines) > MAX_FINDINGS_TOLD:
        lines = [*lines[:MAX_FINDINGS_TOLD], f"... and {len(lines) - MAX_FINDINGS_TOLD} more"]
    return [f"{len(findings)} {new}finding{'s' * (len(findings) > 1)}:\n" + "\n".join(lines)]


def _tell_rest(delta: CheckDelta) -> list[str]:
    parts = []
    if delta.missing:
        parts.append(
            "Tests that the base has and the change does not:\n" + "\n".join(delta.missing)
        )
    if delta.flaky:
        parts.append(f"Flaky, so not held against the change: {', '.join(delta.flaky)}")
    if delta.old_failures:
        known = delta.old_failures[:MAX_OLD_TOLD]
        more = f" and {len(delta.old_failures) - len(known)} more"
        rest = more if len(delta.old_failures) > len(known) else ""
        parts.append(f"Red before the change too: {', '.join(known)}{rest}")
    return parts
