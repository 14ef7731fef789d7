"""A run is shown from another thread while it happens, and at last as it ended."""

import os
from threading import Event as Signal
from threading import current_thread

import pytest

from mergewright.events.sqlite import SqliteEventStore
from tasks.watching import watching
from tests.cli.example_log import delivered

NEWS_SECONDS = 10


class Shown:
    """Keeps what was shown, and says when something new was."""

    def __init__(self):
        self.states, self.threads, self.news = [], set(), Signal()

    def __call__(self, state):
        self.states.append(state)
        self.threads.add(current_thread())
        self.news.set()

    def wait(self):
        assert self.news.wait(NEWS_SECONDS)
        self.news.clear()
        return self.states[-1]


@pytest.fixture
def store(home):
    with_log = SqliteEventStore(home / "events.db")
    yield with_log
    with_log.close()


def test_a_run_is_shown_as_its_log_grows(store):
    events = delivered(process_id=os.getpid())
    shown = Shown()
    with watching(shown):
        store.append(events[:3])
        first = shown.wait()
        assert (first.run_id, first.outcome) == (events[0].run_id, "")
        store.append(events[3:])
    assert shown.states[-1].outcome == "delivered"
    assert len(shown.states[-1].stages) > len(first.stages)
    assert current_thread() not in shown.threads
    assert not any(thread.is_alive() for thread in shown.threads)


def test_a_run_of_another_process_is_not_shown(store):
    shown = Shown()
    with watching(shown):
        store.append(delivered(process_id=os.getpid() + 1))
    assert shown.states == []


def test_what_ends_the_work_is_not_held_up(store):
    shown = Shown()

    def work():
        with watching(shown):
            store.append(delivered(process_id=os.getpid())[:3])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work()
    assert shown.states[-1].outcome == ""
