"""Who may take up a run: its log tells what it was, its hold and its last process whether it goes on."""

import socket

import pytest

from mergewright.domain.ticket_done import STAGE as DONE_STAGE
from mergewright.domain.undo import STAGE as UNDO_STAGE
from mergewright.errors import NotFound, RunInterrupted
from mergewright.events.redis_streams import RedisEventStore
from mergewright.events.sqlite import SqliteEventStore
from mergewright.settings import settings
from tasks._runs import event_store
from tasks.past_runs import find_run, holding
from tests.events.redis_process import started_or_skipped
from tests.events.samples import finished, started

HERE = f"{socket.gethostname()}:1"


@pytest.fixture
def log(home):
    store = event_store()
    yield store
    store.close()


def begin(log, *, process=HERE, ended=False):
    log.append([started("t-1-abcdef", process=process), *([finished("t-1-abcdef")] * ended)])
    return find_run("t-1-abcdef")


def test_a_run_is_what_its_log_tells(log):
    run = begin(log)
    assert (run.repository, run.profile, run.base) == ("/repo", "local", "main")
    with pytest.raises(NotFound, match="'nobody'"):
        find_run("nobody")


@pytest.mark.parametrize(("process", "ended"), [(HERE, False), ("elsewhere:1", True)])
def test_a_run_that_nobody_works_on_is_held(log, home, process, ended):
    run = begin(log, process=process, ended=ended)
    with holding(run, to=UNDO_STAGE):
        other = SqliteEventStore(home / "events.db")
        with pytest.raises(RunInterrupted, match="is held by"), other.hold(run.id):
            pass
        with pytest.raises(RunInterrupted, match="still going"), holding(run, to=UNDO_STAGE):
            pass
    with holding(run, to=UNDO_STAGE):
        pass


def test_a_run_that_may_still_go_elsewhere_is_left_alone_until_somebody_knows(log, home):
    run = begin(log, process="elsewhere:1")
    with pytest.raises(RunInterrupted, match="'elsewhere'") as caught, holding(run, to=UNDO_STAGE):
        pass
    assert f"mergewright undo {run.id} --orphaned" in caught.value.hint
    assert not (home / "runs").exists()
    with holding(run, orphaned=True, to=UNDO_STAGE):
        pass


def test_a_log_that_machines_share_tells_whether_a_run_still_goes(tmp_path, home, monkeypatch):
    redis = started_or_skipped(tmp_path)
    monkeypatch.setenv("MERGEWRIGHT_EVENT_STORE", redis.url)
    settings.cache_clear()
    try:
        run = begin(event_store(), process="elsewhere:1")
        other = RedisEventStore(redis.url)
        with (
            other.hold(run.id),
            pytest.raises(RunInterrupted, match="still going"),
            holding(run, orphaned=True, to=UNDO_STAGE),
        ):
            pass
        with holding(run, to=UNDO_STAGE):
            pass
    finally:
        redis.kill()


def test_a_ticket_that_cannot_be_moved_yet_names_a_command_that_there_is(log):
    run = begin(log, process="elsewhere:1")
    with pytest.raises(RunInterrupted) as caught, holding(run, to=DONE_STAGE):
        pass
    assert f"mergewright close {run.id} --orphaned" in caught.value.hint
    with (
        holding(run, orphaned=True, to=DONE_STAGE),
        pytest.raises(RunInterrupted, match="nothing was moved"),
        holding(run, orphaned=True, to=DONE_STAGE),
    ):
        pass
