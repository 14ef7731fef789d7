"""How long a run may work: over all its processes, and without its waiting for people."""

import time

import pytest

from flows._clock import RunClock
from mergewright.errors import LimitReached, StageOverdue
from tasks._runs import event_store
from tasks._time_limits import seconds_of
from tasks.past_runs import find_run
from tests.events.samples import stage_finished, started


def run_with(*stages):
    event_store().append([started("run-1"), *stages])
    return find_run("run-1")


def test_without_a_limit_every_stage_has_its_own_time(home):
    own = seconds_of("check-1")
    with RunClock(run_with(), None).counting("check-1"):
        assert seconds_of("check-1") == own


def test_a_stage_has_no_more_than_what_is_left(home):
    clock = RunClock(run_with(stage_finished("check-0", took=50)), 1)
    with clock.counting("check-1"):
        assert 5 < seconds_of("check-1") <= 10


def test_when_the_time_is_over_no_stage_begins(home):
    clock = RunClock(run_with(stage_finished("check-0", took=61)), 1)
    with pytest.raises(LimitReached, match="1 minutes that a standard_dev"), clock.counting("plan"):
        pytest.fail("the stage began")
    clock.lift()
    with clock.counting("report"):
        pass


def test_waiting_for_a_person_is_not_counted(home):
    clock = RunClock(run_with(stage_finished("approve-change", took=4000)), 1)
    with clock.counting("approve-change"):
        assert seconds_of("approve-change") > 100
        time.sleep(0.2)
    with clock.counting("push"):
        assert 59.5 < seconds_of("push") <= 60


def test_the_time_of_an_old_script_is_its_own(home):
    clock = RunClock(run_with(stage_finished("script-check", took=4000)), 1)
    with clock.counting("script"):
        assert seconds_of("script") > 100
        time.sleep(0.1)
    with clock.counting("plan"):
        assert 59.5 < seconds_of("plan") <= 60


def overdue(clock):
    """Do a stage that is ended by its timer."""
    with clock.counting("check-1"):
        time.sleep(0.2)
        raise StageOverdue("It did not end.")


def test_a_stage_that_is_ended_by_the_runs_limit_says_so(home):
    run = run_with(stage_finished("check-0", took=59.9))
    with pytest.raises(LimitReached, match="'check-1'"):
        overdue(RunClock(run, 1))
    with pytest.raises(StageOverdue):
        overdue(RunClock(run, 60))
