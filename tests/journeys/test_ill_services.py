"""A run whose services become ill after it has opened its pull request, and what is done later."""

import json

import pytest

from mergewright.settings import settings
from mergewright.testing.messages_server import MessagesServer
from tests.clients.loopback import Answer
from tests.clients.slack_server import refusal
from tests.journeys.places import MODEL, json_of
from tests.journeys.tally_answers import reply
from tests.journeys.team_services import KEY, PROFILE, Once, team_services

pytestmark = [pytest.mark.engine, pytest.mark.journey, pytest.mark.timeout(500)]

CHANNELS = ("", " by mergewright-mail/team")


@pytest.fixture
def team(tmp_path):
    with team_services(tmp_path) as services:
        services.save_profile()
        yield services


@pytest.fixture
def messages(monkeypatch):
    with MessagesServer(reply) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        settings.cache_clear()
        yield server


def make_ill(team):
    """Let wiki, messengers and tracker refuse from now on, each in its own way."""
    team.confluence.answer = lambda _: Answer(403, {"message": "Not permitted"})
    team.slack.answer = lambda _: refusal("token_revoked")
    team.jira.answer = lambda _: Answer(403, {"errorMessages": ["Not permitted"]})
    team.smtp.faults = {"MAIL": ["554 5.7.1 Not permitted"] * 50}


def make_well(team):
    for server in (team.confluence, team.slack, team.jira):
        del server.answer
    team.smtp.faults = {}


def test_the_run_delivers_and_the_rest_is_done_later(shop, team, messages):
    Once(team.github, "POST", "/pulls", lambda: make_ill(team))
    done = shop.call(
        shop.command(
            "run", "standard-dev", KEY, "--repo", team.repository, "--profile", PROFILE,
            "--model", MODEL, "--json",
        )
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json_of(done)
    assert report["outcome"] == "delivered"
    assert report["page"] is None
    told = {(one["effect"], one["target"]): one for one in report["left"]}
    events = ("pull request opened", "delivered")
    for one in ("page", "ticket-update"):
        assert told[one, ""]["remedy"] == f"mergewright effects retry {report['run_id']}"
    for channel in CHANNELS:
        assert ("message", f"pull request opened{channel}") in told
    written = (shop.home / "runs" / report["run_id"] / "report.md").read_text()
    assert "## What was not done" in written
    assert f"mergewright effects retry {report['run_id']}" in written
    assert not team.slack.messages
    assert not team.smtp.taken

    listed = shop.call(shop.command("effects", "list", "last", "--json"))
    found = {(one["effect"], one["target"]) for one in json.loads(listed.stdout)}
    assert {("message", f"{event}{channel}") for event in events for channel in CHANNELS} <= found
    assert any(effect == "page" for effect, _ in found)

    still = shop.call(shop.command("effects", "retry", "last", "--json"))
    assert still.returncode == 8, still.stderr
    assert {one["outcome"] for one in json_of(still)["effects"]} == {"open"}

    make_well(team)
    later = shop.call(shop.command("effects", "retry", "--all", "--json"))
    assert later.returncode == 0, later.stdout + later.stderr
    look(team)
    written = (shop.home / "runs" / report["run_id"] / "report.md").read_text()
    assert "mergewright effects retry" not in written.partition("## What was not done")[2]
    assert "done later: " in written
    assert all(one["done"] for one in shop.events("run_finished")[-1].report["left"])
    again = shop.call(shop.command("effects", "retry", "last"))
    assert again.returncode == 0, again.stderr
    assert "Nothing is open" in again.stdout
    look(team)


def look(team):
    """Each is there once, and the later messages are below the first."""
    assert team.jira.status_of(KEY) == "Code Review"
    (page,) = (one for one in team.confluence.pages.values() if KEY in one.now.title)
    assert len(page.versions) == 1
    assert len(team.slack.messages) == 2
    first, second = team.slack.messages
    assert not first.get("thread_ts")
    assert second["thread_ts"] == first["ts"]
    assert len(team.smtp.taken) == 2
