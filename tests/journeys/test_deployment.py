"""`mergewright serve` and `prefect deployment run`, as the README says; and events begin runs."""

import json
import subprocess
import sys

import httpx
import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from mergewright.testing.messages_server import MessagesServer
from tests.journeys.places import BRANCH, Shop
from tests.journeys.serving import ask_server, free_port, serving
from tests.journeys.tally_answers import reply

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]


@pytest.fixture
def served(home, tally, ticket, monkeypatch):
    """Serve with a Prefect home of its own, and answer its model calls."""
    with MessagesServer(reply) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        shop = Shop(home, tally, ticket, f"http://127.0.0.1:{free_port()}/api")
        with serving(shop):
            yield shop


def test_a_deployment_runs_by_command_and_its_form_is_complete(served):
    look_at_the_form(served.api)
    request = {"ticket": str(served.ticket), "repository": str(served.repository)}
    done = subprocess.run(
        [
            sys.executable, "-m", "prefect", "deployment", "run", "standard-dev/default",
            "--params", json.dumps({"request": request}), "--watch",
        ],
        env=served.environment, capture_output=True, text=True, timeout=170, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "TALLY-7 in tally" in done.stdout
    assert served.branches() == [BRANCH, "main"]
    assert len(served.pull_requests()) == 1
    wanted = {"Fetch the ticket", "Implement", "Review the change (round 1)", "Notify"}
    # the server writes task runs down some seconds after they ended
    waiting = Retrying(
        wait=wait_fixed(1),
        stop=stop_after_delay(60),
        retry=retry_if_result(lambda names: not wanted <= names),
    )
    waiting(lambda: {run["name"] for run in ask(served.api, "task_runs/filter", {})})
    see_events_begin_runs(served)
    scheduled = [run for run in ask(served.api, "flow_runs/filter", {}) if run["auto_scheduled"]]
    assert "housekeeping" in {tag for run in scheduled for tag in run["tags"]}


EMIT = """
import json, sys
from prefect.events import emit_event
from prefect.events.worker import EventsWorker
event = emit_event(sys.argv[1], resource={"prefect.resource.id": "mergewright.{{ 7 * 7 }}"},
                   payload=json.loads(sys.argv[2]))
EventsWorker.instance().drain()
print(event.id)
"""
"""An event as anyone may emit it, whose resource looks like a template."""
KIND = {"__prefect_kind": "jinja", "template": "{{ 7 * 7 }}"}
"""What the server resolves where it stands in parameters."""


def see_events_begin_runs(served):
    """The merged pull request moves its ticket; what is no such event is refused, as data."""
    (document,) = served.pull_requests()
    document.write_text(document.read_text().replace("state: open", "state: merged", 1))
    (run_id,) = {event.run_id for event in served.events("run_started")}
    merged = "mergewright.pull-request.merged"
    good = emit(served, merged, {"run_id": run_id, "more": KIND})
    hostile = emit(served, merged, {"run_id": KIND, "__prefect_kind": "json", "value": "{}"})
    ready = emit(served, "mergewright.ticket.ready", {"ticket": "../../etc/passwd.md"})
    ended = {event_id: run_of_event(served, event_id) for event_id in (good, hostile, ready)}
    for event_id, run in ended.items():
        assert run["parameters"]["event_id"] == event_id
        assert set(run["parameters"]) == {"event_id", "rule"}
        assert "49" not in json.dumps(run["parameters"]["rule"])
    assert ended[good]["state"]["type"] == "COMPLETED", ended[good]["state"]
    assert ended[good]["name"] == f"{run_id}: pull-request merged"
    moved = served.events("effect_done")[-1]
    assert (moved.stage, moved.effect, moved.result) == (
        "ticket-done", "transition", {"value": "done"},
    )  # fmt: skip
    undone = json.loads(served.call(served.command("undo", run_id, "--json")).stdout)
    outcomes = {effect["target"]: effect["outcome"] for effect in undone["effects"]}
    assert outcomes["TALLY-7:done"] == "undone"
    for refused in (hostile, ready):
        assert ended[refused]["state"]["type"] == "FAILED"
        assert "is refused" in ended[refused]["state"]["message"]
        assert "passwd" not in json.dumps(ended[refused])


def emit(served, name, payload):
    done = subprocess.run(
        [sys.executable, "-c", EMIT, name, json.dumps(payload)], env=served.environment,
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return done.stdout.split()[-1]


def run_of_event(served, event_id):
    """Return the one run that an event began, once it has ended."""

    def look():
        runs = ask(served.api, "flow_runs/filter", {"limit": 200})
        found = [run for run in runs if run["parameters"].get("event_id") == event_id]
        assert len(found) <= 1
        return found[0] if found and found[0]["state"]["type"] in {"COMPLETED", "FAILED"} else None

    waiting = Retrying(
        wait=wait_fixed(1),
        stop=stop_after_delay(180),
        retry=retry_if_result(lambda run: run is None),
    )
    return waiting(look)


def look_at_the_form(api):
    deployments = {one["entrypoint"]: one for one in ask(api, "deployments/filter", {})}
    assert {"flows.undo.undo", "flows.close.close", "flows.replay.replay"} < set(deployments)
    deployment = deployments["flows.standard_dev.standard_dev"]
    fields = deployment["parameter_openapi_schema"]["definitions"]["StandardDevRequest"]
    shown = sorted(fields["properties"].values(), key=lambda field: field["position"])
    assert [field["title"] for field in shown][:3] == ["Ticket", "Repository", "Base branch"]
    assert all(field["description"] for field in shown)
    assert fields["required"] == ["ticket"]
    bad = {"parameters": {"request": {"ticket": "T-1", "repository": "x", "budget_usd": 0}}}
    refused = httpx.post(f"{api}/deployments/{deployment['id']}/create_flow_run", json=bad)
    assert refused.status_code == 409
    assert "budget_usd" in refused.text


def ask(api, path, body):
    return ask_server(api, "POST", path, body)
