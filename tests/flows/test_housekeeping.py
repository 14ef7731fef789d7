"""Housekeeping removes what ended runs have left, and nothing that anyone may need."""

import os
from datetime import timedelta

import pytest

from flows.housekeeping import housekeeping
from mergewright.domain.events import RunFinished, RunStarted
from mergewright.domain.housekeeping import HousekeepingRequest
from mergewright.events.clock import utc_now
from mergewright.events.connect import open_event_store
from mergewright.settings import settings

pytestmark = pytest.mark.engine
LONG_AGO = timedelta(days=30)


@pytest.fixture
def store(home):
    home.mkdir()
    return open_event_store(settings().event_store_url)


def leave(home, store, run_id, *, ago=LONG_AGO, outcome="delivered", resumable=False):
    """A run that left a worktree, checks and a report."""
    at = utc_now() - ago
    store.append(
        [
            RunStarted(
                run_id=run_id, at=at, workflow="standard_dev", request={}, request_digest="d",
                ticket="T-1", repository="r", process="host:1", package_version="1",
            )
        ]
    )  # fmt: skip
    if outcome:
        store.append([RunFinished(run_id=run_id, at=at, outcome=outcome, resumable=resumable)])
    return fill(home / "runs" / run_id)


def fill(folder):
    for name in ("worktree", "checks"):
        (folder / name).mkdir(parents=True)
        (folder / name / "file").write_text("x" * 1000)
    (folder / "report.md").write_text("kept")
    return folder


def environment(home, name, *, days):
    folder = home / "environments" / name
    (folder / "venv").mkdir(parents=True)
    (folder / "venv" / "pyvenv.cfg").write_text("home = /usr/bin")
    long_ago = (utc_now() - LONG_AGO * 2).timestamp()
    used = (utc_now() - timedelta(days=days)).timestamp()
    os.utime(folder / "venv" / "pyvenv.cfg", (used, long_ago))
    os.utime(folder, (long_ago, long_ago))
    return folder


def test_it_removes_what_is_over_and_keeps_what_may_be_needed(home, store):
    over = leave(home, store, "over")
    recent = leave(home, store, "recent", ago=timedelta(days=1))
    failed = leave(home, store, "failed", outcome="failed", resumable=True)
    interrupted = leave(home, store, "interrupted", outcome="")
    held = leave(home, store, "held")
    unknown = fill(home / "runs" / "unknown")
    outside = fill(home.parent / "elsewhere")
    (home / "runs" / "link").symlink_to(outside)
    with store.hold("held"):
        rehearsed = housekeeping(HousekeepingRequest(dry_run=True))
        assert rehearsed.freed_bytes == 2000
        assert (over / "worktree").is_dir()
        report = housekeeping(HousekeepingRequest())
    assert report.freed_bytes == 2000
    why = {place.run_id: (place.outcome, place.reason) for place in report.places}
    assert why == {
        "over": ("removed", "it is over"),
        "recent": ("kept", "the run has not been over for long"),
        "failed": ("kept", "the run can go on"),
        "interrupted": ("kept", "the run can go on"),
        "held": ("kept", "somebody holds the run"),
        "unknown": ("kept", "the log does not know the run"),
    }
    assert sorted(path.name for path in over.iterdir()) == ["report.md"]
    for folder in (recent, failed, interrupted, held, unknown, outside):
        assert (folder / "worktree" / "file").is_file()


def test_an_environment_goes_when_nobody_uses_it_and_no_run_is_at_work(home, store):
    old = environment(home, "old", days=40)
    new = environment(home, "new", days=1)
    leave(home, store, "at-work", outcome="")
    with store.hold("at-work"):
        report = housekeeping(HousekeepingRequest())
        reasons = {place.reason for place in report.places if place.kind == "environment"}
        assert reasons == {"the run at-work is at work"}
    report = housekeeping(HousekeepingRequest())
    assert not old.exists()
    assert new.is_dir()
    assert {place.path: place.outcome for place in report.places if place.kind == "environment"} == {
        str(old): "removed", str(new): "kept",
    }  # fmt: skip
