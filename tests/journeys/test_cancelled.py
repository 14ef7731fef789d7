"""A deployed run that hangs, and one that is cancelled in Prefect: both go on when asked for again."""

from datetime import UTC, datetime

import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from mergewright.events.projections import report_of, summarise
from mergewright.testing.messages_server import MessagesServer
from tests.journeys.hanging import CALLS, LAST_CALL, Hang
from tests.journeys.places import MODEL, Shop
from tests.journeys.serving import ask_server, begin_run, free_port, serving
from tests.journeys.test_told_to_end import WIP, was_kept

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]

EARLY_CALL = ("plan", 0)
SHORT = "0.012"
"""Factor that gives the plan 65 seconds."""
GRACE_SECONDS = 30
"""After which Prefect kills what it told to end."""


@pytest.fixture
def hang(monkeypatch):
    it = Hang(EARLY_CALL, LAST_CALL)
    with MessagesServer(it.script) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        yield it, server
        it.release()


@pytest.fixture
def served(home, tally, ticket, hang):
    shop = Shop(home, tally, ticket, f"http://127.0.0.1:{free_port()}/api")
    with serving(shop, MERGEWRIGHT_STAGE_TIME_FACTOR=SHORT):
        yield shop


def until(look, seconds=250):
    waiting = Retrying(
        wait=wait_fixed(0.5),
        stop=stop_after_delay(seconds),
        retry=retry_if_result(lambda found: not found),
    )
    return waiting(look)


def begin(shop):
    fields = {"ticket": str(shop.ticket), "repository": str(shop.repository), "model": MODEL}
    return begin_run(shop.api, "standard-dev/default", fields)


def end_of(shop, flow_run):
    def look():
        state = ask_server(shop.api, "GET", f"flow_runs/{flow_run}")["state"]["type"]
        return state if state in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"} else None

    return until(look)


def test_a_deployed_run_that_is_ended_by_its_timer_or_cancelled_goes_on(served, hang):
    it, server = hang
    assert end_of(served, begin(served)) == "FAILED"
    assert it.asked[EARLY_CALL].is_set()
    events = served.events()
    assert summarise(events).resumable
    assert report_of(events).error.startswith("The stage 'plan' did not end")

    flow_run = begin(served)
    assert it.asked[LAST_CALL].wait(150)
    cancelled_at = datetime.now(UTC)
    cancelling = {"state": {"type": "CANCELLING", "name": "Cancelling"}}
    ask_server(served.api, "POST", f"flow_runs/{flow_run}/set_state", cancelling)
    assert end_of(served, flow_run) == "CANCELLED"
    events = served.events()
    assert summarise(events).resumable
    assert report_of(events).error.startswith("The run was cancelled in stage 'review-1' (SIGTERM")
    assert (events[-1].at - cancelled_at).total_seconds() < GRACE_SECONDS
    if was_kept(served):
        assert served.branches() == ["main", WIP]
        assert "was cancelled" in (served.home / "tickets" / "TALLY-7.md").read_text()

    state = end_of(served, begin(served))
    assert state == "COMPLETED", report_of(served.events()).error
    assert len({event.run_id for event in served.events("run_started")}) == 1
    # the two answers that were on their way are asked for again: nobody had received them
    assert len(server.requests) == CALLS + 2
    assert len(served.pull_requests()) == 1
