"""What every event store keeps, with threads, other processes and forks at work on it."""

import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from decimal import Decimal

import pytest
from redis import Redis

from mergewright.errors import BudgetExceeded, StoreFailed
from mergewright.events.chain import verify_chain
from mergewright.events.projections import costs, read_events
from tests.events.samples import (
    answered,
    note,
    open_anew,
    reserved,
    settled,
    spend_until_refused,
    started,
    write_for_ever,
)


class Peek(Exception):
    """Stops an append after its guard has looked."""


def spending(store, event):
    """Return what counts for an event's run, stage and day, without writing it."""
    seen = []

    def look(spent):
        seen.append(spent)
        raise Peek

    with pytest.raises(Peek):
        store.append([event], guard=look)
    return seen[0]


def test_what_was_written_is_read_back_in_order(store, url):
    written = store.append([started(), note("a"), note("b", run_id="run-2")])
    assert [stored.seq for stored in written] == [1, 2, 3]
    assert store.read() == list(written)
    store.close()
    other = open_anew(url)
    assert other.read() == list(written)
    assert other.append([note("c")])[0].seq == 4
    other.close()


def test_reading_can_be_narrowed(store):
    store.append([started(), note("a"), note("b", run_id="run-2"), note("c"), answered("k")])
    texts = [stored.event.text for stored in store.read(run_id="run-1", types=["noted"])]
    assert texts == ["a", "c"]
    assert [stored.seq for stored in store.read(after=2, limit=2)] == [3, 4]
    assert [stored.seq for stored in store.read(types={"run_started", "model_answered"})] == [1, 5]
    assert store.read(run_id="nobody") == []


def test_runs_are_listed_newest_first(store):
    store.append([note(run_id="run-1"), note(run_id="run-2"), note(run_id="run-1")])
    assert store.run_ids() == ["run-2", "run-1"]
    assert store.run_ids(limit=1) == ["run-2"]
    store.append([note(run_id=":beside")])
    assert store.run_ids() == ["run-2", "run-1"]
    assert store.run_ids(limit=1) == ["run-2"]


def test_what_is_not_synced_is_seen_by_everyone_at_once(store, url):
    written = store.append([note("a"), note("b", key="k")], sync=False)
    other = open_anew(url)
    assert other.read() == list(written)
    assert other.append([note("again", key="k")]) == written[1:]
    assert other.append([note("c")], sync=False)[0].seq == 3
    store.append([note("d")])
    verify_chain(other.read())
    assert len(other.read()) == 4
    other.close()


def test_what_is_not_synced_survives_kill_9_too(url, processes, tmp_path):
    acknowledged = tmp_path / "acknowledged"
    writer = processes.Process(target=write_for_ever, args=(url, acknowledged, False))
    writer.start()
    _wait_for_lines(acknowledged, 30, [writer])
    _kill([writer])
    check_nothing_acknowledged_is_lost(url, acknowledged)


def test_a_natural_key_is_written_once(store):
    (first,) = store.append([note("first", key="k")])
    again = store.append([note("second", key="k"), note("third"), note("fourth", key="k")])
    assert again[0] == again[2] == first
    assert [stored.event.text for stored in store.read()] == ["first", "third"]
    assert store.find("run-1", "noted", "k") == first
    assert store.find("run-2", "noted", "k") is None
    assert store.find("run-1", "model_answered", "k") is None
    assert store.find("run-1", "noted", "") is None
    verify_chain(store.read())


def test_the_same_key_in_another_run_or_type_is_another_event(store):
    store.append([note(key="k"), note(key="k", run_id="run-2"), answered("k")])
    assert len(store.read()) == 3


def test_a_guard_that_refuses_leaves_nothing(store):
    def refuse(spent):
        raise BudgetExceeded(f"no: {spent.run_usd}")

    with pytest.raises(BudgetExceeded, match="no: 0"):
        store.append([note("a"), note("b")], guard=refuse)
    assert store.read() == []
    assert store.append([note("c")])[0].event.text == "c"


def test_a_guard_is_not_asked_about_what_is_there(store):
    event = reserved("r1")
    (first,) = store.append([event])

    def refuse(_spent):
        raise BudgetExceeded("no")

    assert store.append([event], guard=refuse) == (first,)


def test_an_append_is_all_or_nothing(store):
    with pytest.raises(StoreFailed):
        store.append([note("a"), note("b").model_copy(update={"run_id": None})])
    assert store.read() == []


def test_a_reservation_counts_at_worst_until_it_is_settled(store):
    store.append([reserved("r1", "0.5"), reserved("r2", "0.25", stage="implement")])
    before = spending(store, reserved("r3", stage="plan"))
    assert (before.run_usd, before.stage_usd, before.day_usd) == (
        Decimal("0.75"),
        Decimal("0.5"),
        Decimal("0.75"),
    )
    store.append([settled("r1", "0.1"), settled("r1", "0.3")])
    after = spending(store, reserved("r3", stage="plan"))
    assert (after.run_usd, after.stage_usd, after.day_usd) == (
        Decimal("0.35"),
        Decimal("0.1"),
        Decimal("0.35"),
    )


def test_the_day_holds_all_runs_and_no_recordings(store):
    store.append([reserved("r1", "1", run_id="run-1"), reserved("r2", "2", run_id="run-2")])
    store.append([reserved("r3", "4", recorded=True), settled("r3", "3", recorded=True)])
    seen = spending(store, reserved("r4"))
    assert seen.day_usd == 3
    assert seen.run_usd == 4


def test_threads_share_a_store(store):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: store.append([note(f"{number}")]), range(40)))
    assert len(store.read()) == 40
    verify_chain(store.read())


def test_ten_processes_never_pass_a_cap_that_they_share(store, url, processes):
    together = processes.Barrier(10)
    spenders = [
        processes.Process(target=spend_until_refused, args=(url, number, together))
        for number in range(10)
    ]
    for spender in spenders:
        spender.start()
    for spender in spenders:
        spender.join(60)
    assert [spender.exitcode for spender in spenders] == [0] * 10
    stored = store.read()
    held = Decimal(0)
    worst = {}
    for event in (stored.event for stored in stored):
        if event.type == "call_reserved":
            worst[event.reservation_id] = event.worst_case_usd
            held += event.worst_case_usd
        elif event.type == "call_settled":
            held += event.cost_usd - worst[event.reservation_id]
        assert held <= 1
    # Together they ask for 10.00 at worst: they stopped only because nothing more of 0.05 fitted.
    assert held > Decimal("0.95")
    spent = [costs(read_events(store, run_id)) for run_id in store.run_ids()]
    assert len(spent) > 1
    assert held == sum(run.settled_usd + run.reserved_usd for run in spent)
    verify_chain(stored)


def test_a_store_comes_into_being_once_for_many_processes(url, processes, tmp_path):
    acknowledged = tmp_path / "acknowledged"
    writers = [processes.Process(target=write_for_ever, args=(url, acknowledged)) for _ in range(4)]
    for writer in writers:
        writer.start()
    _wait_for_lines(acknowledged, 60, writers)
    _kill(writers)
    check_nothing_acknowledged_is_lost(url, acknowledged)


def test_kill_9_loses_no_acknowledged_event(url, processes, tmp_path):
    for number in range(3):
        acknowledged = tmp_path / f"acknowledged-{number}"
        writer = processes.Process(target=write_for_ever, args=(url, acknowledged))
        writer.start()
        _wait_for_lines(acknowledged, 20 + 17 * number, [writer])
        _kill([writer])
        check_nothing_acknowledged_is_lost(url, acknowledged)


def check_nothing_acknowledged_is_lost(url, acknowledged):
    store = open_anew(url)
    stored = store.read()
    verify_chain(stored)
    kept = {f"{event.seq} {event.digest}" for event in stored}
    lines = acknowledged.read_text().splitlines()
    assert lines
    assert set(lines) <= kept
    assert len(stored) % 3 == 0  # batches of three, whole or not at all
    store.append([note("goes on")] * 3)
    store.close()


def _wait_for_lines(path, count, writers):
    while not path.exists() or path.read_bytes().count(b"\n") < count:
        assert all(writer.is_alive() for writer in writers)
        writers[0].join(0.01)


def _kill(writers):
    for writer in writers:
        writer.kill()
        writer.join(10)
        assert writer.exitcode == -9


def test_a_forked_child_opens_its_own_connection(store):
    store.append([note("parent")])
    child = os.fork()
    if child == 0:
        exit_code = 1
        try:
            store.append([note("child")])
            exit_code = 0 if len(store.read()) == 2 else 2
        finally:
            os._exit(exit_code)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    store.append([note("parent again")])
    assert [stored.event.text for stored in store.read()] == ["parent", "child", "parent again"]
    verify_chain(store.read())


def test_bytes_grow_linearly_with_the_events(store, url):
    sizes = []
    for _ in range(3):
        store.append([note("x" * 1_000) for _ in range(500)])
        sizes.append(stored_bytes(url))
    assert sizes[2] - sizes[1] == pytest.approx(sizes[1] - sizes[0], rel=0.1)


def stored_bytes(url):
    if url.startswith("redis"):
        with Redis.from_url(url) as client:
            return client.info("persistence")["aof_current_size"]
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        return pages
