"""A store in a folder of the test, and other processes."""

import multiprocessing

import pytest

from mergewright.events.sqlite import SqliteEventStore


@pytest.fixture
def path(tmp_path):
    return tmp_path / "home" / "events.db"


@pytest.fixture
def store(path):
    store = SqliteEventStore(path)
    yield store
    store.close()


@pytest.fixture(scope="session")
def processes():
    """Processes that share nothing with this one but the files."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.events.samples"])
    return context
