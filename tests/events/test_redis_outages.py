"""The Redis back end when Redis is killed, cut short, or out of memory."""

import itertools
import os
import time

import pytest

from mergewright.errors import SettingInvalid, StoreFailed
from mergewright.events.chain import verify_chain
from mergewright.events.redis_streams import RedisEventStore
from tests.events.samples import note, reserved, settled, texts


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
