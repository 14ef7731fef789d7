"""What is known of services in a small SQLite file beside the event log.

Write-ahead log with `synchronous=NORMAL`: no wait for the disk, and what a power cut takes is worth
nothing after it. Others' turns are waited for shortly only: a guard must not slow down the call.

Source: https://sqlite.org/wal.html, 2026-11-20.
"""

import fcntl
import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from mergewright.domain.health import ServiceHealth
from mergewright.errors import StoreFailed
from mergewright.events.health_rows import decode_health, encode_health

BUSY_TIMEOUT_SECONDS: Final = 2.0

_SCHEMA: Final = """
CREATE TABLE health (
    service TEXT NOT NULL,
    host TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (service, host)
) STRICT, WITHOUT ROWID;
"""
_READ: Final = "SELECT body FROM health WHERE service = ? AND host = ?"
_WRITE: Final = "INSERT OR REPLACE INTO health (service, host, body) VALUES (?, ?, ?)"
_ALL: Final = "SELECT service, host, body FROM health ORDER BY service, host"

_STORES: Final[weakref.WeakSet["SqliteHealth"]] = weakref.WeakSet()
_INHERITED: Final[list[sqlite3.Connection]] = []


class SqliteHealth:
    """Health in a file that threads and processes share; see `Health`.

    One connection per process behind a lock; a forked child opens its own.

    Args:
        path: The file; it is made, with its folder, when something is first written.
        busy_timeout_seconds: How long to wait for other processes' turn.
    """

    def __init__(self, path: Path, *, busy_timeout_seconds: float = BUSY_TIMEOUT_SECONDS) -> None:
        self._path = path.expanduser().absolute()
        self._busy_timeout_seconds = busy_timeout_seconds
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        _STORES.add(self)

    def read(self, service: str, host: str) -> ServiceHealth:
        """Return what is known; see `Health.read`.

        Raises:
            StoreFailed: The file cannot be read.
        """
        row = self._select(_READ, (service, host))
        return decode_health(row[0][0] if row else None, service, host)

    def change(
        self, service: str, host: str, change: Callable[[ServiceHealth], ServiceHealth]
    ) -> ServiceHealth:
        """Replace what is known in one step; see `Health.change`.

        Raises:
            StoreFailed: The file cannot be read or written.
        """
        with self._opened() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                row = connection.execute(_READ, (service, host)).fetchone()
                known = decode_health(row[0] if row else None, service, host)
                changed = change(known)
                if changed != known:
                    connection.execute(_WRITE, (service, host, encode_health(changed)))
                connection.execute("COMMIT")
            except BaseException:
                # A full disk makes SQLite roll back by itself.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        return changed

    def services(self) -> tuple[ServiceHealth, ...]:
        """Return all services that are known; see `Health.services`.

        Raises:
            StoreFailed: The file cannot be read.
        """
        rows = self._select(_ALL, ())
        return tuple(decode_health(body, service, host) for service, host, body in rows)

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def _select(self, query: str, values: tuple[str, ...]) -> list[tuple[str, ...]]:
        if not self._path.exists():
            return []
        with self._opened() as connection:
            return connection.execute(query, values).fetchall()

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                if self._connection is not None and not self._is_in_place():
                    self.close()
                if self._connection is None:
                    self._connection = self._open()
                    self._inode = self._path.stat().st_ino
                yield self._connection
            except (sqlite3.Error, OSError) as error:
                raise StoreFailed(
                    f"The state of services in {str(self._path)!r} failed: {error}.",
                    hint="Remove the file, or make it and its folder writable: it holds nothing"
                    " that is needed later.",
                ) from error

    def _is_in_place(self) -> bool:
        return self._path.exists() and self._path.stat().st_ino == self._inode

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Names of hosts and errors are in it: for its owner's eyes.
        self._path.touch(mode=0o600)
        connection = sqlite3.connect(
            self._path,
            timeout=self._busy_timeout_seconds,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            self._lay_out(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
        except BaseException:
            connection.close()
            raise
        return connection

    def _lay_out(self, connection: sqlite3.Connection) -> None:
        if _is_laid_out(connection):
            return
        # Changing to a write-ahead log does not wait for others, so only one process may do it.
        with self._path.with_name(f"{self._path.name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _is_laid_out(connection):
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute(_SCHEMA)

    def _leave_to_parent(self) -> None:
        # Closing a connection that came through a fork would drop the parent's file locks.
        if self._connection is not None:
            _INHERITED.append(self._connection)
        self._connection = None
        self._lock = threading.RLock()


def _is_laid_out(connection: sqlite3.Connection) -> bool:
    return bool(connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0])


def _leave_all_to_parent() -> None:
    for store in _STORES:
        store._leave_to_parent()  # noqa: SLF001 - same module, and nobody else's business


os.register_at_fork(after_in_child=_leave_all_to_parent)
