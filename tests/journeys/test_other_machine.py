"""A run whose machine is lost goes on elsewhere, with nothing but the log and the repository."""

import os
import shutil
import signal
import subprocess
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from mergewright.events.sqlite import SqliteEventStore
from mergewright.testing.messages_server import MessagesServer
from tests.journeys.places import BRANCH, Shop, commit_all, git, json_of
from tests.journeys.tally_answers import reply, stage_of, turn_of

pytestmark = [pytest.mark.engine, pytest.mark.journey, pytest.mark.timeout(400)]

CALLS = 25
COMMENT = """
<!-- mergewright:comments -->
Somebody asks whether this will be done soon.
<!-- /mergewright:comments -->
"""
DEATHS = (("implement", 6), ("repair-1", 3))
"""Each after files were changed: by this stage, and by the one before."""


def machine(shop: Shop, name: str) -> Shop:
    """Return another machine: no home folder, no mirror, no results of Prefect."""
    folder = shop.home.parent / name
    (folder / "home").mkdir(parents=True)
    return replace(shop, home=folder / "home")


def bring_the_log(lost: Shop, new: Shop) -> None:
    for path in lost.home.glob("events.db*"):
        if path.is_file():
            shutil.copy(path, new.home)
    lose(lost)


def lose(machine: Shop) -> None:
    """Remove what could still be looked at, and would prove nothing."""
    shutil.rmtree(machine.home)
    shutil.rmtree(machine.home.parent / "prefect")


@dataclass(frozen=True)
class Sharing(Shop):
    """A machine whose event log, and maybe Prefect's results, are everyone's."""

    log: Path = Path()
    results: Path | None = None

    @property
    def environment(self) -> dict[str, str]:
        shared = {"MERGEWRIGHT_EVENT_STORE": f"sqlite:///{self.log}"}
        if self.results is not None:
            shared["PREFECT_RESULTS_LOCAL_STORAGE_PATH"] = str(self.results)
        return super().environment | shared

    def events(self, *types: str) -> list[Any]:
        store = SqliteEventStore(self.log)
        try:
            return [stored.event for stored in store.read(types=types)]
        finally:
            store.close()


class Lightning:
    """Answers as recorded, and kills the process that asks for a certain answer."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None
        self.place = ("", 0)

    def script(self, body, number):
        if (stage_of(body), turn_of(body)) == self.place and self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process = None
        return reply(body, number)

    def strike(self, shop: Shop, command: list[str], place: tuple[str, int]) -> None:
        self.place = place
        process = subprocess.Popen(
            command, env=shop.environment, text=True, cwd=shop.home.parent,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip
        self.process = process
        _, errors = process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL, errors


@pytest.fixture
def lightning(monkeypatch):
    sky = Lightning()
    with MessagesServer(sky.script) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        yield sky, server


def test_a_run_goes_on_where_only_the_log_and_the_repository_are(shop, lightning):
    sky, server = lightning
    alone = replace(machine(shop, "alone"), repository=shop.home.parent / "alone" / "tally")
    shutil.copytree(shop.repository, alone.repository)

    here = machine(shop, "first")
    sky.strike(here, here.run(), DEATHS[0])
    (started,) = here.events("run_started")
    resume = here.command("resume", started.run_id, "--json")
    there = machine(shop, "second")
    bring_the_log(here, there)
    sky.strike(there, resume, DEATHS[1])
    last = machine(shop, "third")
    bring_the_log(there, last)
    done = last.call(resume)

    assert done.returncode == 0, done.stderr
    report = json_of(done)
    assert report["outcome"] == "delivered"
    # an answer that was on its way is asked for again: nobody had received it
    assert len(server.requests) == CALLS + len(DEATHS) == report["costs"]["calls"]
    assert not [stage for stage in report["stages"] if stage["state"] == "reused"]
    keys = [event.key for event in last.events("tool_finished")]
    assert len(keys) == len(set(keys))
    assert len(last.pull_requests()) == 1

    assert alone.call(alone.run()).returncode == 0
    trees = [git(it.repository, "rev-parse", f"{BRANCH}^{{tree}}").strip() for it in (last, alone)]
    assert trees == [report["changeset"]["tree"]] * 2


@pytest.mark.parametrize(("death", "shares_results"), [(DEATHS[0], False), (("review-1", 0), True)])
def test_a_ticket_and_base_that_move_on_meanwhile_make_no_call_paid_twice(
    shop, lightning, death, shares_results
):
    sky, server = lightning
    shared = shop.home.parent / "shared"
    shared.mkdir()
    first, second = (
        Sharing(
            **{**asdict(machine(shop, name)), "log": shared / "events.db"},
            results=shared / "results" if shares_results else None,
        )
        for name in ("first", "second")
    )
    sky.strike(first, first.run(), death)
    lose(first)
    base = git(shop.repository, "rev-parse", "main").strip()
    shop.ticket.write_text(shop.ticket.read_text() + COMMENT)
    (shop.repository / "NOTES.md").write_text("Somebody else was here.\n")
    commit_all(shop.repository, "Somebody else's commit")
    moved = git(shop.repository, "rev-parse", "main").strip()
    (shop.repository / "NOTES.md").write_text("And has not done yet.\n")

    done = second.call(second.run("--json"))
    assert done.returncode == 0, done.stderr
    report = json_of(done)
    assert report["outcome"] == "delivered"
    assert len({event.run_id for event in second.events("run_started")}) == 1
    # an answer that was on its way is asked for again: nobody had received it
    assert len(server.requests) == CALLS + 1 == report["costs"]["calls"]
    reused = {stage["name"] for stage in report["stages"] if stage["state"] == "reused"}
    assert reused >= ({"research", "implement", "check-0", "repair-1"} if shares_results else set())
    # worked out on the base that it began with, and rebased when it was published
    assert report["origin"]["base_commit"] == base
    assert report["base_commit"] == moved
    assert report["ticket"]["comments"] == []
    facts = {event.name.partition(" ")[0] for event in second.events("fact_pinned")}
    assert facts == {"requester", "ticket", "base", "base-1", "tree", "triage"}
    tree = git(shop.repository, "rev-parse", f"{BRANCH}^{{tree}}").strip()
    assert tree == report["changeset"]["tree"]
    assert git(shop.repository, "rev-parse", f"{BRANCH}^").strip() == moved
