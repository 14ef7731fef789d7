"""What the SQLite back end adds to the contract of every store."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from mergewright.events import sqlite, sqlite_append
from mergewright.events.chain import verify_chain
from mergewright.events.sqlite import SqliteEventStore
from mergewright.settings import EventSync
from tests.events.samples import finished, note, reserved, started

FULL, NORMAL = 2, 1


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
        "held_by_day": [sqlite_append.SPENT_BY_DAY],
        "held_by_run": [sqlite_append.SPENT_BY_RUN],
        "events_by_type": ["SELECT body FROM events WHERE type IN ('run_started') ORDER BY seq"],
        "events_by_key": [sqlite_append.FIND, sqlite_append.RESERVED],
        "events_by_run": [sqlite_append.LAST_DIGEST, sqlite._ALL_RUNS],
    }
    with store._opened() as connection:
        for index, texts in queries.items():
            for query in texts:
                values = ["0"] * query.count("?")
                plan = connection.execute(f"EXPLAIN QUERY PLAN {query}", values).fetchall()
                plans[query] = (index, str(plan))
    assert [query for query, (index, plan) in plans.items() if index not in plan] == []


def test_the_newest_runs_are_found_without_going_through_the_log(store):
    store.append([started()])
    with store._opened() as connection:
        plan = connection.execute(f"EXPLAIN QUERY PLAN {sqlite._NEWEST_RUNS}", (50,)).fetchall()
        steps = [step for *_, step in plan]
        looked = []
        store.append([note(f"{number}") for number in range(3_000)])
        connection.set_progress_handler(lambda: looked.append(1), 100)
        assert store.run_ids(limit=1) == ["run-1"]
    assert steps[0] == "SEARCH began USING INDEX events_by_type (type=?)"
    assert steps[2] == "SEARCH events USING COVERING INDEX events_by_run (run_id=? AND seq<?)"
    assert not any("SCAN" in step or "TEMP" in step for step in steps)
    assert looked == []  # not even a hundred instructions


def test_runs_are_listed_by_their_first_beginning(store):
    store.append([started("a"), started("b"), note(run_id="b"), started("c"), finished("a")])
    store.append([started("a"), started("b")])
    assert store.run_ids() == ["c", "b", "a"]
    assert store.run_ids(limit=2) == ["c", "b"]
    assert store.run_ids(limit=0) == []
    assert store.run_ids(limit=-1) == ["c", "b", "a"]


def test_a_run_that_never_began_is_listed_while_there_is_room(store):
    store.append([started("a"), note(run_id="odd"), started("b"), started("odd")])
    assert store.run_ids() == ["b", "odd", "a"]


def synchronous(store):
    with store._opened() as connection:
        return connection.execute("PRAGMA synchronous").fetchone()[0]


def test_an_append_waits_for_the_disk_as_it_is_told(store):
    assert synchronous(store) == FULL
    store.append([note("a")], sync=False)
    assert synchronous(store) == NORMAL
    store.append([note("b")])
    assert synchronous(store) == FULL
    store.append([note("c")], sync=False)
    store.close()
    store.append([note("d")])
    assert synchronous(store) == FULL
    assert [stored.event.text for stored in store.read()] == ["a", "b", "c", "d"]
    verify_chain(store.read())


def test_a_log_that_need_only_survive_processes_waits_for_no_disk(path):
    store = SqliteEventStore(path, event_sync=EventSync.PROCESS_DEATH)
    store.append([note("a")])
    assert synchronous(store) == NORMAL
    store.close()
    store.append([note("b")])
    assert synchronous(store) == NORMAL
    store.close()


SYNCS = """
import os, sys
from pathlib import Path
from mergewright.events.sqlite import SqliteEventStore
from mergewright.settings import EventSync
from tests.events.samples import note

path = Path(sys.argv[1])
store = SqliteEventStore(path, event_sync=EventSync(sys.argv[2]))
other = SqliteEventStore(path, event_sync=EventSync(sys.argv[2]))
store.append([note("begin")])


def step(name):
    os.path.exists("/step-" + name)  # seen in the trace


step("lazy")
for number in range(20):
    store.append([note("a", key=str(number))], sync=False)
step("synced")
for number in range(20):
    store.append([note("b")])
step("found")
store.append([note("c", key="c")], sync=False)
other.append([note("again", key="c")])
step("mixed")
store.append([note("d")], sync=False)
store.append([note("e")])
step("end")
os._exit(0)
"""


def count_syncs(path, event_sync):
    """Return how often the disk was synced in each step, as the system saw it."""
    trace = path.with_name("trace")
    path.parent.mkdir(exist_ok=True)
    traced = ["strace", "-f", "-e", "trace=fsync,fdatasync,/.*stat.*", "-o", trace]
    command = [*traced, sys.executable, "-c", SYNCS, path, event_sync]
    done = subprocess.run(
        command, check=False, cwd=Path(__file__).parents[2], capture_output=True, text=True
    )
    if "ptrace" in done.stderr:
        pytest.skip("this machine lets no process be traced")
    assert done.returncode == 0, done.stderr
    counts, step = {}, ""
    for line in trace.read_text().splitlines():
        if "/step-" in line:
            step = line.partition("/step-")[2].partition('"')[0]
            counts[step] = 0
        elif "sync(" in line and step:
            counts[step] += 1
    return counts


@pytest.mark.skipif(shutil.which("strace") is None, reason="no strace")
@pytest.mark.parametrize(
    ("event_sync", "counts"),
    [
        ("power-loss", {"lazy": 0, "synced": 20, "found": 1, "mixed": 1, "end": 0}),
        ("process-death", {"lazy": 0, "synced": 0, "found": 0, "mixed": 0, "end": 0}),
    ],
)
def test_the_disk_is_synced_as_often_as_was_promised(path, event_sync, counts):
    assert count_syncs(path, event_sync) == counts
