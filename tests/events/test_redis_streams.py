"""The Redis back end when Redis is killed, cut off, full, emptied or written to by others."""

import itertools
import os
import time

import pytest
from redis import Redis

from mergewright.errors import SettingInvalid, StoreFailed
from mergewright.events.chain import verify_chain
from mergewright.events.redis_streams import RedisEventStore
from tests.events.cutting_proxy import CuttingProxy
from tests.events.samples import NOON, note, open_anew, reserved, settled, started
from tests.events.tampering import KEYS, LOG


@pytest.fixture
def url(redis_url):
    return redis_url


@pytest.fixture
def raw(url):
    with Redis.from_url(url) as client:
        yield client


@pytest.fixture
def proxy(redis_process, url):
    proxy = CuttingProxy(redis_process.port)
    yield proxy
    proxy.close()


def texts(store):
    return [stored.event.text for stored in store.read()]


def test_a_lost_request_is_sent_again(proxy, store):
    remote = RedisEventStore(proxy.url)
    remote.append([note("a")])
    proxy.cut("request")
    (second,) = remote.append([note("b")])
    assert second == store.read()[1]
    assert texts(store) == ["a", "b"]


def test_an_append_whose_answer_is_lost_is_not_written_twice(proxy, store):
    remote = RedisEventStore(proxy.url)
    remote.append([note("a")])
    proxy.cut("answer")
    written = remote.append([note("b"), note("c")])
    assert list(written) == store.read()[1:]
    assert texts(store) == ["a", "b", "c"]
    verify_chain(store.read())


def test_it_is_found_even_when_others_wrote_after_it(proxy, store):
    remote = RedisEventStore(proxy.url)
    remote.append([note("a")])
    proxy.cut("answer", between=lambda: wait_then_append(store, 2, note("other")))
    (second,) = remote.append([note("b")])
    assert (second.seq, second.event.text) == (2, "b")
    assert texts(store) == ["a", "b", "other"]


def test_a_lost_request_that_others_overtook_goes_behind_them(proxy, store):
    remote = RedisEventStore(proxy.url)
    remote.append([note("a")])
    proxy.cut("request", between=lambda: store.append([note("other")]))
    (third,) = remote.append([note("b")])
    assert third.seq == 3
    assert texts(store) == ["a", "other", "b"]
    verify_chain(store.read())


def wait_then_append(store, count, event):
    while len(store.read()) < count:
        time.sleep(0.005)
    store.append([event])


def test_what_one_process_remembers_another_may_have_changed(store, url):
    other = RedisEventStore(url)
    store.append([note("a")])
    other.append([note("b", key="k"), note("c")])
    again = store.append([note("not written", key="k"), note("d")])
    assert [stored.event.text for stored in again] == ["b", "d"]
    assert texts(store) == ["a", "b", "c", "d"]
    verify_chain(other.read())


def test_a_key_from_before_is_found_though_the_end_is_remembered(store, url):
    open_anew(url).append([note("first", key="k")])
    store.append([note("a")])
    assert store.append([note("again", key="k")])[0].seq == 1
    assert texts(store) == ["first", "a"]


def test_a_guard_is_asked_again_when_the_day_has_changed(store, url):
    other = RedisEventStore(url)
    seen = []

    def look(spent):
        seen.append(str(spent.day_usd))
        if len(seen) == 1:
            other.append([reserved("r2", "0.25", run_id="run-2")])

    store.append([reserved("r1", "0.5")], guard=look)
    assert seen == ["0", "0.25"]


def test_an_append_that_others_always_overtake_gives_up(url, store):
    impatient = RedisEventStore(url, busy_timeout_seconds=0.1)
    with pytest.raises(StoreFailed, match="busy") as failed:
        impatient.append([note("never")], guard=lambda _: store.append([note("other")]))
    assert failed.value.hint
    assert "never" not in texts(store)
    assert len(texts(store)) > 1


def write_through_outages(url, name, acknowledged):
    """Append batches of three and name those that are acknowledged; after a failure go on."""
    store = None
    out = os.open(acknowledged, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in itertools.count():
        batch = [note(f"{name}-{number}-{step}" + "x" * 500) for step in range(3)]
        try:
            store = store or RedisEventStore(url)
            written = store.append(batch)
        except StoreFailed:
            time.sleep(0.01)
            continue
        os.write(out, "".join(f"{stored.seq} {stored.digest}\n" for stored in written).encode())


def test_kill_9_of_redis_loses_no_acknowledged_event(own_redis, processes, tmp_path):
    acknowledged = tmp_path / "acknowledged"
    writers = [
        processes.Process(
            target=write_through_outages, args=(own_redis.url, name, acknowledged), daemon=True
        )
        for name in ("a", "b")
    ]
    for writer in writers:
        writer.start()
    for outage in range(1, 4):
        lines = acknowledged.read_bytes().count(b"\n") if acknowledged.exists() else 0
        while not acknowledged.exists() or acknowledged.read_bytes().count(b"\n") < lines + 40:
            assert all(writer.is_alive() for writer in writers)
            writers[0].join(0.01)
        own_redis.kill()
        kept = acknowledged.read_text().splitlines()
        own_redis.start()
        check_kept(own_redis.url, kept, outage)
    for writer in writers:
        writer.kill()
        writer.join(10)
    check_kept(own_redis.url, acknowledged.read_text().splitlines(), 3)


def check_kept(url, lines, outages):
    store = RedisEventStore(url)
    stored = store.read()
    verify_chain(stored)
    assert len(lines) >= 40 * outages
    assert set(lines) <= {f"{event.seq} {event.digest}" for event in stored}
    assert len(stored) % 3 == 0
    written = [event.event.text for event in stored]
    assert len(set(written)) == len(written)
    store.close()


def test_an_outage_is_an_error_and_over_when_redis_is_back(own_redis):
    store = RedisEventStore(own_redis.url)
    store.append([note("before")])
    own_redis.kill()
    for use in (lambda: store.append([note("lost")]), store.read, store.run_ids):
        with pytest.raises(StoreFailed) as failed:
            use()
        assert "Start Redis again" in failed.value.hint
        assert not failed.value.retryable
    own_redis.start()
    store.append([note("after")])
    assert texts(store) == ["before", "after"]
    verify_chain(store.read())
    store.close()


def test_a_redis_that_comes_back_less_durable_is_refused(own_redis):
    store = RedisEventStore(own_redis.url)
    store.append([note()])
    own_redis.kill()
    own_redis.settings["appendfsync"] = "no"
    own_redis.start()
    with pytest.raises(SettingInvalid, match="appendfsync"):
        store.append([note()])


def test_sums_survive_a_restart(own_redis):
    store = RedisEventStore(own_redis.url)
    store.append([reserved("r1", "0.5"), reserved("r2", "0.5"), settled("r1", "0.1")])
    own_redis.kill()
    own_redis.start()
    seen = []
    store.append([reserved("r3")], guard=seen.append)
    assert [str(spent.day_usd) for spent in seen] == ["0.6"]


def test_a_torn_end_of_the_file_takes_a_whole_append_with_it(own_redis):
    store = RedisEventStore(own_redis.url)
    kept = store.append([note("a"), reserved("r1", "0.5")])
    store.append([note("b"), note("c", run_id="run-2"), reserved("r2", "0.5"), note("d")])
    own_redis.kill()
    (file,) = [*own_redis.folder.rglob("*.incr.aof")] or [own_redis.folder / "appendonly.aof"]
    file.write_bytes(file.read_bytes()[:-150])
    own_redis.start()
    assert store.read() == list(kept)
    assert store.run_ids() == ["run-1"]
    seen = []
    (third,) = store.append([reserved("r3")], guard=seen.append)
    assert (third.seq, str(seen[0].day_usd)) == (3, "0.5")
    verify_chain(store.read())
    store.close()


def test_no_memory_left_writes_nothing(own_redis):
    store = RedisEventStore(own_redis.url)
    store.append([note("kept")])
    with own_redis.client() as client:
        client.config_set("maxmemory", "1")
        with pytest.raises(StoreFailed) as failed:
            store.append([note("a"), note("b", run_id="run-2")])
        assert "maxmemory" in failed.value.hint
        client.config_set("maxmemory", "0")
    assert texts(store) == ["kept"]
    assert store.run_ids() == ["run-1"]
    store.append([note("after")])
    verify_chain(store.read())


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


def test_amounts_beyond_reason_are_refused(store):
    with pytest.raises(StoreFailed, match="more money"):
        store.append([note("a"), reserved("r", "1e15")])
    assert store.read() == []


def test_long_logs_are_read_in_pages(store):
    batch = [
        note(f"{number}", run_id=f"run-{number % 2}")
        if number % 5
        else started(f"run-{number % 2}")
        for number in range(950)
    ]
    written = list(store.append(batch))
    assert store.read() == written
    assert store.read(run_id="run-1") == [s for s in written if s.event.run_id == "run-1"]
    starts = [s for s in written if s.event.type == "run_started"]
    assert store.read(types=["run_started"]) == starts
    assert store.read(types=["run_started", "noted"], after=10, limit=700) == written[10:710]
    assert (
        store.read(run_id="run-0", types=["run_started"], limit=3)
        == [s for s in starts if s.event.run_id == "run-0"][:3]
    )
    assert store.read(limit=200) == written[:200]
    assert store.read(limit=0) == []


def test_memory_grows_linearly_with_the_events(store, raw):
    sizes = []
    for _ in range(3):
        store.append([note("x" * 1_000, key=f"{len(sizes)}-{n}") for n in range(500)])
        sizes.append(sum(raw.memory_usage(key, samples=0) for key in raw.scan_iter()))
    assert sizes[2] - sizes[1] == pytest.approx(sizes[1] - sizes[0], rel=0.15)
    assert sizes[2] / 1_500 < 1_700
