"""A store in a folder of the test."""

import pytest

from mergewright.events.sqlite import SqliteEventStore


@pytest.fixture
def store(tmp_path):
    store = SqliteEventStore(tmp_path / "events.db")
    yield store
    store.close()
