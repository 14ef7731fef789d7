"""What Prefect still has suspended for a run that is over is ended, whoever finds it."""

from datetime import timedelta

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.states import Running, Suspended

from flows.close import close
from mergewright.domain.approval_events import ApprovalAwaited
from mergewright.domain.close import CloseRequest
from mergewright.domain.events import RunFinished
from mergewright.events.projections import read_events, summarise
from tasks._runs import event_store
from tasks.reminders import look_after_questions
from tests.tasks.test_reminders import DIGEST, NOW, RUN, begin, mails, smtp

__all__ = ["smtp"]

pytestmark = [pytest.mark.engine, pytest.mark.timeout(300)]


@flow
def asked():
    """Stand for the flow whose run is suspended."""


@pytest.fixture
def suspended():
    """A flow run that Prefect has suspended."""
    with get_client(sync_client=True) as client:
        run = client.create_flow_run(asked, state=Suspended(timeout_seconds=9000))
    return str(run.id)


def awaited(flow_run_id):
    return ApprovalAwaited(run_id=RUN, at=NOW, point="plan", digest=DIGEST, flow_run_id=flow_run_id)


def ended(outcome, *, resumable=False):
    return RunFinished(run_id=RUN, at=NOW, outcome=outcome, resumable=resumable)


def waiting():
    return ended("waiting", resumable=True)


def state_of(flow_run_id):
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(flow_run_id).state
    return state.type.value, state.message


def look():
    return [one.reason for one in look_after_questions(NOW + timedelta(minutes=1))]


def test_a_run_that_ended_on_a_terminal_leaves_no_form_behind(smtp, suspended):
    begin(awaited(suspended), ended("delivered"))
    assert look() == ["its suspended run has ended: nobody is asked any more"]
    assert state_of(suspended) == ("COMPLETED", f"The run {RUN} has ended elsewhere: delivered.")
    assert look() == []
    assert smtp.taken == []


def test_what_may_be_gone_on_with_stays_suspended(smtp, suspended):
    begin(awaited(suspended), ended("failed", resumable=True))
    assert look() == []
    assert state_of(suspended)[0] == "PAUSED"


def test_a_run_that_was_woken_is_left_to_itself(smtp, suspended):
    begin(awaited(suspended), ended("delivered"))
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(suspended, Running(), force=True)
    assert look() == []
    assert state_of(suspended)[0] == "RUNNING"


def test_a_run_that_waits_is_closed_when_it_is_named(smtp, suspended):
    begin(awaited(suspended), waiting())
    assert close(CloseRequest(interrupted=True)).runs == ()
    (run,) = close(CloseRequest(run_id=RUN, reason="Not wanted any more.")).runs
    assert (run.closed, run.outcome, run.flow_runs) == (True, "failed", (suspended,))
    assert state_of(suspended) == ("CANCELLED", f"The run {RUN} has ended elsewhere: failed.")
    summary = summarise(read_events(event_store(), RUN))
    assert (summary.outcome, summary.resumable) == ("failed", False)
    (again,) = close(CloseRequest(run_id=RUN)).runs
    assert (again.closed, again.flow_runs) == (False, ())
    assert look() == []
    assert mails(smtp) == [], "who was not asked is not told"


def test_a_run_that_no_server_here_knows_is_left_to_the_sweep_beside_it(smtp):
    begin(awaited("00000000-0000-4000-8000-000000000000"), waiting())
    (run,) = close(CloseRequest(run_id=RUN)).runs
    assert (run.closed, run.flow_runs) == (True, ())
    assert [one.event.key for one in event_store().read(types=("noted",))] == []
