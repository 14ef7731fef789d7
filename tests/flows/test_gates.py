"""Gates decide over values: every way a change can fail is told apart from the ways it cannot."""

import pytest

from flows._gates import (
    affected_gate,
    check_gates,
    complaint,
    external_gate,
    failures,
    reproduction_gate,
    review_gate,
)
from mergewright.domain.changeset import Changeset, ImplementationSummary
from mergewright.domain.checks import (
    CheckReport,
    CheckResult,
    CheckStatus,
    LintFinding,
    SandboxLevel,
    TestOutcome,
    TestResult,
    Verification,
    compare,
)
from mergewright.domain.codebase import CheckKind
from mergewright.domain.gates import GateStatus
from mergewright.domain.pull_request import ExternalCheck, ExternalChecks
from mergewright.domain.reproduction import Reproduction, ReproductionAnswer
from mergewright.domain.review import CriterionVerdict, Review, ReviewFinding, ReviewVerdict
from mergewright.domain.ticket import Ticket, TicketKind

BUG = Ticket(key="T-1", title="Broken", description="It is broken", kind=TicketKind.BUG)
FEATURE = BUG.model_copy(update={"kind": TicketKind.FEATURE})


def results(*, tests=(), findings=(), status=CheckStatus.PASSED, lint=CheckStatus.PASSED):
    return CheckReport(
        tree="t",
        sandbox=SandboxLevel.BUBBLEWRAP,
        results=(
            CheckResult(kind=CheckKind.SYNTAX, status=CheckStatus.PASSED),
            CheckResult(kind=CheckKind.LINT, status=lint, findings=tuple(findings)),
            CheckResult(kind=CheckKind.TESTS, status=status, tests=tuple(tests), output="the end"),
        ),
    )


def outcome(name, result=TestOutcome.PASSED):
    return TestResult(id=name, outcome=result, message="why" if result != "passed" else "")


def verified(base, change, proof=()):
    return Verification(report=change, delta=compare(base, change), proof=proof)


def statuses(gates):
    return {gate.name: gate.status for gate in gates}


GREEN = results(tests=[outcome("a"), outcome("b")])


def test_a_proved_clean_change_passes_every_gate():
    change = results(tests=[outcome("a"), outcome("b"), outcome("c")])
    gates = check_gates(BUG, verified(GREEN, change, proof=("c",)))
    assert set(statuses(gates).values()) == {GateStatus.PASSED}
    assert "3 green, 1 of them new" in gates[2].summary
    assert complaint(gates) == ""


def test_a_new_red_test_fails_and_is_named():
    change = results(
        tests=[outcome("a", TestOutcome.FAILED), outcome("b")], status=CheckStatus.FAILED
    )
    gates = check_gates(BUG, verified(GREEN, change, proof=("b",)))
    assert [gate.name for gate in failures(gates)] == ["Tests"]
    assert "a: why" in complaint(gates)


def test_a_test_red_before_the_change_is_not_blamed_on_it():
    base = results(tests=[outcome("a", TestOutcome.FAILED), outcome("b")])
    change = results(tests=[outcome("a", TestOutcome.FAILED), outcome("b"), outcome("c")])
    gates = check_gates(BUG, verified(base, change, proof=("c",)))
    assert not failures(gates)
    assert "1 red before the change and still red" in gates[2].summary


def test_a_test_that_vanished_fails():
    change = results(tests=[outcome("a"), outcome("c")])
    gates = check_gates(BUG, verified(GREEN, change, proof=("c",)))
    assert "b: ran on the base" in complaint(gates)


def test_a_bug_without_a_proof_fails_and_a_feature_is_warned():
    assert statuses(check_gates(BUG, verified(GREEN, GREEN)))["Proof"] is GateStatus.FAILED
    assert statuses(check_gates(FEATURE, verified(GREEN, GREEN)))["Proof"] is GateStatus.WARNED


def test_only_new_findings_fail():
    old = LintFinding(path="a.py", line=3, rule="F401", message="unused")
    moved = old.model_copy(update={"line": 9})
    new = LintFinding(path="a.py", line=1, rule="F821", message="undefined name")
    base = results(tests=[outcome("a")], findings=[old], lint=CheckStatus.FAILED)
    same = results(tests=[outcome("a")], findings=[moved], lint=CheckStatus.FAILED)
    worse = results(tests=[outcome("a")], findings=[moved, new], lint=CheckStatus.FAILED)
    assert statuses(check_gates(FEATURE, verified(base, same)))["Lint"] is GateStatus.PASSED
    gates = check_gates(FEATURE, verified(base, worse))
    assert statuses(gates)["Lint"] is GateStatus.FAILED
    assert "a.py:1 F821 undefined name" in complaint(gates)


def test_the_same_finding_a_second_time_is_new():
    finding = LintFinding(path="a.py", line=3, rule="F401", message="unused")
    again = finding.model_copy(update={"line": 30})
    base = results(findings=[finding])
    assert len(compare(base, results(findings=[finding, again])).new_findings) == 1


@pytest.mark.parametrize("kind", ["tests", "lint"])
def test_a_check_that_cannot_run_fails(kind):
    broken = (
        results(status=CheckStatus.BROKEN) if kind == "tests" else results(lint=CheckStatus.BROKEN)
    )
    gates = check_gates(FEATURE, verified(GREEN, broken))
    assert kind.capitalize() in {gate.name for gate in failures(gates)}


def test_a_check_that_fails_without_naming_anything_fails_unless_the_base_did():
    failing = results(tests=[outcome("a"), outcome("b")], status=CheckStatus.FAILED)
    gates = check_gates(FEATURE, verified(GREEN, failing))
    assert "Fails as a whole" in complaint(gates)
    assert not failures(check_gates(FEATURE, verified(failing, failing)))


def test_no_tests_at_all_is_a_warning():
    none = results(status=CheckStatus.SKIPPED)
    assert statuses(check_gates(FEATURE, verified(none, none)))["Tests"] is GateStatus.WARNED


def review(**changes):
    fields = {
        "verdict": ReviewVerdict.APPROVE,
        "summary": "Fine.",
        "criteria": (CriterionVerdict(criterion="works", met=True, evidence="test c"),),
    }
    return Review(**fields | changes)


def test_a_review_passes_only_when_all_of_it_agrees():
    assert review_gate(review()).status is GateStatus.PASSED
    unmet = CriterionVerdict(criterion="works", met=False, evidence="none")
    finding = ReviewFinding(severity="blocking", path="a.py", line=3, message="wrong")
    minor = finding.model_copy(update={"severity": "minor"})
    assert review_gate(review(findings=(minor,))).status is GateStatus.PASSED
    for bad in (
        review(verdict=ReviewVerdict.REQUEST_CHANGES),
        review(criteria=(unmet,)),
        review(findings=(finding,)),
    ):
        gate = review_gate(bad)
        assert gate.status is GateStatus.FAILED
    assert "blocking: a.py:3 wrong" in complaint([review_gate(review(findings=(finding,)))])


@pytest.mark.parametrize(
    ("statuses", "complete", "status", "summary"),
    [
        (("passed", "skipped"), True, GateStatus.PASSED, "None of 2 failed"),
        (("passed", "failed"), True, GateStatus.WARNED, "1 of 2 failed"),
        (("passed", "pending"), False, GateStatus.WARNED, "Not ended within 5 minutes"),
        ((), True, GateStatus.WARNED, "None appeared"),
    ],
)
def test_checks_of_others_warn_at_the_worst(statuses, complete, status, summary):
    checks = [
        ExternalCheck(name=f"check {number}", status=one, url="https://x/1")
        for number, one in enumerate(statuses)
    ]
    gate = external_gate(ExternalChecks(commit="c", checks=checks, complete=complete), 5)
    assert gate.status is status
    assert gate.summary.startswith(summary)
    assert all("https://x/1" in detail for detail in gate.details)


def shown_by(*red):
    nothing = ImplementationSummary(summary="So.", commit_subject="Show the fault")
    tests = Changeset(base_commit="b", tree="t", diff="", files=(), summary=nothing)
    answer = ReproductionAnswer(reproduced=True, summary="It shows.")
    return Reproduction(answer=answer, changeset=tests, red=red)


def test_the_tests_that_showed_the_fault_are_green_in_the_end():
    change = results(tests=[outcome("a"), outcome("b"), outcome("c")])
    gate = reproduction_gate(shown_by("c"), verified(GREEN, change, proof=("b", "c")))
    assert gate.status is GateStatus.PASSED
    gate = reproduction_gate(shown_by("c", "d"), verified(GREEN, change, proof=("c",)))
    assert gate.status is GateStatus.FAILED
    assert gate.details == ("Not red on the base and green on the change: d",)
    assert gate.summary.startswith("1 of 2 tests")


def test_tests_next_to_a_change_have_a_gate_of_their_own():
    change = results(tests=[outcome("a", TestOutcome.FAILED)], status=CheckStatus.FAILED)
    gate = affected_gate(verified(results(tests=[outcome("a")]), change))
    assert (gate.name, gate.status) == ("Affected tests", GateStatus.FAILED)


def test_a_flaky_test_is_named_and_held_against_nobody():
    change = results(tests=[outcome("a", TestOutcome.FLAKY), outcome("b"), outcome("c")])
    (gate,) = (one for one in check_gates(FEATURE, verified(GREEN, change)) if one.name == "Tests")
    assert gate.status is GateStatus.WARNED
    assert gate.summary == "2 green, 1 of them new; 1 flaky"
    assert gate.details == ("Flaky, red and green on the same code: a",)
    red = results(tests=[outcome("a", TestOutcome.FAILED), outcome("b")], status=CheckStatus.FAILED)
    flaky_base = results(tests=[outcome("a", TestOutcome.FLAKY), outcome("b")])
    assert not failures(check_gates(FEATURE, verified(flaky_base, red)))


def test_format_and_types_have_gates_where_they_are_checked():
    finding = LintFinding(path="a.py", line=3, rule="assignment", message="wrong type")
    failed = CheckResult(kind=CheckKind.TYPES, status=CheckStatus.FAILED, findings=(finding,))
    broken = CheckResult(kind=CheckKind.FORMAT, status=CheckStatus.BROKEN, output="no such program")
    base = GREEN.model_copy(update={"results": (*GREEN.results, broken)})
    change = GREEN.model_copy(update={"results": (*GREEN.results, broken, failed)})
    found = statuses(check_gates(FEATURE, verified(base, change)))
    assert (found["Format"], found["Types"]) == (GateStatus.WARNED, GateStatus.FAILED)
    assert not {"Format", "Types"} & statuses(check_gates(FEATURE, verified(GREEN, GREEN))).keys()
