"""A log's file that is full, locked, damaged, foreign, newer or gone."""

import resource
import sqlite3
import stat
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from mergewright.errors import StoreFailed
from mergewright.events.chain import verify_chain
from mergewright.events.sqlite import SqliteEventStore
from mergewright.events.sqlite_file import SCHEMA_VERSION
from tests.events.samples import note


@pytest.fixture
def url(path):
    return f"sqlite:///{path}"


def test_the_file_is_durable_private_and_marked(store, path):
    store.append([note()])
    with store._opened() as connection:
        values = {
            name: connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "user_version", "application_id")
        }
    full = 2
    assert values == {
        "journal_mode": "wal",
        "synchronous": full,
        "user_version": SCHEMA_VERSION,
        "application_id": int.from_bytes(b"MERW"),
    }
    for file in (path, path.with_name("events.db-wal")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_full_disk_loses_nothing_that_was_acknowledged(store):
    store.append([note("kept")])
    with store._opened() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(StoreFailed, match="full") as failed:
        store.append([note("first of a batch"), note("x" * 100_000)])
    assert "space" in failed.value.hint
    assert [stored.event.text for stored in store.read()] == ["kept"]
    with store._opened() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
    store.append([note("after")])
    verify_chain(store.read())


def _write_with_a_limit(path, limit_bytes, answers):
    store = SqliteEventStore(path)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, resource.RLIM_INFINITY))
    try:
        store.append([note("x" * 2 * limit_bytes)])
    except StoreFailed as error:
        answers.put(error.hint)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    store.append([note("after")])
    answers.put("written")


def test_a_write_that_the_system_refuses_leaves_the_log_whole(store, path, processes):
    store.append([note("before")])
    answers = processes.Queue()
    writer = processes.Process(target=_write_with_a_limit, args=(path, 200_000, answers))
    writer.start()
    assert "disk" in answers.get(timeout=30)
    assert answers.get(timeout=30) == "written"
    writer.join(10)
    assert [stored.event.text for stored in store.read()] == ["before", "after"]
    verify_chain(store.read())


def test_a_locked_log_is_waited_for_and_then_reported(store, path):
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    waiting = SqliteEventStore(path, busy_timeout_seconds=0.05)
    with pytest.raises(StoreFailed, match="locked") as failed:
        waiting.append([note()])
    assert "Another process" in failed.value.hint
    holder.execute("ROLLBACK")
    holder.close()
    assert waiting.append([note()])[0].seq == 1
    waiting.close()


def test_something_that_is_no_database_is_refused(path):
    path.parent.mkdir()
    path.write_bytes(b"these are my notes, please keep them" * 40)
    with pytest.raises(StoreFailed, match="not a database") as failed:
        SqliteEventStore(path)
    assert "MERGEWRIGHT_EVENT_STORE" in failed.value.hint
    assert path.read_bytes().startswith(b"these are my notes")


def test_a_foreign_database_is_left_alone(path):
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE events (mine TEXT)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreFailed, match="not an event log"):
        SqliteEventStore(path)
    assert path.read_bytes() == before


def test_a_newer_schema_is_refused(store, path):
    store.append([note()])
    store.close()
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.raises(StoreFailed, match=f"has version {SCHEMA_VERSION + 1}") as failed:
        SqliteEventStore(path)
    assert "Update Mergewright" in failed.value.hint


def test_damaged_pages_are_reported(store, path):
    store.append([note("x" * 3_000) for _ in range(50)])
    store.close()
    damaged = bytearray(path.read_bytes())
    damaged[8_192:40_960] = b"\xa5" * (40_960 - 8_192)
    path.write_bytes(damaged)
    with pytest.raises(StoreFailed) as failed:
        SqliteEventStore(path).read()
    assert "damaged" in failed.value.hint


def test_a_flipped_byte_in_an_event_names_the_event(store, path):
    store.append([note("alpha"), note("beta")])
    store.close()
    content = path.read_bytes()
    path.write_bytes(content.replace(b'"text":"beta"', b'"text":\x01beta"'))
    with pytest.raises(StoreFailed, match=r"^Event 2 of the log cannot be read"):
        SqliteEventStore(path).read()


def test_a_file_that_was_taken_away_is_not_begun_anew(store, path):
    store.append([note()])
    path.rename(path.with_name("moved.db"))
    with pytest.raises(StoreFailed):
        store.append([note()])
    path.touch()
    with pytest.raises(StoreFailed, match="took the place"):
        store.append([note()])


def test_a_folder_that_cannot_be_made_is_reported(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreFailed) as failed:
        SqliteEventStore(tmp_path / "file" / "events.db")
    assert failed.value.hint


def test_a_log_that_is_made_by_several_at_once_is_a_log_for_each_of_them(tmp_path):
    together = threading.Barrier(5)

    def make(path):
        together.wait()
        SqliteEventStore(path).close()

    with ThreadPoolExecutor(5) as pool:
        for number in range(60):
            path = tmp_path / f"{number}.db"
            for made in [pool.submit(make, path) for _ in range(5)]:
                made.result()
