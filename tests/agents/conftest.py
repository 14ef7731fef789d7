"""A store and a worktree in a folder of the test."""

import multiprocessing

import pytest

from mergewright.events.sqlite import SqliteEventStore
from tests.agents.samples import make_journal, make_worktree


@pytest.fixture
def database(tmp_path):
    return tmp_path / "events.db"


@pytest.fixture
def store(database):
    store = SqliteEventStore(database)
    yield store
    store.close()


@pytest.fixture
def journal(store):
    return make_journal(store)


@pytest.fixture
def worktree(tmp_path):
    return make_worktree(tmp_path)


@pytest.fixture(scope="session")
def processes():
    """Processes that share nothing with this one but the files."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.agents.samples"])
    return context
