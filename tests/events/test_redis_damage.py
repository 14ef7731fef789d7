"""A log in Redis that was emptied, or that others wrote to."""

import pytest
from redis import Redis

from mergewright.errors import StoreFailed
from tests.events.samples import NOON, note
from tests.events.tampering import KEYS, LOG


@pytest.fixture
def url(redis_url):
    return redis_url


@pytest.fixture
def raw(url):
    with Redis.from_url(url) as client:
        yield client


@pytest.mark.parametrize(
    "use",
    ["append", "append with a guard", "read", "find", "run_ids", "consume", "acknowledge", "trim"],
)
def test_a_log_that_was_emptied_is_not_begun_anew(store, raw, use):
    store.append([note(key="k")])
    raw.flushdb()
    uses = {
        "append": lambda: store.append([note()]),
        "append with a guard": lambda: store.append([note()], guard=lambda _: None),
        "read": store.read,
        "find": lambda: store.find("run-1", "noted", "k"),
        "run_ids": store.run_ids,
        "consume": lambda: store.consume("g", "c"),
        "acknowledge": lambda: store.acknowledge("g", [1]),
        "trim": lambda: store.trim(NOON),
    }
    with pytest.raises(StoreFailed, match="no longer there"):
        uses[use]()
    assert raw.keys() == []


def test_a_foreign_entry_is_named_and_stops_the_log(store, raw):
    store.append([note("a")])
    raw.xadd(LOG, {"hello": "world"}, id="7-0")
    with pytest.raises(StoreFailed, match=r"^Event 7 of the log cannot be read"):
        store.read()
    before = raw.dump(f"{KEYS}run:run-1")
    with pytest.raises(StoreFailed):
        store.append([note("b")])
    assert raw.dump(f"{KEYS}run:run-1") == before
    assert [stored.event.text for stored in store.read(run_id="run-1")] == ["a"]


def test_bytes_that_are_no_text_are_named(store, raw):
    store.append([note("a"), note("b", key="k")])
    raw.delete(LOG)
    raw.xadd(LOG, {"body": b"\xff\xfe", "digest": "d"}, id="2-0")
    for use in (store.read, lambda: store.find("run-1", "noted", "k")):
        with pytest.raises(StoreFailed, match=r"^Event 2 of the log is damaged"):
            use()


def test_a_missing_event_is_named(store, raw):
    store.append([note("a"), note("b", key="k"), note("c")])
    raw.xdel(LOG, "2-0")
    for use in (
        lambda: store.read(run_id="run-1"),
        lambda: store.read(types=["noted"]),
        lambda: store.find("run-1", "noted", "k"),
    ):
        with pytest.raises(StoreFailed, match=r"^Event 2 of the log is missing"):
            use()


def test_a_run_that_was_cut_off_in_its_index_too_is_noticed(store, raw):
    store.append([note("a"), note("b")])
    raw.xdel(LOG, "2-0")
    raw.xdel(f"{KEYS}index:run-1", "2-0")
    with pytest.raises(StoreFailed, match=r"^Event 2 of the log is missing"):
        store.read(run_id="run-1")
