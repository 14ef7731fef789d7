"""Who works on a run: what holds for every log, and the words for it."""

import os
import socket
import threading
from contextlib import ExitStack
from datetime import timedelta

import pytest

from mergewright.errors import RunInterrupted
from mergewright.events.holds import Holder, held_by_another, read_holder, this_process
from tests.events.run_holders import RunHolder
from tests.events.samples import NOON, note, open_anew, texts

ODD_IDS = ["../../etc/passwd", "a/b", "", "x" * 4_000, "ünïcode\n\0", "."]


@pytest.fixture
def other(processes, url):
    started = []

    def start(**fields):
        started.append(RunHolder(processes, url, **fields))
        return started[-1]

    yield start
    for one in started:
        one.kill()


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
