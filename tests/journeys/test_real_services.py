"""A run against all services of a team, killed and started again: each effect is there once."""

import os
import signal
import subprocess

import pytest

from mergewright.testing.messages_server import MessagesServer
from tests.journeys.places import MODEL, Shop, json_of
from tests.journeys.tally_answers import reply, stage_of, turn_of
from tests.journeys.team_services import KEY, PROFILE, Once, Team, team_services

pytestmark = [pytest.mark.engine, pytest.mark.journey, pytest.mark.timeout(400)]

CALLS = 25
GATES = {"Syntax", "Lint", "Tests", "Proof", "Review", "Secrets", "Change policy", "Integrity"}


@pytest.fixture
def team(tmp_path):
    with team_services(tmp_path) as services:
        services.save_profile()
        yield services


def command(shop: Shop) -> list[str]:
    return shop.command(
        "run", "standard-dev", KEY, "--profile", PROFILE, "--model", MODEL, "--json",
    )  # fmt: skip


def start(shop: Shop) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command(shop), env=shop.environment, text=True, cwd=shop.home.parent,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip


def test_killed_twice_and_each_effect_is_there_once(shop, team, monkeypatch):
    running: list[subprocess.Popen[str]] = []

    def kill() -> None:
        os.killpg(running[-1].pid, signal.SIGKILL)

    def script(body, number):
        if len(running) == 1 and (stage_of(body), turn_of(body)) == ("implement", 5):
            kill()
        return reply(body, number)

    with MessagesServer(script) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        running.append(start(shop))
        _, errors = running[-1].communicate(timeout=180)
        assert running[-1].returncode == -signal.SIGKILL, errors
        # the request was carried out, and nobody heard of it
        Once(team.github, "POST", "/pulls", kill)
        running.append(start(shop))
        _, errors = running[-1].communicate(timeout=180)
        assert running[-1].returncode == -signal.SIGKILL, errors
        done = shop.call(command(shop))
    assert done.returncode == 0, done.stderr
    report = json_of(done)
    # the one answer that was in flight is asked for again
    assert len(server.requests) == CALLS + 1
    assert report["outcome"] == "delivered"
    look(team)


def look(team: Team) -> None:
    [pull] = team.github.pulls()
    assert pull["state"] == "open"
    assert pull["title"].startswith(KEY)
    assert f"[{KEY}]({team.jira.url}/browse/{KEY})" in pull["body"]
    assert team.github.labels_of(pull["number"]) == ["money", "refunds", "bug"]
    gates = [(one["context"], one["state"]) for one in team.github.statuses]
    assert len(gates) == len(set(gates)) == len(GATES)
    assert {name.removeprefix("mergewright/") for name, _ in gates} == GATES

    assert team.jira.status_of(KEY) == "Code Review"
    issue = team.jira.issues[KEY]
    [comment] = issue.comments
    assert pull["html_url"] in str(comment["body"])
    assert [link["object"]["url"] for link in issue.links.values()] == [pull["html_url"]]

    page = team.confluence.titled(f"{KEY}: Splitting a bill loses cents")
    assert page is not None
    assert len(team.confluence.pages) == 2  # the parent and the page
    assert all(len(one.versions) == 1 for one in team.confluence.pages.values())

    opened, ended = team.slack.messages
    assert "pull request opened" in opened["text"]
    assert "delivered" in ended["text"]
    assert ended["thread_ts"] == opened["ts"]
    first, last = (mail.message for mail in team.smtp.taken)
    assert last["References"] == first["Message-ID"] != last["Message-ID"]
    assert {mail["To"] for mail in (first, last)} == {"team@example.org"}
