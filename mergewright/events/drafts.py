"""What an append will write, worked out before it is written, from what the log held.

For a back end that cannot compute in its own transaction: digests and sums are made here, and the
back end takes them only if the log is still as it was seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from mergewright.budget.limits import Spending
from mergewright.domain.events import CallSettled, Event, RunFinished, RunStarted
from mergewright.errors import StoreFailed
from mergewright.events.chain import link
from mergewright.events.entries import Entry, entry_of
from mergewright.events.rows import natural_key
from mergewright.events.store import Stored

MAX_MICROS: Final = 10**15
"""A thousand million dollars: sums of such amounts stay exact."""


class Identity(NamedTuple):
    """What a log holds at most one event of."""

    run_id: str
    type: str
    key: str


class Head(NamedTuple):
    """Where a run's chain ends."""

    digest: str
    """Empty before the run's first event."""
    seq: int


@dataclass(frozen=True, slots=True)
class Seen:
    """The log, as far as an append must know it."""

    spending: Spending | None
    """None when it was not looked at, because no guard asks."""
    day_micros: int
    heads: dict[str, Head]
    stored: dict[Identity, Stored] = field(default_factory=dict)


class Row(NamedTuple):
    """An event that is to be written."""

    event: Event
    identity: Identity
    body: str
    digest: str
    entry: Entry | None
    finished: str
    """When the run came to its end, in seconds since 1970; `-` when it goes on; else empty."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Rows to write, and for each event of an append its row or what stands in its place."""

    seen: Seen
    rows: list[Row]
    places: list[int | Stored]

    def stored(self, first_seq: int) -> tuple[Stored, ...]:
        """Return what the append returns, once the rows are in the log from `first_seq` on."""
        written = [
            Stored(seq, row.event, row.digest) for seq, row in enumerate(self.rows, first_seq)
        ]
        return tuple(written[place] if isinstance(place, int) else place for place in self.places)

    def heads(self, first_seq: int) -> dict[str, Head]:
        """Return where the chains end, once the rows are in the log from `first_seq` on."""
        rows = enumerate(self.rows, first_seq)
        return {row.event.run_id: Head(row.digest, seq) for seq, row in rows}


def identify(event: Event) -> Identity:
    """Return what an event is found by; its key is empty when there may be many."""
    return Identity(event.run_id, event.type, natural_key(event))


def needed(events: Sequence[Event]) -> set[Identity]:
    """Return what a draft must know about: the events themselves, and the reservations they settle."""
    reservations = {
        Identity(event.run_id, "call_reserved", event.reservation_id)
        for event in events
        if isinstance(event, CallSettled)
    }
    return {identity for identity in map(identify, events) if identity.key} | reservations


def draft(events: Sequence[Event], bodies: Sequence[str], seen: Seen) -> Draft:
    """Work out what to write.

    Raises:
        StoreFailed: An amount is beyond all reason.
    """
    made = Draft(seen, [], [])
    places: dict[Identity, int] = {}
    heads = {run_id: head.digest for run_id, head in seen.heads.items()}
    for event, body in zip(events, bodies, strict=True):
        identity = identify(event)
        place = seen.stored.get(identity, places.get(identity))
        if place is None:
            place = len(made.rows)
            if identity.key:
                places[identity] = place
            heads[event.run_id] = digest = link(heads[event.run_id], body)
            entry = entry_of(event, _reservation(event, made, places))
            made.rows.append(
                Row(event, identity, body, digest, _checked(entry, event), _finished(event))
            )
        made.places.append(place)
    return made


def _reservation(event: Event, made: Draft, places: dict[Identity, int]) -> Entry | None:
    if not isinstance(event, CallSettled):
        return None
    identity = Identity(event.run_id, "call_reserved", event.reservation_id)
    if identity in places:
        return made.rows[places[identity]].entry
    stored = made.seen.stored.get(identity)
    return entry_of(stored.event, None) if stored else None


def _checked(entry: Entry | None, event: Event) -> Entry | None:
    if entry is not None and abs(entry.micros) > MAX_MICROS:
        raise StoreFailed(
            f"The event {event.type!r} of the run {event.run_id!r} is about more money than there is.",
            hint="Look at the price of the model.",
            run_id=event.run_id,
        )
    return entry


def _finished(event: Event) -> str:
    if isinstance(event, RunFinished) and not event.resumable:
        return str(event.at.timestamp())
    return "-" if isinstance(event, RunStarted | RunFinished) else ""
