"""Threads that append at the same time, when one of them is interrupted, dies, or forks."""

import os
import random
import signal
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from mergewright.events.chain import verify_chain
from tests.events.crowds import WAITING_SECONDS, Crowd
from tests.events.samples import note, texts


@pytest.fixture
def url(path):
    return f"sqlite:///{path}"


@pytest.fixture
def crowd(store):
    crowd = Crowd(store)
    yield crowd
    crowd.go_on.set()
    crowd.pool.shutdown()


class Interrupt(BaseException):
    """What a person's Ctrl-C is like."""


def test_a_leader_that_dies_leaves_nobody_hanging(store):
    crowd = Crowd(store)
    others = []

    def die(_spent):
        others.extend(crowd.join(note(f"{number}")) for number in range(5))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.append([note("never")], guard=die)
    for other in others:
        other.result(WAITING_SECONDS)
    assert sorted(texts(store)) == list("01234")
    verify_chain(store.read())
    crowd.pool.shutdown()


def test_who_waits_can_be_interrupted(store, crowd):
    main = threading.main_thread().ident
    crowd.begin()

    def interrupt():
        crowd.wait_for(2)
        signal.pthread_kill(main, signal.SIGINT)

    crowd.pool.submit(interrupt)
    with pytest.raises(KeyboardInterrupt):
        store.append([note("given up")])
    crowd.go_on.set()
    store.append([note("after")])
    assert texts(store) == ["first", "after"]


@pytest.mark.usefixtures("unmeasured")
def test_interrupts_at_any_moment_neither_hang_nor_write_twice(store):
    armed = []

    def interrupt(_number, _frame):
        if armed:
            raise Interrupt

    previous = signal.signal(signal.SIGALRM, interrupt)
    pool = ThreadPoolExecutor(3)
    others = [
        pool.submit(lambda own: [store.append([note(f"{own}-{n}")]) for n in range(150)], number)
        for number in range(3)
    ]
    chance = random.Random()  # noqa: S311 - moments, not secrets
    returned, interrupts = [], 0
    for number in range(250):
        try:
            try:
                armed.append(True)
                signal.setitimer(signal.ITIMER_REAL, chance.uniform(0.00002, 0.0015))
                returned += store.append([note(f"main-{number}")])
            finally:
                armed.clear()
        except Interrupt:
            interrupts += 1
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, previous)
    for other in others:
        other.result(WAITING_SECONDS)
    pool.shutdown()
    stored = store.read()
    assert max(Counter(event.event.text for event in stored).values()) == 1
    assert set(returned) <= set(stored)
    assert len([event for event in stored if not event.event.text.startswith("main")]) == 450
    assert interrupts > 20
    verify_chain(stored)


def test_a_child_that_is_forked_among_waiting_threads_appends(store, crowd):
    first = crowd.begin()
    others = [crowd.join(note(f"{number}")) for number in range(3)]
    crowd.pool.submit(lambda: threading.Event().wait(0.05) or crowd.go_on.set())
    child = os.fork()
    if child == 0:
        exit_code = 1
        try:
            signal.alarm(WAITING_SECONDS)
            store.append([note("child")])
            exit_code = 0
        finally:
            os._exit(exit_code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    for future in (first, *others):
        future.result(WAITING_SECONDS)
    assert sorted(texts(store)) == ["0", "1", "2", "child", "first"]
    verify_chain(store.read())
