"""The file of a SQLite event log: how it is laid out, made, opened, and how it fails."""

import fcntl
import os
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from mergewright.errors import StoreFailed

SCHEMA_VERSION: Final = 1
APPLICATION_ID: Final = 0x4D455257
"""Marks the file as ours: `MERW`."""

BUSY_TIMEOUT_SECONDS: Final = 30.0
_WAL_SIZE_LIMIT_BYTES: Final = 64 * 2**20

_SCHEMA: Final = f"""
BEGIN IMMEDIATE;
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id TEXT NOT NULL,
    type TEXT NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    digest TEXT NOT NULL,
    held_micros INTEGER,
    held_stage TEXT,
    held_day TEXT
) STRICT;
CREATE UNIQUE INDEX events_by_key ON events (run_id, type, key) WHERE key <> '';
CREATE INDEX events_by_run ON events (run_id, seq);
CREATE INDEX events_by_type ON events (type, seq);
CREATE INDEX held_by_run ON events (run_id, held_stage, held_micros) WHERE held_micros IS NOT NULL;
CREATE INDEX held_by_day ON events (held_day, held_micros) WHERE held_day IS NOT NULL;
CREATE TRIGGER events_stay BEFORE UPDATE ON events
    BEGIN SELECT raise(ABORT, 'the event log is append-only'); END;
CREATE TRIGGER events_remain BEFORE DELETE ON events
    BEGIN SELECT raise(ABORT, 'the event log is append-only'); END;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {SCHEMA_VERSION};
COMMIT;
"""

_HINTS: Final = {
    "SQLITE_FULL": "Free some space on the disk and start the same request again.",
    "SQLITE_IOERR_WRITE": "Look at the disk (space, quota, health) and start the same request again.",
    "SQLITE_BUSY": "Another process holds the log; stop it or wait, and start the same request again.",
    "SQLITE_CORRUPT": "The file is damaged; put a copy back, or move it away to begin a new log.",
    "SQLITE_NOTADB": "The file is damaged or not an event log; name another with"
    " MERGEWRIGHT_EVENT_STORE.",
    "SQLITE_READONLY": "Make the file and its folder writable.",
    "SQLITE_CANTOPEN": "Make sure that the folder exists and is writable.",
}
_GENERAL_HINT: Final = "Make sure that the file and its folder are there, whole and writable."


def open_file(path: Path, *, busy_timeout_seconds: float) -> sqlite3.Connection:
    """Open an event log, making it first where there is none.

    Raises:
        StoreFailed: The file is something else, or a newer version's.
        sqlite3.Error: SQLite cannot open it.
        OSError: The file system refuses.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Tickets and answers are in it: for its owner's eyes, and SQLite's side files take this mode.
    path.touch(mode=0o600)
    connection = sqlite3.connect(
        path, timeout=busy_timeout_seconds, isolation_level=None, check_same_thread=False
    )
    try:
        _lay_out(path, connection)
        set_synced(connection, is_synced=True)
        connection.execute(f"PRAGMA journal_size_limit = {_WAL_SIZE_LIMIT_BYTES}")
    except BaseException:
        connection.close()
        raise
    return connection


def set_synced(connection: sqlite3.Connection, *, is_synced: bool) -> None:
    """Say whether each commit from here on syncs the disk; not within a transaction.

    Raises:
        sqlite3.Error: SQLite refuses.
    """
    connection.execute(f"PRAGMA synchronous = {'FULL' if is_synced else 'NORMAL'}")


def sync_log(path: Path) -> None:
    """Bring to the disk what was committed without a sync.

    Raises:
        OSError: The system refuses.
    """
    # SQLite holds no locks on this file that closing it could drop; it is gone when all is in the
    # main file.
    with suppress(FileNotFoundError), path.with_name(f"{path.name}-wal").open("rb") as log:
        os.fsync(log)


def failure(path: Path, error: Exception) -> StoreFailed:
    """Say what a database or file system error means for a person."""
    name = getattr(error, "sqlite_errorname", "")
    hint = next((hint for code, hint in _HINTS.items() if name.startswith(code)), _GENERAL_HINT)
    return StoreFailed(f"The event log {str(path)!r} failed: {error}.", hint=hint)


def _lay_out(path: Path, connection: sqlite3.Connection) -> None:
    if not _is_laid_out(path, connection):
        # Changing to a write-ahead log does not wait for others, so only one process may do it.
        with path.with_name(f"{path.name}.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _is_laid_out(path, connection):
                if _marks(connection) != (0, 0):
                    raise _foreign(path)
                connection.execute("PRAGMA journal_mode = WAL")
                connection.executescript(_SCHEMA)


def _is_laid_out(path: Path, connection: sqlite3.Connection) -> bool:
    # Another process may lay it out just now. Tables and marks come at once: whoever has seen the
    # tables finds the marks.
    if not _number(connection, "SELECT count(*) FROM sqlite_schema"):
        return False
    mark, version = _marks(connection)
    if mark != APPLICATION_ID:
        raise _foreign(path)
    if version != SCHEMA_VERSION:
        raise StoreFailed(
            f"The event log {str(path)!r} has version {version}; this Mergewright knows version"
            f" {SCHEMA_VERSION}.",
            hint="Update Mergewright, or name another log with MERGEWRIGHT_EVENT_STORE.",
        )
    return True


def _marks(connection: sqlite3.Connection) -> tuple[int, int]:
    mark = _number(connection, "PRAGMA application_id")
    return mark, _number(connection, "PRAGMA user_version")


def _foreign(path: Path) -> StoreFailed:
    return StoreFailed(
        f"The file {str(path)!r} is a database, but not an event log.",
        hint="Name another file with MERGEWRIGHT_EVENT_STORE.",
    )


def _number(connection: sqlite3.Connection, query: str) -> int:
    with closing(connection.execute(query)) as cursor:
        return int(cursor.fetchone()[0])
