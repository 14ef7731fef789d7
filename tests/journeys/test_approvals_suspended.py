"""A deployment's run that asks is suspended: no process, whatever is restarted, and any door wakes it."""

import json

import psutil
import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from mergewright.testing.messages_server import MessagesServer
from tests.journeys.places import MODEL, Shop
from tests.journeys.serving import ask_server, begin_run, free_port, serving
from tests.journeys.tally_answers import reply
from tests.journeys.test_standard_dev import CALLS

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]
SUSPENDED = ("PAUSED", "Suspended")


@pytest.fixture
def place(home, tally, ticket, monkeypatch):
    """A place with an address for a Prefect server that is not started yet."""
    with MessagesServer(reply) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        yield Shop(home, tally, ticket, f"http://127.0.0.1:{free_port()}/api"), server


def test_a_suspended_run_survives_restarts_and_takes_answers_from_both_doors(place):
    shop, messages = place
    with serving(shop):
        flow_run_id = begin(shop)
        suspended(shop, flow_run_id)
        (plan,) = shop.events("approval_requested")
        refused = resume(shop, flow_run_id, {"decision": "approve"})
        assert refused["status"] == "REJECT"
        assert "person" in refused["details"]["reason"]
    paid = len(messages.requests)
    assert is_nobody_at_work(shop)
    # nothing of it runs any more, and the next server and worker know of it by their database
    with serving(shop):
        assert is_suspended(shop, flow_run_id)
        assert is_nobody_at_work(shop)
        stale = shop.call(shop.command("approve", plan.run_id, "--digest", "0" * 12))
        assert stale.returncode == 3
        done = shop.call(shop.command("approve", plan.run_id, "--comment", "fine"))
        assert done.returncode == 0, done.stderr
        assert "Prefect goes on with it." in done.stdout
        change = question_about(shop, "change")
        suspended(shop, flow_run_id)
        assert "+++ b/src/tally/money.py" in change.subject
        shown = form_of(shop, flow_run_id)
        assert change.subject.strip()[:2000] in shown["description"]
        assert json.loads(shown["schema"])["required"] == ["decision", "person"]
        given = {"decision": "send back", "person": "Ada <ada@example.org>", "comment": ""}
        assert resume(shop, flow_run_id, given)["status"] == "ACCEPT"
        # a rejection without a reason is not taken, and the form says so when it asks once more
        suspended(shop, flow_run_id, after=shown["key"])
        assert "without a reason" in form_of(shop, flow_run_id)["description"]
        given = {"decision": "approve", "person": "Ada <ada@example.org>", "comment": "Good."}
        assert resume(shop, flow_run_id, given)["status"] == "ACCEPT"
        assert state_of(ended(shop, flow_run_id)) == ("COMPLETED", "Completed")
    look_at_the_log(shop, paid, messages)


def look_at_the_log(shop, paid, messages):
    answers = shop.events("approval_decided")
    assert [(one.point, one.door, one.comment) for one in answers] == [
        ("plan", "command", "fine"), ("change", "form", "Good."),
    ]  # fmt: skip
    assert answers[1].by == "Ada <ada@example.org>"
    assert len(shop.events("approval_requested")) == 2
    assert len({one.run_id for one in shop.events("run_started")}) == 1
    assert paid < len(messages.requests) == CALLS
    assert len(shop.pull_requests()) == 1


def begin(shop):
    """Begin a run from the deployment; return its id."""
    request = {
        "ticket": str(shop.ticket), "repository": str(shop.repository), "model": MODEL,
        "approve": ["plan", "change"], "requested_by": "Bo <bo@example.org>",
    }  # fmt: skip
    return begin_run(shop.api, "standard-dev/approved", request)


def flow_run(shop, flow_run_id):
    return ask_server(shop.api, "GET", f"flow_runs/{flow_run_id}")


def state_of(run):
    return run["state"]["type"], run["state"]["name"]


def is_suspended(shop, flow_run_id):
    return state_of(flow_run(shop, flow_run_id)) == SUSPENDED


def wait_for(look, seconds=240):
    waiting = Retrying(
        wait=wait_fixed(0.5),
        stop=stop_after_delay(seconds),
        retry=retry_if_result(lambda found: not found),
    )
    return waiting(look)


def suspended(shop, flow_run_id, *, after=""):
    """Wait until the run is suspended, by another form than an earlier one."""

    def look():
        run = flow_run(shop, flow_run_id)
        assert run["state"]["type"] not in {"FAILED", "CRASHED", "COMPLETED"}, run["state"]
        return state_of(run) == SUSPENDED and keys_of(run)["schema"] != after

    wait_for(look)
    wait_for(lambda: is_nobody_at_work(shop), 60)


def ended(shop, flow_run_id):
    final = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
    wait_for(lambda: flow_run(shop, flow_run_id)["state"]["type"] in final)
    return flow_run(shop, flow_run_id)


def question_about(shop, point):
    def look():
        asked = shop.events("approval_requested")
        return next((one for one in asked if one.point == point), None)

    return wait_for(look)


def is_nobody_at_work(shop):
    """Whether the process that worked on the run last is gone."""
    process_id = int(shop.events("run_started")[-1].process.rpartition(":")[2])
    return not psutil.pid_exists(process_id)


def keys_of(run):
    return run["state"]["state_details"]["run_input_keyset"]


def form_of(shop, flow_run_id):
    keys = keys_of(flow_run(shop, flow_run_id))
    parts = {
        part: ask_server(shop.api, "GET", f"flow_runs/{flow_run_id}/input/{keys[part]}")
        for part in ("schema", "description")
    }
    description = parts["description"]
    if not isinstance(description, str):
        description = json.dumps(description)
    return {
        "key": keys["schema"],
        "schema": json.dumps(parts["schema"]),
        "description": description,
    }


def resume(shop, flow_run_id, given):
    """Fill the form in, as the Prefect UI does."""
    return ask_server(shop.api, "POST", f"flow_runs/{flow_run_id}/resume", {"run_input": given})
