"""A run is held by one process at a time; the hold of one that has died is waited for."""

import subprocess
import sys
import time

import pytest

from mergewright.errors import RunInterrupted
from mergewright.events.redis_streams import RedisEventStore
from mergewright.settings import settings
from tasks._holds import held, is_seen_everywhere
from tasks._runs import event_store
from tasks.undo import find_run
from tests.events.redis_process import started_or_skipped
from tests.events.samples import started

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
