"""The event log in Redis Streams: the back end that several machines share.

Redis has no transaction in which Python could look, decide and write, so an append looks, asks its
guard, and then writes in one script that refuses if the chain of a run or the sum of the day is no
longer as it was seen; then it begins again. A guard's verdict therefore always holds for what is in
the log before its event.

When the connection breaks while an append waits for its answer, the same script is sent once more:
it cannot write twice, because the chain that it continues has moved on. If Redis stays away the
append fails, and what was sent is in the log whole or not at all. Nothing is kept elsewhere
meanwhile. How long a returned append lasts: see `redis_server`.
"""

import os
import threading
import time
import weakref
from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from typing import Final, cast

from mergewright.budget.limits import Spending
from mergewright.domain.events import CallSettled, Event
from mergewright.domain.logged_event import BESIDE_RUNS
from mergewright.errors import StoreFailed
from mergewright.events.drafts import Draft, Head, Row, Seen, draft, identify, needed
from mergewright.events.entries import day_of, to_usd
from mergewright.events.redis_holds import HOLD_SECONDS, Other, RedisHolds
from mergewright.events.redis_log import RedisLog, stored_of
from mergewright.events.redis_queue import RedisEventQueue
from mergewright.events.redis_scripts import COMMIT, FIND, LOOK, READ, RUN_IDS, STALE, TRIMMED
from mergewright.events.rows import encode
from mergewright.events.store import Guard, Stored
from mergewright.settings import EventSync

BUSY_TIMEOUT_SECONDS: Final = 30.0
_PAGE: Final = 200
"""Events that one answer of the server holds at most."""

_MAX_HEADS: Final = 1_000

_STORES: Final[weakref.WeakSet["RedisEventStore"]] = weakref.WeakSet()


class RedisEventStore(RedisEventQueue):
    """An event log in a Redis database that processes and machines share.

    Args:
        url: `redis://` or `rediss://`; see `redis_server.parse_redis_url`.
        event_sync: What the server must let a returned append survive.
        busy_timeout_seconds: How long an append begins again while others write first.
        hold_seconds: How long a hold outlives its holder.

    Raises:
        SettingInvalid: It is no such URL, or the server may lose what it has acknowledged.
        StoreFailed: The server cannot be reached, or holds something else.
    """

    def __init__(
        self,
        url: str,
        *,
        event_sync: EventSync = EventSync.POWER_LOSS,
        busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
        hold_seconds: float = HOLD_SECONDS,
    ) -> None:
        super().__init__(RedisLog(url, event_sync))
        self._holds = RedisHolds(self._log, hold_seconds=hold_seconds)
        self._busy_timeout_seconds = busy_timeout_seconds
        self._lock = threading.RLock()
        self._heads: dict[str, Head] = {}
        _STORES.add(self)

    def append(
        self,
        events: Sequence[Event],
        *,
        guard: Guard | None = None,
        sync: bool = True,  # noqa: ARG002 - the server's `appendfsync` decides for all alike
    ) -> tuple[Stored, ...]:
        """Write events, all or none; see `EventStore.append`.

        Raises:
            StoreFailed: The log cannot be read or written; nothing was, unless the connection broke
                while the answer was on its way: then all was or nothing.
            RunInterrupted: This store held the run, and no longer does; nothing was written.
        """
        if not events:
            return ()
        bodies = [_body(event) for event in events]
        give_up_at = time.monotonic() + self._busy_timeout_seconds
        # Threads of one process would only make each other begin again.
        with self._lock:
            seen = None if guard else self._remember(events)
            while True:
                seen = seen or self._look(events)
                if guard is not None and any(identify(new) not in seen.stored for new in events):
                    guard(cast("Spending", seen.spending))
                made = draft(events, bodies, seen)
                day = day_of(events[0].at) if guard is not None else ""
                first_seq = self._commit(made, day)
                if first_seq is not None:
                    self._heads |= made.heads(first_seq)
                    return made.stored(first_seq)
                seen = None
                if time.monotonic() > give_up_at:
                    raise self._busy()

    def read(
        self,
        *,
        run_id: str | None = None,
        after: int = 0,
        types: Collection[str] = (),
        limit: int | None = None,
    ) -> list[Stored]:
        """Return events in the order of the log; see `EventStore.read`.

        Raises:
            StoreFailed: The log cannot be read.
        """
        found: list[Stored] = []
        if run_id == "" or limit == 0:
            return found
        page = _PAGE if limit is None or limit < 0 or types else min(_PAGE, limit)
        more = 1
        while more:
            answer = self._log.send(READ, after, page, run_id or "", *types)
            more, cursor, entries = cast("tuple[int, bytes, list[list[bytes]]]", answer.value)
            found += map(stored_of, entries)
            after = int(cursor)
            if limit is not None and 0 < limit <= len(found):
                return found[:limit]
        return found

    def find(self, run_id: str, event_type: str, key: str) -> Stored | None:
        """Return the run's event of this type with this natural key.

        Raises:
            StoreFailed: The log cannot be read.
        """
        if not key:
            return None
        entry = cast("list[bytes]", self._log.send(FIND, run_id, event_type, key).value)
        return stored_of(entry) if entry else None

    def run_ids(self, *, limit: int = 50) -> list[str]:
        """Return the runs in the log, the one that began last first.

        Raises:
            StoreFailed: The log cannot be read.
        """
        # what is beside the runs is one id at most
        reply = self._log.send(RUN_IDS, limit + 1 if limit > 0 else limit).value
        known = (run_id.decode() for run_id in cast("list[bytes]", reply))
        found = [run_id for run_id in known if not run_id.startswith(BESIDE_RUNS)]
        return found if limit < 0 else found[:limit]

    def hold(self, run_id: str) -> AbstractContextManager[None]:
        """Keep everyone else from working on a run; see `EventStore.hold`.

        Raises:
            RunInterrupted: Somebody else works on it.
            StoreFailed: The log cannot be written.
        """
        return self._holds.hold(run_id)

    def close(self) -> None:
        """Let go of the connections; the next use makes new ones."""
        self._log.server.close()

    def _remember(self, events: Sequence[Event]) -> Seen | None:
        """Return what this process knows from its last append: enough if nobody wrote since."""
        if len(self._heads) > _MAX_HEADS:
            self._heads.clear()
        heads = {event.run_id: self._heads.get(event.run_id) for event in events}
        known = {run_id: head for run_id, head in heads.items() if head is not None}
        if len(known) < len(heads) or any(isinstance(event, CallSettled) for event in events):
            return None
        return Seen(spending=None, day_micros=0, heads=known)

    def _look(self, events: Sequence[Event]) -> Seen:
        first = events[0]
        runs = list(dict.fromkeys(event.run_id for event in events))
        wanted = sorted(needed(events))
        parts = [part for identity in wanted for part in identity]
        answer = self._log.send(
            LOOK, first.run_id, first.stage, day_of(first.at), len(runs), *runs, *parts
        )
        sums, heads, entries = cast(
            "tuple[list[bytes], list[tuple[bytes, bytes]], list[list[bytes]]]", answer.value
        )
        run, stage, day = map(int, sums)
        seen = Seen(
            spending=Spending(run_usd=to_usd(run), stage_usd=to_usd(stage), day_usd=to_usd(day)),
            day_micros=day,
            heads={
                run_id: Head(digest.decode(), int(seq))
                for run_id, (digest, seq) in zip(runs, heads, strict=True)
            },
            stored={
                identity: stored_of(entry)
                for identity, entry in zip(wanted, entries, strict=True)
                if entry
            },
        )
        for run_id, head in seen.heads.items():
            if head.digest == TRIMMED:
                raise StoreFailed(
                    f"The run {run_id!r} was removed from the log: nothing can be added to it.",
                    hint="Start the same request again with --fresh.",
                    run_id=run_id,
                )
        return seen

    def _commit(self, made: Draft, day: str) -> int | None:
        if not made.rows:
            return 0
        heads = made.seen.heads
        answer = self._log.send(
            COMMIT,
            *(day, made.seen.day_micros, self._holds.milliseconds, len(heads)),
            *(part for run_id, head in heads.items() for part in self._links(run_id, head)),
            *(part for row in made.rows for part in _parts(row)),
        )
        is_fenced = isinstance(answer.value, list)
        if answer.value != STALE and not is_fenced:
            return cast("int", answer.value)
        written = self._find_written(made) if answer.is_repeated else None
        if is_fenced and written is None:
            raise self._holds.lost(cast("Other", answer.value))
        return written

    def _links(self, run_id: str, head: Head) -> tuple[str, str, str]:
        return run_id, head.digest, self._holds.holder_of(run_id)

    def _find_written(self, made: Draft) -> int | None:
        """Return where the rows are, if the script had run before its answer was lost."""
        first = made.rows[0]
        run_id = first.identity.run_id
        since = self.read(run_id=run_id, after=made.seen.heads[run_id].seq)
        return next((stored.seq for stored in since if stored.digest == first.digest), None)

    def _busy(self) -> StoreFailed:
        return StoreFailed(
            f"The event log in Redis at {self._log.server.place.shown} is busy: for"
            f" {self._busy_timeout_seconds:g} seconds others wrote first.",
            hint="Start the same request again when fewer runs are at work.",
        )

    def _leave_to_parent(self) -> None:
        # A thread of the parent may have held it, and there is no such thread in a child.
        self._lock = threading.RLock()
        self._holds.leave_to_parent()


def _leave_all_to_parent() -> None:
    for store in _STORES:
        store._leave_to_parent()  # noqa: SLF001 - same module, and nobody else's business


os.register_at_fork(after_in_child=_leave_all_to_parent)


def _body(event: Event) -> str:
    if not event.run_id:
        raise StoreFailed(
            f"The event {event.type!r} belongs to no run.", hint="Give it the id of a run."
        )
    return encode(event)


def _parts(row: Row) -> tuple[str | int, ...]:
    entry = row.entry
    money: tuple[str | int, ...] = ("", "", "")
    if entry is not None:
        money = (entry.micros, entry.stage, entry.day or "")
    return (*row.identity, row.body, row.digest, *money, row.finished)
