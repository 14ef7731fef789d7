"""The event log in one SQLite file: the back end that needs nothing set up.

Write-ahead log with `synchronous=FULL`: a returned append survives the death of the process and a
power cut. Writers of all processes take turns (`BEGIN IMMEDIATE`), so the sums that a guard sees
cannot change before its event is in.

Source: https://sqlite.org/wal.html and https://sqlite.org/howtocorrupt.html, 2026-11-20.
"""

import os
import sqlite3
import threading
import weakref
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from mergewright.budget.limits import Spending
from mergewright.domain.events import CallSettled, Event
from mergewright.events.chain import link
from mergewright.events.entries import Entry, day_of, entry_of, to_usd
from mergewright.events.rows import decode, encode, natural_key
from mergewright.events.sqlite_file import BUSY_TIMEOUT_SECONDS, failure, open_file
from mergewright.events.store import Guard, Stored

_STORES: Final[weakref.WeakSet["SqliteEventStore"]] = weakref.WeakSet()
_INHERITED: Final[list[sqlite3.Connection]] = []

# The unique index holds natural keys only: without `key <> ''` SQLite would not use it, and go
# through all events of the type instead.
_FIND: Final = (
    "SELECT seq, body, digest FROM events WHERE run_id = ? AND type = ? AND key = ? AND key <> ''"
)
_LAST_DIGEST: Final = "SELECT digest FROM events WHERE run_id = ? ORDER BY seq DESC LIMIT 1"
_RESERVED: Final = (
    "SELECT held_micros, held_stage, held_day FROM events"
    " WHERE run_id = ? AND type = 'call_reserved' AND key = ? AND key <> ''"
)
_INSERT: Final = (
    "INSERT INTO events (run_id, type, key, body, digest, held_micros, held_stage, held_day)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_SPENT_BY_RUN: Final = (
    "SELECT ifnull(sum(held_micros), 0), ifnull(sum(held_micros) FILTER (WHERE held_stage = ?), 0)"
    " FROM events WHERE run_id = ? AND held_micros IS NOT NULL"
)
_SPENT_BY_DAY: Final = "SELECT ifnull(sum(held_micros), 0) FROM events WHERE held_day = ?"
_RUN_IDS: Final = "SELECT run_id FROM events GROUP BY run_id ORDER BY min(seq) DESC LIMIT ?"


class SqliteEventStore:
    """An event log in a file that threads and processes share.

    One connection per process behind a lock; a forked child opens its own.

    Args:
        path: The file; it is made, with its folder, if it is not there.
        busy_timeout_seconds: How long to wait for other processes' turn.

    Raises:
        StoreFailed: The file cannot be opened as an event log.
    """

    def __init__(self, path: Path, *, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> None:
        self._busy_timeout_seconds = busy_timeout_seconds
        self._path = path.expanduser().absolute()
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        with self._opened():
            _STORES.add(self)

    def append(self, events: Sequence[Event], *, guard: Guard | None = None) -> tuple[Stored, ...]:
        """Write events, all or none; see `EventStore.append`.

        Raises:
            StoreFailed: The log cannot be read or written; nothing was.
        """
        if not events:
            return ()
        bodies = [encode(event) for event in events]
        with self._transaction() as connection:
            if guard is not None and any(_existing(connection, event) is None for event in events):
                guard(_spending(connection, events[0]))
            return tuple(
                _existing(connection, event) or _insert(connection, event, body)
                for event, body in zip(events, bodies, strict=True)
            )

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
        conditions = ["seq > ?"]
        values: list[str | int] = [after]
        if run_id is not None:
            conditions.append("run_id = ?")
            values.append(run_id)
        if types:
            conditions.append(f"type IN ({', '.join('?' * len(types))})")
            values.extend(types)
        query = (
            f"SELECT seq, body, digest FROM events WHERE {' AND '.join(conditions)}"  # noqa: S608 - fixed texts and question marks only
            " ORDER BY seq LIMIT ?"
        )
        values.append(-1 if limit is None else limit)
        with self._opened() as connection:
            rows = connection.execute(query, values).fetchall()
        return [_stored(row) for row in rows]

    def find(self, run_id: str, event_type: str, key: str) -> Stored | None:
        """Return the run's event of this type with this natural key.

        Raises:
            StoreFailed: The log cannot be read.
        """
        if not key:
            return None
        with self._opened() as connection:
            row = connection.execute(_FIND, (run_id, event_type, key)).fetchone()
        return _stored(row) if row else None

    def run_ids(self, *, limit: int = 50) -> list[str]:
        """Return the runs in the log, the one that began last first.

        Raises:
            StoreFailed: The log cannot be read.
        """
        with self._opened() as connection:
            return [run_id for (run_id,) in connection.execute(_RUN_IDS, (limit,))]

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if self._connection is None:
                    self._connection = open_file(
                        self._path, busy_timeout_seconds=self._busy_timeout_seconds
                    )
                    self._inode = self._path.stat().st_ino
                elif self._path.stat().st_ino != self._inode:
                    raise FileNotFoundError(f"another file took the place of {self._path}")
                yield self._connection
            except (sqlite3.Error, OSError, OverflowError) as error:
                raise failure(self._path, error) from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._opened() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # A full disk makes SQLite roll back by itself.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _leave_to_parent(self) -> None:
        # Closing a connection that came through a fork would drop the parent's file locks.
        if self._connection is not None:
            _INHERITED.append(self._connection)
        self._connection = None
        self._lock = threading.RLock()


def _leave_all_to_parent() -> None:
    for store in _STORES:
        store._leave_to_parent()  # noqa: SLF001 - same module, and nobody else's business


os.register_at_fork(after_in_child=_leave_all_to_parent)


def _stored(row: tuple[int, str, str]) -> Stored:
    seq, body, digest = row
    return Stored(seq, decode(body, seq), digest)


def _existing(connection: sqlite3.Connection, event: Event) -> Stored | None:
    key = natural_key(event)
    if not key:
        return None
    row = connection.execute(_FIND, (event.run_id, event.type, key)).fetchone()
    return _stored(row) if row else None


def _insert(connection: sqlite3.Connection, event: Event, body: str) -> Stored:
    previous = connection.execute(_LAST_DIGEST, (event.run_id,)).fetchone()
    digest = link(previous[0] if previous else "", body)
    entry = entry_of(event, _reservation(connection, event)) or (None, None, None)
    row = (event.run_id, event.type, natural_key(event), body, digest, *entry)
    seq = connection.execute(_INSERT, row).lastrowid
    return Stored(seq or 0, event, digest)


def _reservation(connection: sqlite3.Connection, event: Event) -> Entry | None:
    if not isinstance(event, CallSettled):
        return None
    row = connection.execute(_RESERVED, (event.run_id, event.reservation_id)).fetchone()
    return Entry(*row) if row else None


def _spending(connection: sqlite3.Connection, event: Event) -> Spending:
    run, stage = connection.execute(_SPENT_BY_RUN, (event.stage, event.run_id)).fetchone()
    (day,) = connection.execute(_SPENT_BY_DAY, (day_of(event.at),)).fetchone()
    return Spending(run_usd=to_usd(run), stage_usd=to_usd(stage), day_usd=to_usd(day))
