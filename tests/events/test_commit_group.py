"""Threads that append at the same time: one commit for all, and each its own outcome."""

import resource
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal

import pytest

from mergewright.budget.limits import Caps
from mergewright.errors import BudgetExceeded, StoreFailed
from mergewright.events.chain import verify_chain
from mergewright.events.ledger import Ledger
from mergewright.events.sqlite import SqliteEventStore
from tests.events.crowds import WAITING_SECONDS, Crowd
from tests.events.samples import NOON, note, reserve_five_cents, reserved, texts


@pytest.fixture
def url(path):
    return f"sqlite:///{path}"


@pytest.fixture
def crowd(store):
    crowd = Crowd(store)
    yield crowd
    crowd.go_on.set()
    crowd.pool.shutdown()


@contextmanager
def statements_of(store):
    seen = []
    with store._opened() as connection:
        connection.set_trace_callback(seen.append)
    yield seen
    with store._opened() as connection:
        connection.set_trace_callback(None)


def test_all_who_wait_share_one_commit(store, crowd):
    with statements_of(store) as statements:
        first = crowd.begin()
        others = [crowd.join(note(f"{number}")) for number in range(7)]
        crowd.go_on.set()
        answers = [future.result(WAITING_SECONDS) for future in (first, *others)]
    assert statements.count("COMMIT") == 2
    assert [stored.event.text for (stored,) in answers] == texts(store)
    assert texts(store) == ["first", *"0123456"]
    verify_chain(store.read())


def test_one_alone_needs_no_savepoint(store):
    with statements_of(store) as statements:
        store.append([note()])
    assert statements[0] == "BEGIN IMMEDIATE"
    assert not any("own" in statement for statement in statements)


def test_who_is_refused_or_fails_takes_back_only_its_own(store, crowd):
    def refuse(_spent):
        raise BudgetExceeded("no")

    first = crowd.begin()
    good = crowd.join(note("good"))
    refused = crowd.join(note("refused"), guard=refuse)
    broken = crowd.join(note("half"), note("broken").model_copy(update={"run_id": None}))
    keyed = crowd.join(note("keyed", key="k"))
    again = crowd.join(note("again", key="k"), note("last"))
    crowd.go_on.set()
    with pytest.raises(BudgetExceeded):
        refused.result(WAITING_SECONDS)
    with pytest.raises(StoreFailed, match="NOT NULL"):
        broken.result(WAITING_SECONDS)
    assert first.result(WAITING_SECONDS)[0].seq == 1
    assert good.result(WAITING_SECONDS)[0].seq == 2
    assert again.result(WAITING_SECONDS)[0] == keyed.result(WAITING_SECONDS)[0]
    assert texts(store) == ["first", "good", "keyed", "last"]
    verify_chain(store.read())


def test_a_guard_sees_what_those_before_it_in_the_same_commit_spent(store, crowd):
    seen = []
    crowd.begin()
    crowd.join(reserved("r1", "0.5"))
    asked = crowd.join(reserved("r2", "0.5"), guard=lambda spent: seen.append(spent.day_usd))
    crowd.go_on.set()
    asked.result(WAITING_SECONDS)
    assert seen == [Decimal("0.5")]


def test_one_that_does_not_fit_on_the_disk_leaves_the_others_in(store, crowd):
    store.append([note("kept")])
    with store._opened() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 3}")
    crowd.begin()
    small = crowd.join(note("small"))
    large = crowd.join(note("x" * 100_000))
    late = crowd.join(note("late"))
    crowd.go_on.set()
    with pytest.raises(StoreFailed, match="full"):
        large.result(WAITING_SECONDS)
    small.result(WAITING_SECONDS)
    late.result(WAITING_SECONDS)
    assert texts(store) == ["kept", "first", "small", "late"]
    verify_chain(store.read())


def commit_to_a_disk_that_is_full(path, answers):
    store = SqliteEventStore(path)
    crowd = Crowd(store)
    store.append([note("before")])
    first = crowd.begin()
    others = [crowd.join(note(f"{number}" + "x" * 3_000)) for number in range(6)]
    size_bytes = path.with_name(f"{path.name}-wal").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, resource.RLIM_INFINITY))
    crowd.go_on.set()
    errors = [future.exception(WAITING_SECONDS) for future in (first, *others)]
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    store.append([note("after")])
    distinct = len({id(error) for error in errors})
    answers.put((Counter(type(error).__name__ for error in errors), distinct, texts(store)))


def test_a_commit_that_fails_reaches_everyone_who_waits(path, processes):
    answers = processes.Queue()
    process = processes.Process(target=commit_to_a_disk_that_is_full, args=(path, answers))
    process.start()
    assert answers.get(timeout=30) == ({"StoreFailed": 7}, 7, ["before", "after"])
    process.join(10)


def test_a_guard_may_read_and_not_append(store):
    seen = []

    def look(_spent):
        seen.append(len(store.read()))
        store.append([note("never")])

    store.append([note("a")])
    with pytest.raises(StoreFailed, match="guard cannot append"):
        store.append([note("b")], guard=look)
    assert seen == [1]
    assert texts(store) == ["a"]


def reserve_until_refused(store, number, outcomes):
    caps = Caps(run_usd=Decimal(10), day_usd=Decimal(2))
    ledger = Ledger(store, f"run-{number % 3}", caps, clock=lambda: NOON)
    for call in range(8):
        try:
            reservation = reserve_five_cents(ledger, call)
        except BudgetExceeded:
            outcomes.append(None)
            continue
        outcomes.append(reservation.id)
        if call % 2:
            ledger.release(reservation, stage="plan", outcome="failed")
        store.append([note(f"{number}-{call}", key=f"{call % 3}")], sync=bool(call % 2))


def test_many_threads_never_pass_a_cap_and_every_event_is_there_once(store):
    outcomes = []
    before = sys.getswitchinterval()
    sys.setswitchinterval(0.0001)
    with ThreadPoolExecutor(16) as pool:
        for future in [pool.submit(reserve_until_refused, store, n, outcomes) for n in range(16)]:
            future.result(60)
    sys.setswitchinterval(before)
    stored = store.read()
    verify_chain(stored)
    held, worst = Decimal(0), {}
    for event in (each.event for each in stored):
        if event.type == "call_reserved":
            assert event.reservation_id not in worst
            worst[event.reservation_id] = event.worst_case_usd
            held += event.worst_case_usd
        elif event.type == "call_settled":
            held -= worst[event.reservation_id]
        assert held <= 2
    assert {outcome for outcome in outcomes if outcome} == worst.keys()
    assert len(outcomes) == 16 * 8
    # 64 reservations are kept if they all fit, and 40 do: some were refused.
    assert None in outcomes
    assert held == 2
    keys = Counter((e.event.run_id, e.event.key) for e in stored if e.event.type == "noted")
    assert set(keys.values()) == {1}
