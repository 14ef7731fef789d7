"""A run is held by one process at a time; the hold of one that has died is waited for."""

import subprocess
import sys
import time

import pytest

from mergewright.errors import RunInterrupted
from mergewright.events.redis_streams import RedisEventStore
from mergewright.settings import settings
from tasks._holds import alone_on_ticket, held, is_seen_everywhere
from tasks._runs import event_store
from tasks.past_runs import find_run
from tests.events.redis_process import started_or_skipped
from tests.events.samples import finished, started

RUN = "t-1-abcdef"
DIE = """
import os, signal, sys
from mergewright.events.redis_streams import RedisEventStore
store = RedisEventStore(sys.argv[1], hold_seconds=3)
hold = store.hold(sys.argv[2])
hold.__enter__()
os.kill(os.getpid(), signal.SIGKILL)
"""


def refusal(error):
    return RunInterrupted(f"Refused. {error.message}")


def run_of(store):
    store.append([started(RUN)])
    return find_run(RUN)


def test_a_second_holder_is_refused_and_the_run_has_a_folder(home):
    run = run_of(event_store())
    assert not is_seen_everywhere()
    with held(run, refusal):
        assert (home / "runs" / RUN).is_dir()
        began = time.monotonic()
        with (
            pytest.raises(RunInterrupted, match=r"^Refused\. The run .* is held by"),
            held(run, refusal),
        ):
            pass
        assert time.monotonic() - began < 1
    with held(run, refusal):
        pass
    with pytest.raises(RunInterrupted, match=r"^as it is$"), held(run, refusal):
        raise RunInterrupted("as it is")


def test_the_hold_of_a_dead_process_is_waited_for(tmp_path, home, monkeypatch):
    redis = started_or_skipped(tmp_path)
    monkeypatch.setenv("MERGEWRIGHT_EVENT_STORE", redis.url)
    settings.cache_clear()
    try:
        run = run_of(event_store())
        assert is_seen_everywhere()
        subprocess.run([sys.executable, "-c", DIE, redis.url, RUN], check=False)
        with pytest.raises(RunInterrupted), RedisEventStore(redis.url).hold(RUN):
            pass
        with held(run, refusal):
            pass
    finally:
        redis.kill()


def hotfix_of(run_id, **changes):
    fields = {"workflow": "hotfix", **changes}
    event_store().append([started(run_id).model_copy(update=fields)])
    return find_run(run_id).model_copy(update={"workflow": "hotfix"})


def test_a_second_hotfix_of_a_ticket_is_refused_until_the_first_has_ended(home):
    first, second = hotfix_of("t-1-aaaaaa"), hotfix_of("t-1-bbbbbb")
    with alone_on_ticket(first.model_copy(update={"workflow": "standard_dev"})):
        pass
    with pytest.raises(RunInterrupted, match="'t-1-bbbbbb'") as caught, alone_on_ticket(first):
        pass
    assert "mergewright resume t-1-bbbbbb" in caught.value.hint
    event_store().append([finished("t-1-bbbbbb", outcome="waiting", resumable=True)])
    with pytest.raises(RunInterrupted, match="second one is refused"), alone_on_ticket(first):
        pass
    event_store().append([finished("t-1-bbbbbb", outcome="failed", seconds=90)])
    with alone_on_ticket(first):
        event_store().append([finished("t-1-aaaaaa")])
        with pytest.raises(RunInterrupted, match="is held by"), alone_on_ticket(second):
            pass
    with alone_on_ticket(second):
        pass


def test_a_hotfix_of_another_ticket_and_a_rehearsal_go_beside(home):
    first = hotfix_of("t-1-aaaaaa")
    other = hotfix_of("t-2-bbbbbb", ticket="T-2")
    rehearsal = first.model_copy(update={"id": "t-1-cccccc", "dry_run": True})
    with alone_on_ticket(first), alone_on_ticket(other), alone_on_ticket(rehearsal):
        pass
