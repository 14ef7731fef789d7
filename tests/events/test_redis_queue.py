"""Events handed out to groups of consumers, and runs removed once nobody needs them."""

import threading
import time
from datetime import timedelta
from functools import partial

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)
from redis import Redis

from mergewright.errors import StoreFailed
from mergewright.events.chain import verify_chain
from mergewright.events.queues import EventQueue
from mergewright.events.redis_streams import RedisEventStore
from tests.events.samples import (
    NOON,
    finished,
    note,
    open_anew,
    reserved,
    settled,
    started,
)
from tests.events.tampering import LOG

LATER = NOON + timedelta(days=1)


@pytest.fixture
def url(redis_url):
    return redis_url


@pytest.fixture
def raw(url):
    with Redis.from_url(url) as client:
        yield client


def seqs(stored):
    return [event.seq for event in stored]


def test_a_log_in_redis_is_a_queue(store):
    queue: EventQueue = store
    written = store.append([note("a"), note("b")])
    assert queue.consume("g", "c") == list(written)


def test_each_group_gets_every_event_and_its_consumers_share_them(store):
    store.append([note(f"{number}") for number in range(5)])
    assert seqs(store.consume("count", "one", count=2)) == [1, 2]
    assert seqs(store.consume("count", "two", count=2)) == [3, 4]
    assert seqs(store.consume("count", "one")) == [5]
    assert store.consume("count", "one") == []
    assert seqs(store.consume("forward", "one")) == [1, 2, 3, 4, 5]


def test_what_nobody_acknowledged_is_handed_out_again_before_what_is_new(store):
    store.append([note("a"), note("b"), note("c")])
    store.consume("g", "lost", count=2)
    assert store.acknowledge("g", [1, 1, 77]) == 1
    assert store.acknowledge("g", []) == 0
    assert seqs(store.consume("g", "next", again_after_seconds=0)) == [2, 3]
    assert seqs(store.consume("g", "next", again_after_seconds=60)) == []


def consume_and_wait(url, taken):
    taken.put(seqs(RedisEventStore(url).consume("g", "doomed")))
    time.sleep(60)


def test_events_of_a_killed_consumer_go_to_another(store, url, processes):
    store.append([note("a"), note("b")])
    taken = processes.Queue()
    consumer = processes.Process(target=consume_and_wait, args=(url, taken), daemon=True)
    consumer.start()
    assert taken.get(timeout=30) == [1, 2]
    consumer.kill()
    consumer.join(10)
    assert seqs(store.consume("g", "other", again_after_seconds=0)) == [1, 2]


def test_a_consumer_waits_for_the_next_event(store, url):
    other = open_anew(url)
    timer = threading.Timer(0.2, lambda: other.append([note("late")]))
    timer.start()
    began = time.monotonic()
    assert seqs(store.consume("g", "c", block_seconds=20)) == [1]
    assert 0.1 < time.monotonic() - began < 10
    timer.join()


def test_waiting_comes_to_an_end(store):
    began = time.monotonic()
    assert store.consume("g", "c", block_seconds=0.15) == []
    assert 0.1 < time.monotonic() - began < 5


def test_a_group_that_was_lost_begins_again(store, raw):
    store.append([note("a")])
    store.consume("g", "c")
    raw.xgroup_destroy(LOG, "g")
    assert seqs(store.consume("g", "c")) == [1]


def test_groups_survive_the_death_of_redis(own_redis):
    store = RedisEventStore(own_redis.url)
    store.append([note("a"), note("b"), note("c")])
    store.consume("g", "c", count=2)
    store.acknowledge("g", [1])
    own_redis.kill()
    own_redis.start()
    assert seqs(store.consume("g", "c", again_after_seconds=0)) == [2, 3]
    store.close()


def test_an_event_that_vanished_while_handed_out_is_an_error(store, raw):
    store.append([note("a"), note("b")])
    store.consume("g", "c")
    raw.xdel(LOG, "1-0")
    with pytest.raises(StoreFailed, match="is missing"):
        store.consume("g", "c", again_after_seconds=0)


def test_a_finished_run_goes_whole(store, raw):
    store.append(
        [
            started("old"),
            note("beside", run_id="new", key="k"),
            reserved("r1", "0.5", run_id="old"),
            settled("r1", "0.2", run_id="old"),
            note("x", run_id="old", key="k"),
            finished("old"),
        ]
    )
    assert store.trim(LATER) == ("old",)
    assert store.trim(LATER) == ()
    assert [stored.event.text for stored in store.read()] == ["beside"]
    assert store.run_ids() == ["new"]
    assert store.read(run_id="old") == store.read(types=["run_started"]) == []
    assert store.find("old", "noted", "k") is None
    assert [key for key in raw.scan_iter() if key.endswith(b":old")] == []
    seen = []
    (after,) = store.append([reserved("r2", run_id="new")], guard=seen.append)
    assert after.seq == 7
    assert str(seen[0].day_usd) == "0.2"
    verify_chain(store.read())


def test_nothing_can_be_added_to_a_run_that_was_removed(store, url):
    store.append([started(), finished()])
    other = open_anew(url)
    store.trim(LATER)
    for writer in (store, other):
        with pytest.raises(StoreFailed, match="was removed") as failed:
            writer.append([note("late")])
        assert failed.value.run_id == "run-1"
    assert store.read() == []


@pytest.mark.parametrize(
    "events",
    [
        [started(), note()],
        [started(), finished(outcome="failed", resumable=True)],
        [started(), finished(), started(seconds=90)],
        [started(), finished(seconds=86_400)],
    ],
    ids=["unfinished", "to be resumed", "begun again", "finished later"],
)
def test_runs_that_stay(store, events):
    store.append(events)
    assert store.trim(LATER) == ()
    assert len(store.read()) == len(events)


def test_what_a_group_has_not_acknowledged_stays(store):
    store.append([started(), finished(), started("run-2"), finished("run-2")])
    store.consume("slow", "c", count=1)
    store.consume("quick", "c")
    store.acknowledge("quick", [1, 2, 3, 4])
    assert store.trim(LATER) == ()  # `slow` was not even given the second event
    store.consume("slow", "c")
    assert store.trim(LATER) == ()
    store.acknowledge("slow", [2, 3, 4])
    assert store.trim(LATER) == ()  # the first is still out
    store.acknowledge("slow", [1])
    assert store.trim(LATER) == ("run-1", "run-2")
    assert store.read() == []


RUN_IDS = st.sampled_from(["run-a", "run-b", "run-c"])
GROUPS = st.sampled_from(["g", "h"])


class Retention(RuleBasedStateMachine):
    """Runs, consumers and trimming in any order."""

    def __init__(self, url):
        super().__init__()
        with Redis.from_url(url) as client:
            client.flushdb()
        self.store = RedisEventStore(url)
        self.written = {}
        self.finished = {}
        self.groups = {}
        self.removed = set()

    @rule(run_id=RUN_IDS, kind=st.sampled_from([note, started, finished]))
    def write(self, run_id, kind):
        if run_id not in self.removed:
            (stored,) = self.store.append([kind(run_id=run_id)])
            self.written[stored.seq] = run_id
            self.finished[run_id] = (self.finished.get(run_id) and kind is note) or kind is finished

    @rule(group=GROUPS, count=st.integers(1, 4))
    def consume(self, group, count):
        taken, _ = self.groups.setdefault(group, ([], set()))
        taken += seqs(self.store.consume(group, "c", count=count))

    @rule(group=GROUPS, number=st.integers(0, 9))
    def acknowledge(self, group, number):
        taken, acknowledged = self.groups.get(group, ([], set()))
        if taken:
            seq = taken[number % len(taken)]
            self.store.acknowledge(group, [seq])
            acknowledged.add(seq)

    @rule()
    def trim(self):
        gone = set(self.store.trim(LATER))
        lost = {seq for seq, run_id in self.written.items() if run_id in gone}
        assert all(self.finished[run_id] for run_id in gone)
        assert all(lost <= acknowledged for _, acknowledged in self.groups.values())
        self.removed |= gone

    @invariant()
    def all_that_was_not_removed_is_there(self):
        stored = self.store.read()
        verify_chain(stored)
        kept = {seq for seq, run_id in self.written.items() if run_id not in self.removed}
        assert set(seqs(stored)) == kept

    def teardown(self):
        self.store.close()


def test_whatever_happens_no_event_goes_that_is_needed(redis_process):
    run_state_machine_as_test(
        partial(Retention, redis_process.database(2)),
        settings=settings(max_examples=25, stateful_step_count=20, deadline=None),
    )
