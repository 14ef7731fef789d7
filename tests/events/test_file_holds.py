"""Holding a run of a log in a file, with processes that are killed."""

import os
import signal

import pytest

from mergewright.errors import StoreFailed
from mergewright.events.sqlite import SqliteEventStore
from tests.events.run_holders import RunHolder


def test_a_file_is_let_go_of_when_its_holder_is_killed(path, processes):
    store = SqliteEventStore(path)
    holder = RunHolder(processes, f"sqlite:///{path}")
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
