"""The event store as everyone sees it: append, read, find.

One protocol for every back end. What an implementation must keep: `append` is all or nothing and
durable on return; sequence numbers rise and are never used twice; a run holds at most one event of
a type with the same natural key (`rows.natural_key`); the digest chains a run's events
(`chain.link`); what is spent is known inside the append that adds to it (`entries.entry_of`).
"""

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from typing import NamedTuple, Protocol

from mergewright.budget.limits import Spending
from mergewright.domain.events import Event
from mergewright.errors import NotFound


class Stored(NamedTuple):
    """An event in the log."""

    seq: int
    """Place in the log, over all runs."""
    event: Event
    digest: str
    """SHA-256 over the digest before it in its run and the event's canonical JSON."""


Guard = Callable[[Spending], None]
"""Looks at what is spent and raises to stop an append."""


class EventStore(Protocol):
    """An append-only log that several processes share."""

    def append(
        self, events: Sequence[Event], *, guard: Guard | None = None, sync: bool = True
    ) -> tuple[Stored, ...]:
        """Write events, all or none, and return them as stored.

        On return everyone sees them, and they survive the death of this process. With `sync` they,
        and all events before them, also survive what the setting `event_sync` says.

        An event whose run holds one of its type and natural key already is not written: what is
        there takes its place in the answer.

        Args:
            events: In order.
            guard: Sees, before anything is written and with no other writer in between, what the
                first event's run, stage and UTC day have spent. Not asked when there is nothing new.
                It may be asked by another thread, and more than once.
            sync: False where losing them to a power cut only means doing work again: such an append
                waits for no disk, and is on it for certain after the next that syncs. Redis's own
                `appendfsync` decides for all appends alike.

        Raises:
            StoreFailed: The log cannot be read or written; nothing was.
            RunInterrupted: This store held the run, and no longer does; nothing was written.
        """
        ...

    def read(
        self,
        *,
        run_id: str | None = None,
        after: int = 0,
        types: Collection[str] = (),
        limit: int | None = None,
    ) -> list[Stored]:
        """Return events in the order of the log.

        Args:
            run_id: Only this run's.
            after: Only those with a greater sequence number.
            types: Only these; empty means all.
            limit: At most so many.

        Raises:
            StoreFailed: The log cannot be read.
        """
        ...

    def find(self, run_id: str, event_type: str, key: str) -> Stored | None:
        """Return the run's event of this type with this natural key.

        Raises:
            StoreFailed: The log cannot be read.
        """
        ...

    def run_ids(self, *, limit: int = 50) -> list[str]:
        """Return the runs in the log, the one that began last first.

        When there are more than `limit`, one that does not begin with `run_started` may be left out.

        Raises:
            StoreFailed: The log cannot be read.
        """
        ...

    def hold(self, run_id: str) -> AbstractContextManager[None]:
        """Keep everyone else who shares the log from working on a run until the context ends.

        Never waits. Only those who hold are kept out: whoever does not work on the run may read it,
        and append to it what a person decided or undid. The hold of a process that dies ends: at
        once in a file, after a while in Redis. If one is lost by sleeping too long, this store's
        appends to the run are refused from then on.

        Raises:
            RunInterrupted: Somebody else holds the run, or this process does already.
            StoreFailed: The log cannot be read or written.
        """
        ...

    def close(self) -> None:
        """Let go of the log; the next use takes hold of it again."""
        ...


def read_run(store: EventStore, run_id: str) -> list[Stored]:
    """Return all events of a run, in the order of the log.

    Raises:
        NotFound: The log holds none.
        StoreFailed: The log cannot be read.
    """
    stored = store.read(run_id=run_id)
    if not stored:
        raise NotFound(
            f"There is no such run: the log holds no event of {run_id!r}.",
            hint="`mergewright runs` lists the runs in the log.",
        )
    return stored
