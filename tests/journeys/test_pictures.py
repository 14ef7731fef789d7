"""Agents look at the pictures of a ticket: the same ones after a kill, elsewhere, and in a replay."""

import os
import shutil
import signal
import subprocess
from base64 import b64encode
from dataclasses import replace

import pytest

from flows.replay import replay
from mergewright.domain.replay import ReplayRequest
from mergewright.settings import settings
from mergewright.testing.messages_server import MessagesServer
from tests.agents.picture_samples import png
from tests.journeys import greeting_answers
from tests.journeys.places import Shop, commit_all, git, json_of

pytestmark = [pytest.mark.engine, pytest.mark.journey]

SHOT = png(text=b"what the customer sees")


@pytest.fixture
def small(home, tmp_path, engine):
    repository, ticket = tmp_path / "tally", tmp_path / "GREET-1.md"
    repository.mkdir()
    git(repository, "init", "--quiet", "--initial-branch", "main")
    for name, text in greeting_answers.FILES.items():
        (repository / name).write_text(text)
    commit_all(repository, "Greet")
    ticket.write_text(greeting_answers.TICKET)
    shop = Shop(home=home, repository=repository, ticket=ticket, api=engine)
    attach(shop, SHOT)
    return shop


def attach(shop, data):
    folder = shop.home / "tickets" / "GREET-1"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "shot.txt.png").write_bytes(data)
    (folder / "huge.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 4_000_000)


def pictures_in(body):
    (opening, *_) = body["messages"]
    if isinstance(opening["content"], str):
        return []
    return [block["source"] for block in opening["content"] if block["type"] == "image"]


def test_a_picture_is_the_same_after_a_kill_on_another_machine_and_in_a_replay(small, monkeypatch):
    running = []

    def script(body, number):
        if running and greeting_answers.place_of(body)[0] == "plan":
            os.killpg(running.pop().pid, signal.SIGKILL)
        return greeting_answers.reply(body, number)

    with MessagesServer(script) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        settings.cache_clear()
        process = subprocess.Popen(
            small.run(), env=small.environment, cwd=small.home.parent, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        running.append(process)
        output, _ = process.communicate(timeout=120)
        assert process.returncode == -signal.SIGKILL, output
        (started,) = small.events("run_started")

        elsewhere = replace(small, home=small.home.parent / "elsewhere" / "home")
        elsewhere.home.mkdir(parents=True)
        for path in small.home.glob("events.db*"):
            if path.is_file():
                shutil.copy(path, elsewhere.home)
        shutil.copytree(small.home / "tickets", elsewhere.home / "tickets")
        attach(elsewhere, png(text=b"something else by now"))
        done = elsewhere.call(elsewhere.command("resume", started.run_id, "--json"))
        assert done.returncode == 0, done.stderr
        see_who_was_shown_what(server)
        see_it_told(elsewhere, json_of(done))

        asked = len(server.requests)
        monkeypatch.setenv("MERGEWRIGHT_HOME", str(elsewhere.home))
        settings.cache_clear()
        report = replay(ReplayRequest(run_id=started.run_id))
        assert (report.same, report.drifted) == (True, 0)
        assert len(server.requests) == asked


def see_who_was_shown_what(server):
    """Those who find out what is wanted, and each at every call."""
    source = {"type": "base64", "media_type": "image/png", "data": b64encode(SHOT).decode()}
    shown = {}
    for body in server.requests:
        shown.setdefault(greeting_answers.place_of(body)[0], []).append(pictures_in(body))
    assert shown["research"] == [[source]]
    assert shown["plan"] == [[source]] * 2
    assert all(pictures == [] for pictures in shown["implement"] + shown["review"])


def see_it_told(shop, report):
    (left,) = [one for one in report["left"] if one["effect"] == "picture"]
    assert left["target"] == "huge.png"
    assert "it has 4000008 bytes" in left["reason"]
    written = (shop.home / "runs" / report["run_id"] / "report.md").read_text()
    assert "picture huge.png" in written
