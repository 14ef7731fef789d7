"""`mergewright serve`: each workflow by `prefect deployment run`, by events and by a poll; and its end."""

import json
import subprocess
import sys

import httpx
import pytest
from tenacity import Retrying, retry_if_result, stop_after_delay, wait_fixed

from mergewright.clients.local_forge import LocalForge
from mergewright.domain.delivery import Outcome
from mergewright.events.projections import report_of
from mergewright.settings import settings
from mergewright.testing.messages_server import MessagesServer
from tests.journeys import documentation_answers, hotfix_answers
from tests.journeys.places import BRANCH, DEMO, MODEL, Shop, git
from tests.journeys.serving import ask_server, begin_run, free_port, serving
from tests.journeys.three_repositories import reply

pytestmark = [pytest.mark.journey, pytest.mark.timeout(600)]

ADA, BOB = "Ada Moreau <ada@example.com>", "Bob Ray <bob@example.com>"
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
HASTY = """\
name: hasty
tracker: {type: mergewright-ticket-folder}
code_host: {type: mergewright-pull-request-folder}
wiki: {type: mergewright-page-folder}
messenger: {type: mergewright-console-messenger}
workflow_policies:
  - {workflow: standard_dev, approval: {expires_after: PT1S}}
"""
"""A profile of people who want an answer at once."""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """Serve three repositories with a Prefect home of its own, and answer its model calls."""
    folder = tmp_path_factory.mktemp("served")
    git(folder, "clone", "--quiet", "--branch", "main", str(DEMO / "tally.bundle"), "tally")
    ticket = folder / "TALLY-7.md"
    ticket.write_bytes((DEMO / "TALLY-7.md").read_bytes())
    hotfix_answers.make_repository(folder / "greet")
    documentation_answers.make_repository(folder / "lib")
    documentation_answers.rename(folder / "lib")
    (folder / "home" / "tickets").mkdir(parents=True)
    (folder / "hasty.yaml").write_text(HASTY)
    with MessagesServer(reply) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("ANTHROPIC_BASE_URL", server.url)
        patch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        settings.cache_clear()
        shop = Shop(
            folder / "home", folder / "tally", ticket, f"http://127.0.0.1:{free_port()}/api"
        )
        with serving(shop):
            yield shop
    settings.cache_clear()


def by_command(served, deployment, **request):
    """Run a deployment with Prefect's own command, and watch it to its end."""
    return subprocess.run(
        [
            sys.executable, "-m", "prefect", "deployment", "run", deployment,
            "--params", json.dumps({"request": request}), "--watch",
        ],
        env=served.environment, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def command(served, *words, user=BOB):
    """Run our command line as a person."""
    environment = {**served.environment, "MERGEWRIGHT_USER": user}
    return subprocess.run(
        served.command(*words), env=environment, capture_output=True, text=True, timeout=300,
        check=False, stdin=subprocess.DEVNULL, cwd=served.home.parent,
    )  # fmt: skip


def reports_of(served, workflow):
    """Return the reports of a workflow's runs that have ended, oldest first."""
    runs = [event.run_id for event in served.events("run_started") if event.workflow == workflow]
    ends = served.events("run_finished")
    return [
        report_of([end for end in ends if end.run_id == run_id])
        for run_id in dict.fromkeys(runs)
        if any(end.run_id == run_id for end in ends)
    ]


def wait_for(look, seconds=240):
    waiting = Retrying(
        wait=wait_fixed(1),
        stop=stop_after_delay(seconds),
        retry=retry_if_result(lambda found: not found),
    )
    return waiting(look)


def state_of(served, flow_run_id):
    return ask_server(served.api, "GET", f"flow_runs/{flow_run_id}")["state"]


def ended(served, flow_run_id):
    """Return the state of a run once it has ended."""
    wait_for(lambda: state_of(served, flow_run_id)["type"] in ENDED)
    return state_of(served, flow_run_id)


def suspended(served, flow_run_id):
    """Wait until a run waits for a person; return its question."""

    def look():
        state = state_of(served, flow_run_id)
        assert state["type"] not in ENDED, state
        return state["name"] == "Suspended"

    wait_for(look)
    starts = served.events("run_started")
    (run_id,) = {one.run_id for one in starts if one.flow_run_id == flow_run_id}
    return next(one for one in served.events("approval_requested") if one.run_id == run_id)


def fix_rule(served, deployment, **rule):
    """Change what a deployment does on its event, as its file would say it."""
    found = ask_server(served.api, "GET", f"deployments/name/{deployment}")
    changed = {"parameters": {"rule": found["parameters"]["rule"] | rule}}
    address = f"{served.api}/deployments/{found['id']}"
    httpx.patch(address, json=changed, timeout=60).raise_for_status()


def test_a_deployment_runs_by_command_and_its_form_is_complete(served):
    look_at_the_form(served.api)
    done = by_command(
        served, "standard-dev/default", ticket=str(served.ticket), repository=str(served.repository)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "TALLY-7 in tally" in done.stdout
    assert served.branches() == [BRANCH, "main"]
    assert len(served.pull_requests()) == 1
    wanted = {"Fetch the ticket", "Implement", "Review the change (round 1)", "Notify"}
    # the server writes task runs down some seconds after they ended
    wait_for(lambda: wanted <= {run["name"] for run in ask(served.api, "task_runs/filter", {})}, 60)
    see_events_begin_runs(served)
    scheduled = [run for run in ask(served.api, "flow_runs/filter", {}) if run["auto_scheduled"]]
    assert "housekeeping" in {tag for run in scheduled for tag in run["tags"]}


def test_the_documentation_runs_by_command_and_when_a_release_is_published(served):
    lib = served.home.parent / "lib"
    done = by_command(served, "documentation/default", repository=str(lib), model=MODEL)
    assert done.returncode == 0, done.stdout + done.stderr
    (first,) = reports_of(served, "documentation")
    assert first.outcome is Outcome.DELIVERED
    fix_rule(served, "on-event/release-published", request={"repository": str(lib)})
    event_id = emit(served, "mergewright.release.published", {"tag": "v2.0.0"})
    run = run_of_event(served, event_id)
    assert (run["state"]["type"], run["name"]) == ("COMPLETED", "v2.0.0: release published")
    later = reports_of(served, "documentation")[-1]
    assert (later.outcome, later.costs.calls) == (Outcome.NOTHING_TO_DO, 0)


def test_a_hotfix_runs_by_command_and_when_an_event_says_its_ticket_is_ready(served):
    tickets, repository = served.home / "tickets", served.home.parent / "greet"
    hotfix_answers.make_ticket(tickets / "GREET-1.md")
    asked = {"repository": str(repository), "model": MODEL, "requested_by": ADA}
    done = by_command(served, "hotfix/rehearsal", ticket="GREET-1", **asked)
    assert done.returncode == 0, done.stdout + done.stderr
    fix_rule(served, "on-event/ticket-ready", workflow="hotfix", request=asked)
    event_id = emit(served, "mergewright.ticket.ready", {"ticket": "GREET-1"})
    flow_run_id = run_of_event(served, event_id, {"PAUSED"})["id"]
    question = suspended(served, flow_run_id)
    polled = command(served, "tickets", "poll", "GREET-1", "--plan", "--json")
    (found,) = json.loads(polled.stdout)["tickets"]
    assert (found["outcome"], question.run_id in found["reason"]) in {
        ("not ready", False), ("under way", True),
    }  # fmt: skip
    refused = command(served, "approve", question.run_id, user=ADA)
    assert refused.returncode == 3
    assert "asked for the run" in refused.stderr
    assert command(served, "approve", question.run_id).returncode == 0
    assert ended(served, flow_run_id)["type"] == "COMPLETED"
    assert [one.outcome for one in reports_of(served, "hotfix")] == [
        Outcome.REHEARSED, Outcome.DELIVERED,
    ]  # fmt: skip
    opened = LocalForge().pull_requests(str(repository), "GREET-1")
    assert {one.base for one in opened} == {"release/1.4", "main"}


def test_a_poll_has_the_worker_begin_what_is_ready_once(served):
    ticket = "---\nkey: OPEN-1\ntitle: Open the shop\nlabels: [ready]\n---\nAt nine.\n"
    (served.home / "tickets" / "OPEN-1.md").write_text(ticket)
    fix_rule(served, "on-event/ticket-ready", workflow="standard_dev", request={"profile": "local"})
    nowhere = str(served.home.parent / "nowhere")
    words = ("tickets", "poll", "label:ready", "--repo", nowhere, "--json")
    (begun,) = json.loads(command(served, *words).stdout)["tickets"]
    assert (begun["key"], begun["outcome"]) == ("OPEN-1", "begun")
    state = ended(served, begun["flow_run_id"])
    assert state["type"] == "FAILED"
    assert "nowhere" in state["message"]
    (started,) = [
        one for one in served.events("run_started") if one.flow_run_id == begun["flow_run_id"]
    ]
    assert (started.ticket, started.repository) == ("OPEN-1", nowhere)
    (again,) = json.loads(command(served, *words).stdout)["tickets"]
    assert again["outcome"] == "worked on"


def test_what_waits_ends_when_nobody_answers_and_when_it_is_closed(served):
    applied = command(served, "profile", "apply", str(served.home.parent / "hasty.yaml"))
    assert applied.returncode == 0, applied.stderr
    # another ticket than the one that has its pull request by now
    ticket = served.ticket.with_name("TALLY-9.md")
    ticket.write_text(served.ticket.read_text().replace("TALLY-7", "TALLY-9"))
    asked = {"ticket": str(ticket), "repository": str(served.repository), "model": MODEL}
    hasty = begin_run(served.api, "standard-dev/approved", {**asked, "profile": "hasty"})
    patient = begin_run(served.api, "standard-dev/approved", {**asked, "profile": "local"})
    late, asks = suspended(served, hasty), suspended(served, patient)
    closed = command(served, "close", asks.run_id, "--reason", "Not now.", "--json")
    (run,) = json.loads(closed.stdout)["runs"]
    assert (run["closed"], run["outcome"], run["flow_runs"]) == (True, "failed", [patient])
    assert state_of(served, patient)["type"] == "CANCELLED"
    told = (served.home / "tickets" / "TALLY-9.md").read_text()
    assert "The run waited for an answer in stage 'approve-plan' and was closed: Not now." in told
    assert command(served, "approve", asks.run_id).returncode == 8

    too_late = command(served, "approve", late.run_id)
    assert too_late.returncode == 3
    assert "comes too late" in too_late.stderr
    sweep = ask(served.api, f"deployments/{sweeping(served)}/create_flow_run", {})["id"]
    assert ended(served, sweep)["type"] == "COMPLETED"
    state = ended(served, hasty)
    assert state["type"] == "FAILED"
    assert "Nobody decided about the plan" in state["message"]
    (end,) = [one for one in served.events("run_finished") if one.run_id == late.run_id][-1:]
    assert (end.outcome, end.resumable) == ("failed", True)
    assert len(served.events("approval_expired")) == 1


def sweeping(served):
    return ask_server(served.api, "GET", "deployments/name/notices-send-due/default")["id"]


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


def run_of_event(served, event_id, states=frozenset({"COMPLETED", "FAILED"})):
    """Return the one run that an event began, once it has come to one of some states."""

    def look():
        runs = ask(served.api, "flow_runs/filter", {"limit": 200})
        found = [run for run in runs if run["parameters"].get("event_id") == event_id]
        assert len(found) <= 1
        return found[0] if found and found[0]["state"]["type"] in states else None

    return wait_for(look)


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
