"""What the SQLite back end adds to the contract of every store."""

import sqlite3

import pytest

from mergewright.events import sqlite
from tests.events.samples import note, reserved


@pytest.fixture
def url(path):
    return f"sqlite:///{path}"


def test_the_log_cannot_be_rewritten_by_accident(store, path):
    store.append([note()])
    with sqlite3.connect(path) as connection:
        for change in ("UPDATE events SET body = ''", "DELETE FROM events"):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(change)
    connection.close()


def test_sums_and_searches_use_indexes(store):
    store.append([reserved("r1")])
    plans = {}
    queries = {
        "held_by_day": [sqlite._SPENT_BY_DAY],
        "held_by_run": [sqlite._SPENT_BY_RUN],
        "events_by_type": ["SELECT body FROM events WHERE type IN ('run_started') ORDER BY seq"],
        "events_by_key": [sqlite._FIND, sqlite._RESERVED],
        "events_by_run": [sqlite._LAST_DIGEST],
    }
    with store._opened() as connection:
        for index, texts in queries.items():
            for query in texts:
                values = ["x"] * query.count("?")
                plan = connection.execute(f"EXPLAIN QUERY PLAN {query}", values).fetchall()
                plans[query] = (index, str(plan))
    assert [query for query, (index, plan) in plans.items() if index not in plan] == []
