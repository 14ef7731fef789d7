"""What an append will write, from what the log held."""

from decimal import Decimal

import pytest

from mergewright.errors import StoreFailed
from mergewright.events.chain import link
from mergewright.events.drafts import Head, Identity, Seen, draft, identify, needed
from mergewright.events.entries import Entry
from mergewright.events.rows import encode
from mergewright.events.store import Stored
from tests.events.samples import NOON, finished, note, reserved, settled, started


def seen(*stored, **heads):
    known = {"run-1": Head("", 0), "run-2": Head("abc", 7), **heads}
    there = {identify(event.event): event for event in stored}
    return Seen(spending=None, day_micros=0, heads=known, stored=there)


def drafted(events, known=None):
    return draft(events, [encode(event) for event in events], known or seen())


def test_each_run_goes_on_with_its_own_chain():
    events = [note("a"), note("b", run_id="run-2"), note("c")]
    made = drafted(events)
    first, second, third = (row.digest for row in made.rows)
    assert first == link("", encode(events[0]))
    assert second == link("abc", encode(events[1]))
    assert third == link(first, encode(events[2]))
    assert made.heads(8) == {"run-1": Head(third, 10), "run-2": Head(second, 9)}
    assert [stored.seq for stored in made.stored(8)] == [8, 9, 10]


def test_what_is_there_takes_the_place_of_what_is_new():
    there = Stored(3, note("there", key="k"), "d")
    made = drafted(
        [note("a"), note("b", key="k"), note("c", key="n"), note("d", key="n")], seen(there)
    )
    assert [row.event.text for row in made.rows] == ["a", "c"]
    stored = made.stored(8)
    assert stored[1] == there
    assert stored[2] == stored[3] == Stored(9, note("c", key="n"), made.rows[1].digest)


def test_what_must_be_known_are_keys_and_reservations():
    assert needed([note("a"), note("b", key="k"), settled("r1")]) == {
        Identity("run-1", "noted", "k"),
        Identity("run-1", "call_settled", "r1"),
        Identity("run-1", "call_reserved", "r1"),
    }


def test_a_settlement_counts_against_its_reservation_wherever_that_is():
    there = Stored(3, reserved("r1", "0.5", stage="plan"), "d")
    made = drafted([settled("r1", "0.1", stage="other"), reserved("r2", "0.4")], seen(there))
    assert [row.entry for row in made.rows] == [
        Entry(-400_000, "plan", "2026-11-20"),
        Entry(400_000, "plan", "2026-11-20"),
    ]
    together = drafted([reserved("r3", "0.3"), settled("r3", "0.1"), settled("r9", "0.2")])
    assert [row.entry.micros for row in together.rows] == [300_000, -200_000, 200_000]


def test_a_run_is_over_when_it_cannot_be_resumed():
    events = [started(), note(), finished(resumable=True), finished(seconds=0)]
    over = str(NOON.timestamp())
    assert [row.finished for row in drafted(events).rows] == ["-", "", "-", over]


def test_amounts_beyond_reason_are_refused():
    assert drafted([reserved("r", Decimal(10) ** 9)]).rows
    with pytest.raises(StoreFailed, match="more money"):
        drafted([reserved("r", Decimal(10) ** 9 + 1)])
