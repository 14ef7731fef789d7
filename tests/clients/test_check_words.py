from mergewright.clients.check_words import MAX_FINDINGS_SHOWN, describe
from mergewright.domain.checks import (
    CheckDelta,
    CheckReport,
    CheckResult,
    CheckStatus,
    LintFinding,
    SandboxLevel,
    TestOutcome,
    TestResult,
)
from mergewright.domain.codebase import CheckKind


def report_of(*results):
    return CheckReport(tree="t", sandbox=SandboxLevel.LIMITS, results=results)


def red(name, message="E   assert 0"):
    return TestResult(id=name, outcome=TestOutcome.FAILED, message=message)


class TestDescribe:
    def test_nothing_wrong_is_one_line(self):
        green = TestResult(id="a", outcome=TestOutcome.PASSED)
        result = CheckResult(
            kind=CheckKind.TESTS, status=CheckStatus.PASSED, tests=(green,), output="1 passed"
        )
        assert describe(report_of(result)) == "The checks found nothing wrong."
        assert describe(report_of(result), CheckDelta()) == "The checks found nothing wrong."

    def test_a_broken_check_is_told_with_its_output(self):
        broken = CheckResult(
            kind=CheckKind.TESTS,
            status=CheckStatus.BROKEN,
            argv=("pytest",),
            exit_code=4,
            output="usage: pytest",
        )
        assert describe(report_of(broken)) == (
            "The tests command could not run (exit code 4): pytest\nusage: pytest"
        )

    def test_only_what_is_new_is_told_in_full(self):
        old, new = red("t::old"), red("t::new", "E   boom")
        finding = LintFinding(path="a.py", line=3, rule="F401", message="unused")
        result = CheckResult(
            kind=CheckKind.TESTS, status=CheckStatus.FAILED, tests=(old, new), findings=(finding,)
        )
        many = CheckDelta(old_failures=tuple(f"t::{number}" for number in range(25)))
        assert describe(report_of(), many).endswith("t::19 and 5 more")
        delta = CheckDelta(
            new_failures=(new,),
            old_failures=("t::old",),
            missing=("t::gone",),
            flaky=("t::chance",),
            new_findings=(finding,),
        )
        assert describe(report_of(result), delta) == (
            "1 new test failure:\n\nFAILED t::new\nE   boom\n\n"
            "1 new finding:\na.py:3 F401 unused\n\n"
            "Tests that the base has and the change does not:\nt::gone\n\n"
            "Flaky, so not held against the change: t::chance\n\n"
            "Red before the change too: t::old"
        )

    def test_long_lists_are_cut(self):
        tests = tuple(red(f"t::{number:02}") for number in range(15))
        findings = tuple(
            LintFinding(path="a.py", line=number, rule="R", message="m") for number in range(60)
        )
        result = CheckResult(
            kind=CheckKind.TESTS, status=CheckStatus.FAILED, tests=tests, findings=findings
        )
        shown = describe(report_of(result), show=lambda finding: f"  > {finding.line} | code")
        assert shown.count("| code") == MAX_FINDINGS_SHOWN
        told = describe(report_of(result))
        assert told.count("E   assert 0") == 10
        assert "without their messages:\nt::10\n" in told
        assert "... and 20 more" in told
