"""Which run this process works on, and how far a run is."""

import os
import socket
from datetime import timedelta
from decimal import Decimal

from mergewright.domain.requests import ApprovalPoint
from mergewright.events.sqlite import SqliteEventStore
from mergewright.events.watching import own_run, state_of
from tests.cli.example_log import asking, delivered, failed, working


def test_only_a_run_that_this_process_begins_later_is_its_own(tmp_path):
    store = SqliteEventStore(tmp_path / "events.db")
    store.append(delivered("tally-7-before", process_id=os.getpid()))
    find = own_run(store)
    assert find() is None
    store.append(working("tally-7-other", process_id=os.getpid() + 1))
    assert find() is None
    store.append(working("tally-7-own", process_id=os.getpid()))
    assert find() == "tally-7-own"
    process = store.read(run_id="tally-7-own")[0].event.process
    assert process == f"{socket.gethostname()}:{os.getpid()}"
    store.close()


def test_a_run_that_has_not_begun_has_no_state():
    assert state_of([], working()[-1].at) is None


def test_a_run_under_way_counts_its_time_until_now():
    events = working()
    state = state_of(events, events[0].at + timedelta(minutes=5))
    assert (state.outcome, state.seconds) == ("", 300.0)
    assert state.stages[0].name == "Fetch the ticket"
    assert state.stages[-1].state == "running"
    assert (state.base, state.budget_usd) == ("main", Decimal("3.0"))
    assert state.model == "anthropic:claude-opus-5-5"


def test_a_run_that_has_ended_keeps_its_time():
    for events, outcome in ((delivered(), "delivered"), (failed(), "failed")):
        state = state_of(events, events[-1].at + timedelta(days=1))
        assert state.outcome == outcome
        assert state.seconds == (events[-1].at - events[0].at).total_seconds()
        # gone on with: it is under way again
        again = [*events, events[0].model_copy(update={"at": events[-1].at})]
        assert state_of(again, events[-1].at).outcome == ""


def test_a_question_that_nobody_has_answered_is_waited_for():
    events = asking(subject="The plan")
    assert state_of(events, events[-1].at).waits_for in set(ApprovalPoint)
    assert state_of(delivered(), events[-1].at).waits_for == ""
