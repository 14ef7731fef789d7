"""Leases of runs in Redis, with holders that are killed and put to sleep, and a Redis that is away."""

import os
import re
import signal
import threading
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from mergewright.errors import RunInterrupted, StoreFailed
from mergewright.events.redis_streams import RedisEventStore
from tests.events.run_holders import RunHolder
from tests.events.samples import NOON, finished, note, texts

SHORT_SECONDS = 0.4


def take_when_free(store, stack, seconds=10.0):
    """Take a run as soon as it is free; fail when the time is up."""
    give_up_at = datetime.now(UTC) + timedelta(seconds=seconds)
    while True:
        try:
            return stack.enter_context(store.hold("run-1"))
        except RunInterrupted:
            assert datetime.now(UTC) < give_up_at
            threading.Event().wait(0.02)


def test_a_lease_is_free_some_time_after_its_holder_was_killed(redis_url, processes):
    store = RedisEventStore(redis_url)
    holder = RunHolder(processes, redis_url, hold_seconds=SHORT_SECONDS)
    threading.Event().wait(2 * SHORT_SECONDS)  # it is renewed while its holder lives
    with pytest.raises(RunInterrupted), store.hold("run-1"):
        pass
    holder.kill()
    with pytest.raises(RunInterrupted) as refused, store.hold("run-1"):
        pass
    (told,) = re.findall(r"free at (\d\d:\d\d:\d\d) UTC at the latest", refused.value.hint)
    latest = {f"{datetime.now(UTC) + timedelta(seconds=late):%H:%M:%S}" for late in (0, 1)}
    assert told in latest
    with ExitStack() as stack:
        take_when_free(store, stack, SHORT_SECONDS + 1)


@pytest.mark.parametrize("is_let_go", [False, True])
def test_a_holder_that_slept_too_long_is_fenced_off(redis_url, processes, is_let_go):
    store = RedisEventStore(redis_url)
    sleeper = RunHolder(processes, redis_url, hold_seconds=SHORT_SECONDS)
    assert sleeper.ask("before") == "written"
    sleeper.signal(signal.SIGSTOP)
    with ExitStack() as stack:
        take_when_free(store, stack)
        store.append([note("ours")])
        if is_let_go:
            stack.close()
        sleeper.signal(signal.SIGCONT)
        for _ in range(2):
            told = sleeper.ask("too late")
            assert "no longer holds the run 'run-1'" in told
            assert (f":{os.getpid()}, since" in told) is not is_let_go
        assert texts(store) == ["before", "ours"]
        assert sleeper.ask("let go") == "let go"
        if not is_let_go:
            store.append([note("ours still")])
            with pytest.raises(RunInterrupted), RedisEventStore(redis_url).hold("run-1"):
                pass
    sleeper.kill()


def test_a_lease_that_ended_and_that_nobody_took_is_taken_up_again(redis_url, processes):
    sleeper = RunHolder(processes, redis_url, hold_seconds=SHORT_SECONDS)
    sleeper.signal(signal.SIGSTOP)
    threading.Event().wait(SHORT_SECONDS + 0.1)
    sleeper.signal(signal.SIGCONT)
    assert sleeper.ask("late, and alone") == "written"
    with pytest.raises(RunInterrupted), RedisEventStore(redis_url).hold("run-1"):
        pass
    sleeper.kill()


def test_a_lease_survives_a_restart_of_redis(own_redis, processes):
    holder = RunHolder(processes, own_redis.url)
    own_redis.kill()
    own_redis.start()
    store = RedisEventStore(own_redis.url)
    with pytest.raises(RunInterrupted, match=f":{holder.process.pid}, since"), store.hold("run-1"):
        pass
    assert holder.ask("after") == "written"
    holder.kill()


def test_a_redis_that_is_away_for_longer_than_a_lease_ends_no_hold(own_redis):
    store = RedisEventStore(own_redis.url, hold_seconds=SHORT_SECONDS)
    with store.hold("run-1"):
        own_redis.kill()
        with pytest.raises(StoreFailed):
            store.append([note("lost")])
        threading.Event().wait(SHORT_SECONDS + 0.1)
        own_redis.start()
        store.append([note("after")])
        with pytest.raises(RunInterrupted), RedisEventStore(own_redis.url).hold("run-1"):
            pass
        own_redis.kill()
    own_redis.start()


def test_a_trimmed_run_leaves_no_holder(redis_url, redis_process, processes):
    store = RedisEventStore(redis_url)
    RunHolder(processes, redis_url, hold_seconds=SHORT_SECONDS).kill()
    store.append([finished()])
    assert store.trim(NOON + timedelta(days=1)) == ("run-1",)
    with redis_process.client() as client:
        assert client.hgetall("{mergewright}:events:holders") == {}
