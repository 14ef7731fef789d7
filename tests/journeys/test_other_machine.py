"""A run whose machine is lost goes on elsewhere, with nothing but the log and the repository."""

import os
import shutil
import signal
import subprocess
from dataclasses import replace

import pytest

from mergewright.testing.messages_server import MessagesServer
from tests.journeys.places import BRANCH, Shop, git, json_of
from tests.journeys.tally_answers import reply, stage_of, turn_of

pytestmark = [pytest.mark.engine, pytest.mark.journey, pytest.mark.timeout(400)]

CALLS = 25
DEATHS = (("implement", 6), ("repair-1", 3))
"""Each after files were changed: by this stage, and by the one before."""


def machine(shop: Shop, name: str) -> Shop:
    """Return another machine: no home folder, no mirror, no results of Prefect."""
    folder = shop.home.parent / name
    (folder / "home").mkdir(parents=True)
    return replace(shop, home=folder / "home")


def bring_the_log(lost: Shop, new: Shop) -> None:
    for path in lost.home.glob("events.db*"):
        shutil.copy(path, new.home)
    # what could still be looked at would prove nothing
    shutil.rmtree(lost.home)
    shutil.rmtree(lost.home.parent / "prefect")


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
