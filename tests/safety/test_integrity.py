import pytest

from mergewright.domain.gates import GateStatus
from mergewright.domain.objections import Evidence, Objection, Rule, Treatment
from mergewright.safety.integrity import approvable, integrity_gates, strictest

GONE = Objection(
    rule=Rule.DELETED_TEST, path="tests/a.py", subject="test_a", message="gone", line=3
)
NEW = Objection(rule=Rule.NEW_PACKAGE, path="go.mod", subject="x", message="new")
CI = Objection(
    rule=Rule.CHECK_SETTINGS, path="ci.yml", subject="the file", message="changed", is_final=True
)


def gates(*objections, treatments=None, approved=None, packages=()):
    evidence = Evidence(objections=objections, treatments=treatments or {}, packages=packages)
    return integrity_gates(evidence, approved or {})


def test_nothing_against_a_change_is_one_gate_that_passed():
    (gate,) = gates()
    assert (gate.name, gate.status) == ("Integrity", GateStatus.PASSED)


def test_an_objection_fails_and_can_be_approved_by_its_name():
    (gate,) = gates(GONE)
    assert gate.status is GateStatus.FAILED
    assert gate.approvable == ("deleted-test tests/a.py test_a",) == approvable([gate])
    assert gate.details == ("deleted-test: tests/a.py:3 test_a: gone",)
    (gate,) = gates(GONE, approved={GONE.name: "Ada"})
    assert (gate.status, gate.approvable) == (GateStatus.WARNED, ())
    assert gate.details == ("deleted-test: tests/a.py:3 test_a: gone (approved by Ada)",)


def test_lines_may_move_and_other_tests_need_another_yes():
    moved, other = (
        GONE.model_copy(update={"line": 9}),
        GONE.model_copy(update={"subject": "test_b"}),
    )
    assert gates(moved, approved={GONE.name: "Ada"})[0].status is GateStatus.WARNED
    assert gates(GONE, other, approved={GONE.name: "Ada"})[0].approvable == (other.name,)


def test_new_packages_are_told_in_a_gate_of_their_own():
    about, packages = gates(NEW, packages=("go: x@v1",))
    assert about.status is GateStatus.PASSED
    assert (packages.name, packages.status) == ("Dependencies", GateStatus.WARNED)
    assert "go: x@v1" in packages.summary


@pytest.mark.parametrize(
    ("treatment", "status", "can_be_approved"),
    [
        (Treatment.ALLOW, GateStatus.PASSED, False),
        (Treatment.WARN, GateStatus.WARNED, False),
        (Treatment.ASK, GateStatus.FAILED, True),
        (Treatment.REFUSE, GateStatus.FAILED, False),
    ],
)
def test_the_policy_says_what_becomes_of_it(treatment, status, can_be_approved):
    (gate,) = gates(GONE, treatments={Rule.DELETED_TEST: treatment})
    assert (gate.status, bool(gate.approvable)) == (status, can_be_approved)


def test_nobody_approves_what_is_refused_or_lies_at_a_protected_path():
    refuse = {Rule.DELETED_TEST: Treatment.REFUSE}
    (gate,) = gates(GONE, treatments=refuse, approved={GONE.name: "Ada"})
    assert gate.status is GateStatus.FAILED
    (gate,) = gates(GONE, CI, treatments={Rule.CHECK_SETTINGS: Treatment.ALLOW})
    assert (gate.status, gate.approvable) == (GateStatus.FAILED, ())


def test_nothing_is_asked_about_while_another_gate_fails():
    (asked,) = gates(GONE)
    tests = asked.model_copy(update={"name": "Tests", "approvable": ()})
    assert approvable([asked, tests]) == ()


def test_a_repository_can_only_be_stricter():
    profile = {Rule.SLEEP: Treatment.REFUSE, Rule.NEW_PACKAGE: Treatment.ALLOW}
    both = strictest(profile, {Rule.SLEEP: Treatment.ALLOW, Rule.NEW_PACKAGE: Treatment.ASK})
    assert (both[Rule.SLEEP], both[Rule.NEW_PACKAGE]) == (Treatment.REFUSE, Treatment.ASK)
    assert both[Rule.DELETED_TEST] is Treatment.ASK


def test_very_many_objections_are_counted():
    many = [GONE.model_copy(update={"subject": f"test_{number}"}) for number in range(50)]
    (gate,) = gates(*many)
    assert len(gate.details) == 41
    assert gate.details[-1] == "... and 10 objections more"
    assert len(gate.approvable) == 50
