"""A run that hangs is ended by its timer, one that is stopped ends at once; both end in the log."""

import os
import signal
import subprocess
import time
from datetime import UTC, datetime

import pytest

from mergewright.errors import StageOverdue
from mergewright.events.projections import report_of, summarise
from mergewright.testing.messages_server import MessagesServer
from tests.journeys.hanging import CALLS, LAST_CALL, Hang
from tests.journeys.places import BRANCH, git, json_of

pytestmark = [pytest.mark.engine, pytest.mark.journey, pytest.mark.timeout(400)]

WIP = f"wip/{BRANCH}"
SHORT = "0.012"
"""Factor that gives the review 65 seconds."""


@pytest.fixture
def hang(monkeypatch):
    it = Hang(LAST_CALL)
    with MessagesServer(it.script) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-test-0123456789")
        yield it, server
        it.release()


def start(shop, **variables):
    return subprocess.Popen(
        shop.run(), env=shop.environment | variables, text=True, cwd=shop.home.parent,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip


def look_at_the_end(shop, error, kept=True):
    """The log says why the run ended, its change is kept, its ticket is told, and it can go on."""
    summary, report = summarise(shop.events()), report_of(shop.events())
    assert (summary.outcome, summary.resumable) == ("failed", True)
    assert report.error.startswith(error)
    if not kept:
        assert set(shop.branches()) <= {"main", WIP}
        return
    assert shop.branches() == ["main", WIP]
    assert git(shop.repository, "rev-parse", f"{WIP}^{{tree}}").strip() == report.changeset.tree
    told = (shop.home / "tickets" / "TALLY-7.md").read_text()
    assert error in told
    assert f"`{WIP}`" in told


def was_kept(shop):
    """Whether the time allowed it: a machine with much to do may need too long for the guard."""
    ends = [event for event in shop.events("stage_finished") if event.stage == "salvage"]
    return [event.state for event in ends] == ["done"]


def look_at_what_went_on(shop, server):
    done = shop.call(shop.run("--json"))
    assert done.returncode == 0, done.stderr
    report = json_of(done)
    assert report["outcome"] == "delivered"
    assert len({event.run_id for event in shop.events("run_started")}) == 1
    # the one answer that was on its way is asked for again: nobody had received it
    assert len(server.requests) == CALLS + 1
    assert {BRANCH, "main"} <= set(shop.branches()) <= {BRANCH, "main", WIP}


def test_a_stage_that_hangs_is_ended_and_the_run_goes_on_later(shop, hang):
    it, server = hang
    process = start(shop, MERGEWRIGHT_STAGE_TIME_FACTOR=SHORT)
    output, errors = process.communicate(timeout=250)
    assert it.asked[LAST_CALL].is_set(), output + errors
    assert process.returncode == StageOverdue.exit_code, output + errors
    assert "MERGEWRIGHT_STAGE_TIME_FACTOR" in errors
    look_at_the_end(shop, "The stage 'review-1' did not end and was ended after 6")
    assert "The last thing it did: qa asks anthropic:" in report_of(shop.events()).error
    look_at_what_went_on(shop, server)


def test_ctrl_c_ends_the_run_in_the_log_and_the_same_command_goes_on(shop, hang):
    it, server = hang
    process = start(shop)
    assert it.asked[LAST_CALL].wait(150)
    os.kill(process.pid, signal.SIGINT)
    output, errors = process.communicate(timeout=40)
    assert process.returncode == 130, output + errors
    assert "The same command goes on" in errors + output
    look_at_the_end(shop, "The run was cancelled in stage 'review-1' (Ctrl-C).", was_kept(shop))
    look_at_what_went_on(shop, server)


def test_a_second_ctrl_c_waits_for_nothing(shop, hang):
    it, _ = hang
    # what a run that ends would wait for
    hook = shop.repository / ".git" / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nsleep 60\n")
    hook.chmod(0o755)
    process = start(shop)
    assert it.asked[LAST_CALL].wait(150)
    os.kill(process.pid, signal.SIGINT)
    time.sleep(3)
    told_at = datetime.now(UTC)
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=60)
    # at once may be before Python could say what it ended of
    assert process.returncode in {130, -signal.SIGINT}
    events = shop.events()
    # Python and Prefect take their time to leave
    assert (events[-1].at - told_at).total_seconds() < 8
    assert summarise(events).resumable
    assert report_of(shop.events()).error.startswith("The run was cancelled")
