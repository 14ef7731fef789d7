"""Of the states that a change had, the best is repaired further and left behind."""

from datetime import UTC, datetime

import pytest

from flows._best_state import MAX_IDLE_ROUNDS, BestState
from mergewright.domain.changeset import Changeset, FileChange, ImplementationSummary
from mergewright.domain.delivery import Delivery, Outcome
from mergewright.domain.gates import Gate, GateStatus
from mergewright.errors import ChecksFailed

AT = datetime(2026, 11, 20, tzinfo=UTC)


class Report:
    """A run's report alone."""

    def __init__(self):
        self.delivery = Delivery(
            run_id="run-1",
            workflow="standard_dev",
            outcome=Outcome.FAILED,
            repository="shop",
            started_at=AT,
            finished_at=AT,
        )

    def learn(self, **facts):
        self.delivery = self.delivery.model_copy(update=facts)


@pytest.fixture
def report():
    return Report()


def change(name):
    return Changeset(
        base_commit="c0ffee",
        tree=name,
        diff=name,
        files=(FileChange(path="a.py", status="modified", additions=1, deletions=0),),
        summary=ImplementationSummary(summary="Add it up", commit_subject="Add it up"),
    )


def gates(*failed, passed=0):
    good = (Gate(name=f"p{n}", status=GateStatus.PASSED, summary="fine") for n in range(passed))
    bad = (
        Gate(name=f"f{n}", status=GateStatus.FAILED, summary="bad", details=tuple(details))
        for n, details in enumerate(failed)
    )
    return (*good, *bad)


def see(best, report, name, found, told):
    report.learn(changeset=change(name), gates=found)
    start, asked = best.see(report.delivery.changeset, told)
    return start.tree, asked


def test_a_state_that_is_worse_is_taken_back_and_the_agent_told_so(report):
    best = BestState(report)
    assert see(best, report, "first", gates("ab"), "two fail") == ("first", "two fail")
    assert see(best, report, "second", gates("a"), "one fails") == ("second", "one fails")
    start, asked = see(best, report, "third", gates("abc", "d"), "all fail")
    assert start == "second"
    assert asked.startswith("one fails\n")
    assert asked.endswith("it made more fail:\nall fail")
    with pytest.raises(ChecksFailed), best.left_at_failure():
        raise ChecksFailed("It still fails.", hint="Read what fails.")
    assert report.delivery.changeset.tree == "second"
    assert report.delivery.gates == gates("a")


def test_who_comes_further_is_better_whatever_fails_there(report):
    best = BestState(report)
    see(best, report, "early", gates("a"), "bounds")
    assert see(best, report, "late", gates("abc", passed=4), "review")[0] == "late"


def test_rounds_that_better_nothing_are_counted(report):
    best = BestState(report)
    see(best, report, "first", gates("ab"), "x")
    for number in range(MAX_IDLE_ROUNDS):
        assert not best.is_stuck
        assert see(best, report, f"like {number}", gates("cd"), "y") == (f"like {number}", "y")
    assert best.is_stuck
    report.learn(changeset=change("never judged"))
    with pytest.raises(ChecksFailed), best.left_at_failure():
        raise ChecksFailed("It still fails.", hint="Read what fails.")
    assert report.delivery.changeset.tree == f"like {MAX_IDLE_ROUNDS - 1}"


def test_what_is_better_and_was_not_judged_to_the_end_stays(report):
    best = BestState(report)
    see(best, report, "first", gates("ab"), "x")
    report.learn(changeset=change("second"), gates=gates(passed=3))
    with pytest.raises(ChecksFailed), best.left_at_failure():
        raise ChecksFailed("The review could not be paid.", hint="Raise the budget.")
    assert report.delivery.changeset.tree == "second"
