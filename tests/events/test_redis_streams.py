"""The Redis back end when others write first, answers are lost on their way, and logs are long."""

import time

import pytest
from redis import Redis

from mergewright.errors import StoreFailed
from mergewright.events.chain import verify_chain
from mergewright.events.redis_streams import RedisEventStore
from tests.events.cutting_proxy import CuttingProxy
from tests.events.samples import note, open_anew, reserved, started, texts


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
