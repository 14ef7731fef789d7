"""A hotfix that is killed on both sides of its approval goes on, and all of it can be undone."""

import os
import signal
import subprocess

import pytest

from mergewright.clients.local_forge import LocalForge
from mergewright.testing.messages_server import MessagesServer
from tests.journeys import hotfix_answers as answers
from tests.journeys.places import MODEL, Shop, git, json_of

pytestmark = [pytest.mark.engine, pytest.mark.journey, pytest.mark.timeout(600)]

ADA, BOB = "Ada Moreau <ada@example.com>", "Bob Ray <bob@example.com>"


class Killer:
    """Answers as the agents do, and kills the run's process once at each of two requests."""

    def __init__(self):
        self.process = None
        self.left = {("implement", 1): 1, ("review", 0): 2}
        """At how many requests for an answer the run is killed."""

    def script(self, body, number):
        place = answers.place_of(body)
        if place in self.left:
            self.left[place] -= 1
            if not self.left[place]:
                del self.left[place]
                os.killpg(self.process.pid, signal.SIGKILL)
        return answers.playing()(body, number)


def test_killed_twice_it_pays_once_and_publishes_once_and_is_undone(home, tmp_path, engine):
    ticket = answers.make_ticket(tmp_path / "GREET-1.md")
    shop = Shop(home=home, repository=tmp_path / "tally", ticket=ticket, api=engine)
    released = answers.make_repository(shop.repository)
    killer = Killer()
    with MessagesServer(killer.script) as server:
        known = {"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "sk-ant-test-0123456789"}

        def call(*words, who=ADA):
            killer.process = subprocess.Popen(
                shop.command(*words), env=shop.environment | known | {"MERGEWRIGHT_USER": who},
                text=True, cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, start_new_session=True,
            )  # fmt: skip
            output, errors = killer.process.communicate(timeout=280)
            return subprocess.CompletedProcess(words, killer.process.returncode, output, errors)

        run = (
            "run", "hotfix", str(ticket), "--repo", str(shop.repository), "--model", MODEL, "--json",
        )  # fmt: skip
        assert call(*run).returncode == -signal.SIGKILL
        waiting = call(*run)
        assert waiting.returncode == 9, waiting.stderr
        run_id = json_of(waiting)["run_id"]
        assert call("approve", run_id, who=BOB).returncode == 0
        assert call(*run).returncode == -signal.SIGKILL
        done = call("resume", run_id, "--json")
        assert done.returncode == 0, done.stderr
        asked = [answers.place_of(body) for body in server.requests]
        undone = call("undo", run_id)
    report = json_of(done)
    assert report["run_id"] == run_id
    assert len(asked) == answers.CALLS + 1 + 2, "the answers on their way were asked for again"
    assert asked.count(("reproduce", 0)) == asked.count(("plan", 0)) == 1
    pushed = shop.events("effect_done")
    assert [one.target for one in pushed if one.effect == "branch"] == [
        "release/1.4",
        report["branch"],
        report["backport"]["branch"],
    ]
    assert report["base_commit"] == released
    assert [one.effect for one in pushed].count("pull request") == 2
    assert undone.returncode == 0, undone.stdout + undone.stderr
    assert shop.branches() == ["main"]
    known = LocalForge().pull_requests(str(shop.repository), "GREET-1")
    assert [one.state for one in known] == ["closed", "closed"]
    assert git(shop.repository, "rev-parse", "v1.4.2^{commit}").strip() == released
