"""An interrupted run that nobody goes on with is closed, and its ticket is told."""

import os
import signal
import subprocess

import pytest

from flows.close import close
from flows.standard_dev import standard_dev
from flows.undo import undo
from mergewright.cli.runs import is_interrupted
from mergewright.domain.close import CloseRequest
from mergewright.domain.undo import UndoRequest
from mergewright.errors import RunInterrupted
from mergewright.events.projections import RUNNING, summarise
from mergewright.events.sqlite import SqliteEventStore
from mergewright.testing.messages_server import MessagesServer
from tests.journeys.places import json_of
from tests.journeys.tally_answers import reply, stage_of

pytestmark = [pytest.mark.engine, pytest.mark.journey]


@pytest.fixture
def interrupted(shop, monkeypatch):
    """Kill a run with SIGKILL when it asks for its plan; return its id."""
    running = []

    def script(body, number):
        if stage_of(body) == "plan":
            os.killpg(running[0].pid, signal.SIGKILL)
        return reply(body, number)

    with MessagesServer(script) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        running.append(
            subprocess.Popen(
                shop.run(), env=shop.environment, cwd=shop.home.parent, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            )
        )  # fmt: skip
        output, _ = running[0].communicate(timeout=120)
    assert running[0].returncode == -signal.SIGKILL, output
    return shop.events("run_started")[0].run_id


def comments(shop):
    return (shop.home / "tickets" / "TALLY-7.md").read_text().count("**Closed.**")


def summary_of(shop, run_id):
    return summarise([event for event in shop.events() if event.run_id == run_id])


def test_an_interrupted_run_is_closed_once_and_its_ticket_told(shop, interrupted):
    before = summary_of(shop, interrupted)
    assert is_interrupted(before)
    done = shop.call(shop.command("close", "--interrupted", "--reason", "Too late.", "--json"))
    assert done.returncode == 0, done.stderr
    (run,) = json_of(done)["runs"]
    assert (run["run_id"], run["closed"], run["outcome"]) == (interrupted, True, "failed")
    assert comments(shop) == 1
    told = (shop.home / "tickets" / "TALLY-7.md").read_text()
    assert "**In work.**" not in told
    assert f"**Stopped.** Run `{interrupted}` failed at: Plan." in told
    assert told.count("and closed: Too late.") == 2, "in the comment of its progress as well"
    (end,) = shop.events("run_finished")
    assert not end.resumable
    assert end.report["error"] == "The run was interrupted in stage 'plan' and closed: Too late."
    assert f"mergewright undo {interrupted}" in end.report["hint"]
    after = summary_of(shop, interrupted)
    assert (after.outcome, after.stage) == ("failed", "plan")
    assert after.cost_usd > before.cost_usd, "a call without an answer counts as spent"
    assert "interrupted" not in shop.call(shop.command("runs")).stdout

    (again,) = close(CloseRequest(run_id=interrupted)).runs
    assert (again.closed, again.outcome) == (False, "failed")
    assert close(CloseRequest(interrupted=True)).runs == ()
    assert len(shop.events("run_finished")) == comments(shop) == 1

    report = undo(UndoRequest(run_id=interrupted))
    assert {effect.outcome for effect in report.effects} == {"undone"}
    assert {effect.effect for effect in report.effects} == {"comment", "progress", "start"}
    assert comments(shop) == 0


def test_a_run_that_works_is_not_closed_and_a_closed_one_is_begun_anew(shop, interrupted, messages):
    with SqliteEventStore(shop.home / "events.db").hold(interrupted):
        with pytest.raises(RunInterrupted, match="nothing was closed"):
            close(CloseRequest(run_id=interrupted))
        assert close(CloseRequest(interrupted=True)).runs == ()
    assert summary_of(shop, interrupted).outcome == RUNNING
    assert not shop.events("run_finished")
    close(CloseRequest(run_id=interrupted))
    delivery = standard_dev(shop.request())
    assert delivery.outcome == "delivered"
    assert delivery.run_id != interrupted


def test_a_ticket_that_is_gone_does_not_keep_a_run_open(shop, interrupted):
    folder = shop.home / "tickets"
    (folder / "TALLY-7.md").rename(folder / "elsewhere.txt")
    shop.ticket.rename(shop.ticket.with_suffix(".txt"))
    (run,) = close(CloseRequest(run_id=interrupted)).runs
    assert run.closed
    assert "TALLY-7" in run.untold
    shop.ticket.with_suffix(".txt").rename(shop.ticket)
    (run,) = close(CloseRequest(run_id=interrupted)).runs
    assert (run.closed, run.untold) == (False, "")
    assert comments(shop) == len(shop.events("run_finished")) == 1
