"""Which log a Redis database holds, and entries that are not as they were written."""

import pytest
from redis import Redis

from mergewright.errors import StoreFailed
from mergewright.events.redis_log import RedisLog, stored_of
from mergewright.events.redis_scripts import LAYOUT, LOG, RUN_IDS
from mergewright.events.rows import encode
from tests.events.samples import note


@pytest.fixture
def raw(redis_url):
    with Redis.from_url(redis_url) as client:
        yield client


def test_a_log_comes_into_being_once(redis_url, raw):
    first, second = RedisLog(redis_url), RedisLog(redis_url)
    assert [log.send(RUN_IDS, 1).value for log in (first, second)] == [[], []]
    assert raw.hget(LAYOUT, "version") == b"1"


def test_a_newer_log_is_refused(redis_url, raw):
    RedisLog(redis_url)
    raw.hset(LAYOUT, "version", "2")
    with pytest.raises(StoreFailed, match="version 2") as failed:
        RedisLog(redis_url)
    assert "Update Mergewright" in failed.value.hint


@pytest.mark.parametrize(
    "occupy",
    [
        lambda raw: raw.set(LAYOUT, "mine"),
        lambda raw: raw.hset(LAYOUT, "mine", "yes"),
        lambda raw: raw.xadd(LOG, {"mine": "yes"}),
    ],
    ids=["another kind of key", "another hash", "a stream without a layout"],
)
def test_foreign_data_is_left_alone(redis_url, raw, occupy):
    occupy(raw)
    before = {key: raw.dump(key) for key in raw.scan_iter()}
    with pytest.raises(StoreFailed, match="something else") as failed:
        RedisLog(redis_url)
    assert "/db" in failed.value.hint
    assert {key: raw.dump(key) for key in raw.scan_iter()} == before


def test_other_data_in_the_database_does_not_matter(redis_url, raw):
    raw.set("mine", "yes")
    RedisLog(redis_url)
    assert raw.get("mine") == b"yes"


def test_an_entry_is_read_back():
    event = note("hello")
    stored = stored_of([b"7", encode(event).encode(), b"abc"])
    assert (stored.seq, stored.event, stored.digest) == (7, event, "abc")


@pytest.mark.parametrize(
    ("rest", "what"),
    [([], "is missing"), ([b"\xff", b"d"], "is damaged"), ([b"{}", b"d"], "cannot be read")],
)
def test_other_entries_are_named(rest, what):
    with pytest.raises(StoreFailed, match=f"^Event 7 of the log {what}") as failed:
        stored_of([b"7", *rest])
    assert failed.value.hint
