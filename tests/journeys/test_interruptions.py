"""A run that is killed with SIGKILL goes on, pays for no answer twice and repeats no effect."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable

import pytest

from mergewright.testing.messages_server import MessagesServer
from tests.journeys.places import BRANCH, git, json_of
from tests.journeys.tally_answers import reply, stage_of, turn_of

pytestmark = [pytest.mark.engine, pytest.mark.journey]

CALLS = 25


class KillingServer:
    """Answers as recorded, and kills the run's process when it asks for a certain answer."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.places: list[tuple[str, int]] = []
        self.killed: list[tuple[str, int]] = []
        self._lock = threading.Lock()

    def script(self, body, number):
        place = (stage_of(body), turn_of(body))
        with self._lock:
            if place in self.places and self.process is not None:
                self.places.remove(place)
                self.killed.append(place)
                os.killpg(self.process.pid, signal.SIGKILL)
        return reply(body, number)


def start(shop, *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        shop.run(*words), env=shop.environment, text=True, cwd=shop.home.parent,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip


@pytest.fixture
def killing(shop, monkeypatch) -> Callable[..., tuple[KillingServer, MessagesServer]]:
    killer = KillingServer()
    with MessagesServer(killer.script) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")

        def run_through(*places: tuple[str, int]) -> tuple[KillingServer, MessagesServer]:
            """Run, be killed at each place in turn, and start the same command again each time."""
            for place in places:
                killer.places = [place]
                killer.process = start(shop)
                _, errors = killer.process.communicate(timeout=120)
                assert killer.process.returncode == -signal.SIGKILL, errors
            killer.process = None
            return killer, server

        yield run_through


def test_a_run_killed_in_implement_pays_once_for_every_answer(shop, killing):
    killer, server = killing(("implement", 5))
    done = shop.call(shop.run("--json"))
    assert done.returncode == 0, done.stderr
    report = json_of(done)
    assert killer.killed == [("implement", 5)]
    # the one answer that was on its way is asked for again: nobody had received it
    assert len(server.requests) == CALLS + 1
    assert report["costs"]["calls"] == CALLS + 1
    assert report["costs"]["replayed"] == 5
    states = {stage["name"]: stage["state"] for stage in report["stages"]}
    assert states["research"] == states["plan"] == "reused"
    look_at_effects(shop, report)


def test_a_run_killed_again_and_again_ends_like_one_left_alone(shop, killing):
    places = (("research", 1), ("implement", 1), ("implement", 6), ("repair-1", 3), ("review-1", 0))
    killer, server = killing(*places)
    done = shop.call(shop.run("--json"))
    assert done.returncode == 0, done.stderr
    report = json_of(done)
    assert killer.killed == list(places)
    assert len(server.requests) == CALLS + len(places)
    look_at_effects(shop, report)
    undisturbed = git(shop.repository, "rev-parse", f"{BRANCH}^{{tree}}")
    assert undisturbed.strip() == report["changeset"]["tree"]


def test_a_ticket_that_is_edited_meanwhile_is_told_and_pays_for_nothing_again(shop, killing):
    _, server = killing(("plan", 0))
    shop.ticket.write_text(shop.ticket.read_text().replace("10.00", "20.00"))
    done = shop.call(shop.run("--json"))
    assert done.returncode == 0, done.stderr
    assert len(server.requests) == CALLS + 1
    assert "10.00" in json_of(done)["ticket"]["description"]
    (note,) = [event.text for event in shop.events("noted") if "--fresh" in event.text]
    assert note.startswith("The ticket was changed since the run began")


def test_a_finished_run_is_not_repeated(shop, killing):
    _, server = killing()
    assert shop.call(shop.run()).returncode == 0
    again = shop.call(shop.run("--json"))
    assert again.returncode == 6
    assert len(server.requests) == CALLS
    assert len(shop.pull_requests()) == 1


def look_at_effects(shop, report):
    """One branch, one pull request, one comment, one page, one message; one run."""
    assert report["outcome"] == "delivered"
    assert shop.branches() == [BRANCH, "main"]
    assert len(shop.pull_requests()) == 1
    ticket = (shop.home / "tickets" / "TALLY-7.md").read_text()
    assert ticket.count("mergewright-delivery") == 1
    assert ticket.count(str(shop.pull_requests()[0])) == 2, "in the comment and as a link"
    assert not list((shop.home / "pages" / "deliveries" / ".versions").glob("*"))
    mails = [mail.name for mail in (shop.home / "mailbox").glob("*.eml")]
    # killed often enough, a run comes near its budget, and says so
    assert len([name for name in mails if "cost-alarm" not in name]) == 2
    assert len(mails) <= 3
    assert len({event.run_id for event in shop.events("run_started")}) == 1
    effects = [event.key for event in shop.events("effect_done")]
    assert len(effects) == len(set(effects)) == 11 + len(mails)
