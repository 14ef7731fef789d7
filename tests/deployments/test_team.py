"""The settings of compose with a real PostgreSQL and a real Redis: a run, a restart, an event."""

import json
import os
import signal
from datetime import UTC, datetime
from importlib.util import find_spec

import pytest

from tests.deployments import postgres_process
from tests.deployments.team import Team
from tests.events import redis_process

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
                yield made
            finally:
                made.stop()
        finally:
            postgres.stop()
    finally:
        redis.kill()


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
