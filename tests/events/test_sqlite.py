"""What the SQLite back end adds to the contract of every store."""

import sqlite3

import pytest

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
        "held_by_day": "SELECT sum(held_micros) FROM events WHERE held_day = 'd'",
        "held_by_run": (
            "SELECT sum(held_micros) FROM events WHERE run_id = 'r' AND held_micros IS NOT NULL"
        ),
        "events_by_type": "SELECT body FROM events WHERE type IN ('run_started') ORDER BY seq",
        "events_by_key": (
            "SELECT body FROM events WHERE run_id = 'r' AND type = 't' AND key = 'k' AND key <> ''"
        ),
    }
    with store._opened() as connection:
        for index, query in queries.items():
            plans[index] = str(connection.execute(f"EXPLAIN QUERY PLAN {query}").fetchall())
    assert [index for index, plan in plans.items() if index not in plan] == []
