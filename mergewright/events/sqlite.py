"""The event log in one SQLite file: the back end that needs nothing set up.

Write-ahead log. With `synchronous=FULL` a returned append survives the death of the process and a
power cut; with `NORMAL`, as for appends that need no sync, the death of the process: the file is
whole after a power cut, and a commit that is synced carries all that came before it. Writers of all
processes take turns (`BEGIN IMMEDIATE`), so the sums that a guard sees cannot change before its
event is in.

Source: https://sqlite.org/wal.html, https://sqlite.org/pragma.html#pragma_synchronous and
https://sqlite.org/howtocorrupt.html, 2026-11-20.
"""

import os
import sqlite3
import threading
import weakref
from collections.abc import Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from copy import copy
from pathlib import Path
from typing import Final

from mergewright.domain.events import Event
from mergewright.errors import StoreFailed
from mergewright.events.commit_group import CommitGroup, PendingAppend
from mergewright.events.file_holds import hold_file
from mergewright.events.rows import encode
from mergewright.events.sqlite_append import FIND, commit_together, stored_of
from mergewright.events.sqlite_file import (
    BUSY_TIMEOUT_SECONDS,
    failure,
    open_file,
    set_synced,
)
from mergewright.events.store import Guard, Stored
from mergewright.settings import EventSync

_STORES: Final[weakref.WeakSet["SqliteEventStore"]] = weakref.WeakSet()
_PAUSED: Final = threading.local()
_INHERITED: Final[list[sqlite3.Connection]] = []

# Runs begin with `run_started`, and those rows are few and have an index: only as many are looked at
# as are asked for, and those by which a run began again.
_NEWEST_RUNS: Final = (
    "SELECT run_id FROM events AS began WHERE type = 'run_started' AND NOT EXISTS"
    " (SELECT 1 FROM events WHERE run_id = began.run_id AND seq < began.seq)"
    " ORDER BY seq DESC LIMIT ?"
)
# From run to run through their index, without looking at what lies between.
_ALL_RUNS: Final = """
WITH RECURSIVE runs (run_id) AS (
    SELECT min(run_id) FROM events
    UNION ALL
    SELECT (SELECT min(run_id) FROM events WHERE run_id > runs.run_id)
    FROM runs WHERE runs.run_id IS NOT NULL
)
SELECT run_id FROM runs WHERE run_id IS NOT NULL AND substr(run_id, 1, 1) <> ':'
ORDER BY (SELECT min(seq) FROM events WHERE run_id = runs.run_id) DESC LIMIT ?
"""


class SqliteEventStore:
    """An event log in a file that threads and processes share.

    One connection per process behind a lock; a forked child opens its own.

    Args:
        path: The file; it is made, with its folder, if it is not there.
        event_sync: What a returned append survives.
        busy_timeout_seconds: How long to wait for other processes' turn.

    Raises:
        StoreFailed: The file cannot be opened as an event log.
    """

    def __init__(
        self,
        path: Path,
        *,
        event_sync: EventSync = EventSync.POWER_LOSS,
        busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS,
    ) -> None:
        self._is_synced = event_sync is EventSync.POWER_LOSS
        self._syncs_commits = True
        self._group = CommitGroup(self._commit)
        self._busy_timeout_seconds = busy_timeout_seconds
        self._path = path.expanduser().absolute()
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        with self._opened():
            _STORES.add(self)

    def append(
        self, events: Sequence[Event], *, guard: Guard | None = None, sync: bool = True
    ) -> tuple[Stored, ...]:
        """Write events, all or none; see `EventStore.append`.

        Raises:
            StoreFailed: The log cannot be read or written; nothing was.
        """
        if not events:
            return ()
        bodies = [encode(event) for event in events]
        return self._group.append(PendingAppend(events, bodies, guard, sync))

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
        return [stored_of(row) for row in rows]

    def find(self, run_id: str, event_type: str, key: str) -> Stored | None:
        """Return the run's event of this type with this natural key.

        Raises:
            StoreFailed: The log cannot be read.
        """
        if not key:
            return None
        with self._opened() as connection:
            row = connection.execute(FIND, (run_id, event_type, key)).fetchone()
        return stored_of(row) if row else None

    def run_ids(self, *, limit: int = 50) -> list[str]:
        """Return the runs in the log, the one that began last first; see `EventStore.run_ids`.

        Raises:
            StoreFailed: The log cannot be read.
        """
        with self._opened() as connection:
            found = connection.execute(_NEWEST_RUNS, (limit,)).fetchall() if limit >= 0 else []
            if len(found) != limit:
                found = connection.execute(_ALL_RUNS, (limit,)).fetchall()
        return [run_id for (run_id,) in found]

    def hold(self, run_id: str) -> AbstractContextManager[None]:
        """Keep everyone else from working on a run; see `EventStore.hold`.

        Raises:
            RunInterrupted: Somebody else works on it.
            StoreFailed: The folder of the log cannot be written.
        """
        return hold_file(self._path, run_id)

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
                    self._syncs_commits = True
                elif self._path.stat().st_ino != self._inode:
                    raise FileNotFoundError(f"another file took the place of {self._path}")
                yield self._connection
            except (sqlite3.Error, OSError, OverflowError) as error:
                raise failure(self._path, error) from error

    def _commit(self, appends: Sequence[PendingAppend]) -> None:
        try:
            with self._opened() as connection:
                is_synced = self._is_synced and any(pending.sync for pending in appends)
                if is_synced != self._syncs_commits:
                    set_synced(connection, is_synced=is_synced)
                    self._syncs_commits = is_synced
                commit_together(self._path, connection, appends, is_synced=is_synced)
        except StoreFailed as error:
            for pending in appends:
                if not pending.is_settled:
                    pending.settle(_for_one(error))

    def _leave_to_parent(self) -> None:
        # Closing a connection that came through a fork would drop the parent's file locks.
        if self._connection is not None:
            _INHERITED.append(self._connection)
        self._connection = None
        self._lock = threading.RLock()
        self._group = CommitGroup(self._commit)


def _for_one(error: StoreFailed) -> StoreFailed:
    """Return the same error for one of several threads: raised, each takes a traceback of its own."""
    own = copy(error)
    own.__cause__ = error.__cause__
    return own


def _pause_all() -> None:
    # A child of a transaction in progress would find SQLite's locks taken, for ever. Threads that
    # fork at the same time take ours in one order.
    _PAUSED.locks = [store._lock for store in sorted(_STORES, key=id)]  # noqa: SLF001 - same module
    for lock in _PAUSED.locks:
        lock.acquire()


def _go_on_with_all() -> None:
    for lock in _PAUSED.locks:
        lock.release()


def _leave_all_to_parent() -> None:
    for store in _STORES:
        store._leave_to_parent()  # noqa: SLF001 - same module, and nobody else's business


os.register_at_fork(
    before=_pause_all, after_in_parent=_go_on_with_all, after_in_child=_leave_all_to_parent
)
