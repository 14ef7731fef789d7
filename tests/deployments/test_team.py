"""The settings of compose with a real PostgreSQL and a real Redis: runs, a restart, an approval, an event."""

import json
import os
import signal
from datetime import UTC, datetime
from importlib.util import find_spec

import pytest

from mergewright.testing.messages_server import MessagesServer
from tests.deployments import postgres_process
from tests.deployments.team import Team
from tests.events import redis_process
from tests.journeys import documentation_answers, hotfix_answers
from tests.journeys.places import DEMO, MODEL, git
from tests.journeys.three_repositories import reply

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]


@pytest.fixture
def team(tmp_path):
    if find_spec("prefect_redis") is None:
        pytest.skip("no prefect-redis: pip install 'mergewright[team]'")
    (tmp_path / "redis").mkdir()
    redis = redis_process.started_or_skipped(tmp_path / "redis")
    try:
        postgres = postgres_process.started_or_skipped()
        try:
            made = Team(tmp_path, postgres.url, redis.database)
            try:
                with MessagesServer(reply) as messages:
                    made.environment |= {
                        "ANTHROPIC_BASE_URL": messages.url,
                        "ANTHROPIC_API_KEY": "sk-ant-test-0123456789",
                    }
                    yield made
            finally:
                made.stop()
        finally:
            postgres.stop()
    finally:
        redis.kill()


def begin_each(team):
    """Begin a run of each workflow: the documentation's, the ticket's and the hotfix's."""
    hotfix_answers.make_repository(team.folder / "greet")
    documentation_answers.make_repository(team.folder / "lib")
    documentation_answers.rename(team.folder / "lib")
    git(team.folder, "clone", "--quiet", "--branch", "main", str(DEMO / "tally.bundle"), "tally")
    tickets = team.home / "tickets"
    tickets.mkdir(parents=True, exist_ok=True)
    hotfix_answers.make_ticket(tickets / "GREET-1.md")
    (tickets / "TALLY-7.md").write_bytes((DEMO / "TALLY-7.md").read_bytes())
    asked = {
        "documentation": {"repository": str(team.folder / "lib")},
        "standard-dev": {"ticket": "TALLY-7", "repository": str(team.folder / "tally")},
        "hotfix": {"ticket": "GREET-1", "repository": str(team.folder / "greet")},
    }
    who = {"model": MODEL, "requested_by": "Ada Moreau <ada@example.com>"}
    return {
        name: team.run(f"{name}/default", {"request": {**request, **who}})
        for name, request in asked.items()
    }


def approve_hotfix(team):
    (run_id,) = {path.name for path in (team.home / "runs").glob("greet-1-*")}
    team.environment["MERGEWRIGHT_USER"] = "Bob Ray <bob@example.com>"
    given = team.call("mergewright", "approve", run_id, "--stage", "change")
    assert given.returncode == 0, given.stdout + given.stderr


def test_a_team_runs_on_postgresql_and_redis_and_survives_a_restart(team):
    migrated = team.call("migrate")
    assert migrated.returncode == 0, migrated.stdout + migrated.stderr
    team.start("server", "services")
    applied = team.call("deploy", "--json")
    assert applied.returncode == 0, applied.stderr
    assert json.loads(applied.stdout)["same"] is False
    team.start("worker")
    team.await_scheduled("housekeeping/nightly")

    run = team.run("housekeeping/nightly")
    state = team.await_end(run)
    assert state["type"] == "COMPLETED", team.log("worker")

    runs = begin_each(team)
    for name in ("documentation", "standard-dev"):
        assert team.await_end(runs[name])["type"] == "COMPLETED", team.log("worker")
    assert team.await_state(runs["hotfix"], "Suspended")["type"] == "PAUSED"

    # the hard way: nobody says goodbye
    for name in ("server", "services", "worker"):
        os.killpg(team.processes[name].pid, signal.SIGKILL)
        team.processes[name].wait()
    waiting = "housekeeping/nightly"
    team.start("server", "services")
    assert team.ask("GET", f"flow_runs/{run}")["state"]["type"] == "COMPLETED"
    put_off = team.run(waiting)
    again = team.call("deploy", "--plan", "--json")
    assert json.loads(again.stdout) == {"planned": True, "same": True, "changes": []}
    event = {
        "id": "11111111-1111-4111-8111-111111111111",
        "occurred": datetime.now(UTC).isoformat(),
        "event": "mergewright.costs.alarm",
        "resource": {"prefect.resource.id": "mergewright.costs.2026-11-20"},
        "payload": {},
    }
    team.ask("POST", "events", [event])
    team.start("worker")
    assert team.await_end(put_off)["type"] == "COMPLETED", team.log("worker")
    told = team.await_run_of("cost-digest/alarm")
    assert team.await_end(told["id"])["type"] == "COMPLETED", team.log("worker")

    approve_hotfix(team)
    assert team.await_end(runs["hotfix"])["type"] == "COMPLETED", team.log("worker")
    opened = list((team.folder / "greet.pulls").glob("000*.md"))
    assert len(opened) == 2
