"""Who works on a run, with other processes that are killed and put to sleep."""

import os
import re
import signal
import socket
import threading
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest

from mergewright.errors import RunInterrupted, StoreFailed
from mergewright.events.holds import Holder, held_by_another, read_holder, this_process
from mergewright.events.redis_streams import RedisEventStore
from mergewright.events.sqlite import SqliteEventStore
from tests.events.samples import NOON, finished, note, open_anew

ODD_IDS = ["../../etc/passwd", "a/b", "", "x" * 4_000, "ünïcode\n\0", "."]
SHORT_SECONDS = 0.4


def texts(store):
    return [stored.event.text for stored in store.read()]


def hold_until_killed(url, run_id, connection, hold_seconds=None):
    """Hold a run, say so, and append what is sent, answering with what came of it."""
    store = RedisEventStore(url, hold_seconds=hold_seconds) if hold_seconds else open_anew(url)
    with store.hold(run_id):
        connection.send("held")
        while (text := connection.recv()) != "let go":
            try:
                store.append([note(text, run_id=run_id)])
            except RunInterrupted as error:
                connection.send(str(error))
            else:
                connection.send("written")
    connection.send("let go")


class Other:
    """A process that holds a run."""

    def __init__(self, processes, url, run_id="run-1", hold_seconds=None):
        self._ours, theirs = processes.Pipe()
        self.process = processes.Process(
            target=hold_until_killed, args=(url, run_id, theirs, hold_seconds), daemon=True
        )
        self.process.start()
        assert self.answer() == "held"

    def ask(self, text):
        self._ours.send(text)
        return self.answer()

    def answer(self):
        assert self._ours.poll(20)
        return self._ours.recv()

    def signal(self, number):
        os.kill(self.process.pid, number)

    def kill(self):
        self.process.kill()
        self.process.join(10)


@pytest.fixture
def other(processes, url):
    started = []

    def start(**fields):
        started.append(Other(processes, url, **fields))
        return started[-1]

    yield start
    for one in started:
        one.kill()


def take_when_free(store, stack, seconds=10.0):
    """Take a run as soon as it is free; fail when the time is up."""
    give_up_at = datetime.now(UTC) + timedelta(seconds=seconds)
    while True:
        try:
            return stack.enter_context(store.hold("run-1"))
        except RunInterrupted:
            assert datetime.now(UTC) < give_up_at
            threading.Event().wait(0.02)


def test_another_process_is_kept_out_and_told_who_works(store, other):
    holder = other()
    with pytest.raises(RunInterrupted) as refused, store.hold("run-1"):
        pass
    assert f"{socket.gethostname()}:{holder.process.pid}, since 20" in refused.value.message
    assert refused.value.hint
    assert refused.value.run_id == "run-1"
    with store.hold("run-2"):
        pass
    assert holder.ask("mine") == "written"
    assert holder.ask("let go") == "let go"
    with store.hold("run-1"):
        pass


def test_one_process_does_not_hold_a_run_twice(store, url):
    with store.hold("run-1"):
        for again in (store, open_anew(url)):
            with pytest.raises(RunInterrupted, match=f":{os.getpid()}, since"), again.hold("run-1"):
                pass
        store.append([note("still ours")])
    with store.hold("run-1"):
        pass


def test_an_error_lets_go(store):
    with pytest.raises(KeyError), store.hold("run-1"):
        raise KeyError
    with store.hold("run-1"):
        pass


def test_who_does_not_work_on_a_run_may_append_to_it(store, other):
    holder = other()
    store.append([note("approved")])
    assert holder.ask("mine") == "written"
    store.append([note("undone")])
    assert texts(store) == ["approved", "mine", "undone"]


@pytest.mark.parametrize("run_id", ODD_IDS, ids=range(len(ODD_IDS)))
def test_a_run_may_have_any_name(store, url, run_id):
    with store.hold(run_id):
        with pytest.raises(RunInterrupted), open_anew(url).hold(run_id):
            pass
        with store.hold("another"):
            pass


def test_many_threads_and_one_of_them_holds(store, url):
    together = threading.Barrier(8)
    inside, refused, done = [], [], threading.Event()

    def take(own):
        together.wait(20)
        try:
            with own.hold("run-1"):
                inside.append(own)
                done.wait(20)
        except RunInterrupted:
            refused.append(own)
            if len(refused) == 7:
                done.set()

    threads = [
        threading.Thread(target=take, args=(store if number % 2 else open_anew(url),))
        for number in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (len(inside), len(refused)) == (1, 7)


def test_a_forked_child_holds_nothing_and_leaves_the_parents_hold_alone(store, url):
    with ExitStack() as stack:
        stack.enter_context(store.hold("run-1"))
        child = os.fork()
        if child == 0:
            exit_code = 1
            try:
                store.append([note("child")])
                stack.close()
                exit_code = 0
            finally:
                os._exit(exit_code)
        _, status = os.waitpid(child, 0)
        assert os.waitstatus_to_exitcode(status) == 0
        with pytest.raises(RunInterrupted), open_anew(url).hold("run-1"):
            pass
        store.append([note("parent")])
    with open_anew(url).hold("run-1"):
        pass


def test_a_file_is_let_go_of_when_its_holder_is_killed(path, processes):
    store = SqliteEventStore(path)
    holder = Other(processes, f"sqlite:///{path}")
    holder.kill()
    with store.hold("run-1"):
        assert len(list(path.with_name("events.db.holds").iterdir())) == 1
    assert list(path.with_name("events.db.holds").iterdir()) == []


def test_a_child_that_outlives_the_holder_does_not_keep_its_hold(path, processes):
    store = SqliteEventStore(path)
    ours, theirs = processes.Pipe()
    process = processes.Process(target=hold_with_a_child, args=(path, theirs))
    process.start()
    assert ours.poll(20)
    child = ours.recv()
    process.kill()
    process.join(10)
    try:
        os.kill(child, 0)  # it lives
        with store.hold("run-1"):
            pass
    finally:
        os.kill(child, signal.SIGKILL)


def hold_with_a_child(path, connection):
    with SqliteEventStore(path).hold("run-1"):
        child = os.fork()
        if child == 0:
            signal.pause()
        connection.send(child)
        signal.pause()


def test_a_folder_that_cannot_be_written_is_reported(path):
    store = SqliteEventStore(path)
    path.with_name("events.db.holds").touch()
    with pytest.raises(StoreFailed) as failed, store.hold("run-1"):
        pass
    assert failed.value.hint


def test_a_lease_is_free_some_time_after_its_holder_was_killed(redis_url, processes):
    store = RedisEventStore(redis_url)
    holder = Other(processes, redis_url, hold_seconds=SHORT_SECONDS)
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
    sleeper = Other(processes, redis_url, hold_seconds=SHORT_SECONDS)
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
    sleeper = Other(processes, redis_url, hold_seconds=SHORT_SECONDS)
    sleeper.signal(signal.SIGSTOP)
    threading.Event().wait(SHORT_SECONDS + 0.1)
    sleeper.signal(signal.SIGCONT)
    assert sleeper.ask("late, and alone") == "written"
    with pytest.raises(RunInterrupted), RedisEventStore(redis_url).hold("run-1"):
        pass
    sleeper.kill()


def test_a_lease_survives_a_restart_of_redis(own_redis, processes):
    holder = Other(processes, own_redis.url)
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
    Other(processes, redis_url, hold_seconds=SHORT_SECONDS).kill()
    store.append([finished()])
    assert store.trim(NOON + timedelta(days=1)) == ("run-1",)
    with redis_process.client() as client:
        assert client.hgetall("{mergewright}:events:holders") == {}


def test_what_a_holder_wrote_is_read_back_and_anything_else_is_nobody():
    holder = this_process("t")
    assert read_holder(holder.model_dump_json()) == holder
    assert [read_holder(text) for text in ("", "{}", holder.model_dump_json()[:-5])] == [None] * 3


def test_words_for_who_holds_a_run():
    holder = Holder(token="t", process="host:7", since=NOON)
    error = held_by_another("r", holder, free_at=NOON + timedelta(seconds=30))
    assert error.message == "The run 'r' is held by host:7, since 2026-11-20 12:00:00 UTC."
    assert error.hint.endswith("the run is free at 12:00:30 UTC at the latest.")
    assert "another process" in held_by_another("r", None).message
