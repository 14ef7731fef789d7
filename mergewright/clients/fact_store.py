"""What was learnt of each blob, in a SQLite file outside every repository and shared by processes.

It is a cache. Rows carry a checksum, and what is damaged is worked out anew; a damaged file is begun
again; when it grows over its bound, what was not used for longest goes.

Source: https://sqlite.org/wal.html, 2026-11-20.
"""

import sqlite3
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from mergewright.errors import StoreFailed

MAX_SIZE_BYTES: Final = 512 * 2**20
KEPT_SHARE: Final = 0.8
"""How much of the bound is kept when old rows go."""
SCHEMA_VERSION: Final = 1
BUSY_TIMEOUT_SECONDS: Final = 30.0

_KEYS_PER_QUERY: Final = 500
_CHECKSUM_BYTES: Final = 4
_SECONDS_PER_DAY: Final = 86_400
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS facts (
    key BLOB PRIMARY KEY,
    used_day INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT
"""
_DAMAGED: Final = ("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_FORMAT", "SQLITE_SCHEMA")


class FactStore:
    """Facts by key; safe between processes, one instance per thread.

    Args:
        path: The file; its folder is made when it is not there.
        max_size_bytes: Size over which old rows go.

    Raises:
        StoreFailed: The file can be neither opened nor made.
    """

    def __init__(self, path: Path, *, max_size_bytes: int = MAX_SIZE_BYTES) -> None:
        self.path = path
        self._max_size_bytes = max_size_bytes
        self.complaint = ""
        """Why facts could not be kept, if so: the work goes on without."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = self._opened()
        except (OSError, sqlite3.Error) as error:
            raise StoreFailed(
                f"The store of code facts {str(path)!r} cannot be opened: {error}.",
                hint="Make its folder writable, or set MERGEWRIGHT_HOME to a folder of yours.",
            ) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def find(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return the facts that are kept of these keys; a damaged row counts as none."""
        found: dict[bytes, bytes] = {}
        today = _today()
        stale: list[tuple[int, bytes]] = []
        with self._guarded():
            for start in range(0, len(keys), _KEYS_PER_QUERY):
                chunk = keys[start : start + _KEYS_PER_QUERY]
                marks = ",".join("?" * len(chunk))
                rows = self._connection.execute(
                    f"SELECT key, used_day, body FROM facts WHERE key IN ({marks})",  # noqa: S608 - question marks only
                    chunk,
                )
                for key, used_day, body in rows:
                    facts = _checked(key, body)
                    if facts is not None:
                        found[key] = facts
                        if used_day != today:
                            stale.append((today, key))
        if stale:
            with self._guarded(), self._connection:
                self._connection.executemany("UPDATE facts SET used_day = ? WHERE key = ?", stale)
        return found

    def keep(self, facts: Mapping[bytes, bytes]) -> None:
        """Keep facts by key; when the disk does not take them, `complaint` says so."""
        today = _today()
        rows = [(key, today, _checksum(key, body) + body) for key, body in facts.items()]
        with self._guarded(), self._connection:
            self._connection.executemany("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", rows)

    def evict(self) -> None:
        """Remove what was not used for longest, if the file is over its bound."""
        with self._guarded():
            size = self._size_bytes()
            if size <= self._max_size_bytes:
                return
            excess = size - int(self._max_size_bytes * KEPT_SHARE)
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                self._connection.execute(
                    "DELETE FROM facts WHERE rowid IN (SELECT rowid FROM ("
                    " SELECT rowid, sum(length(body) + 64) OVER (ORDER BY used_day, rowid) AS total"
                    " FROM facts) WHERE total <= ?)",
                    (excess,),
                )
            self._connection.execute("VACUUM")

    def _size_bytes(self) -> int:
        ((pages,),) = self._connection.execute("PRAGMA page_count").fetchall()
        ((page_bytes,),) = self._connection.execute("PRAGMA page_size").fetchall()
        return int(pages) * int(page_bytes)

    def _opened(self) -> sqlite3.Connection:
        try:
            return _connect(self.path)
        except sqlite3.DatabaseError as error:
            if error.sqlite_errorname not in _DAMAGED:
                raise
            self._remove()
            return _connect(self.path)

    def _remove(self) -> None:
        """Remove a damaged file; who has it open still goes on with the old one."""
        for suffix in ("", "-wal", "-shm"):
            Path(f"{self.path}{suffix}").unlink(missing_ok=True)

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Go on without the store when it fails; begin a damaged one again."""
        try:
            yield
        except sqlite3.Error as error:
            self.complaint = f"The store of code facts {str(self.path)!r} failed: {error}."
            if getattr(error, "sqlite_errorname", "") in _DAMAGED:
                self._connection.close()
                with suppress(OSError):
                    self._remove()
                self._connection = _connect(self.path)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        ((schema,),) = connection.execute("PRAGMA user_version").fetchall()
        if schema != SCHEMA_VERSION:
            with connection:
                connection.execute("DROP TABLE IF EXISTS facts")
                connection.execute(_SCHEMA)
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _checksum(key: bytes, body: bytes) -> bytes:
    return zlib.crc32(body, zlib.crc32(key)).to_bytes(_CHECKSUM_BYTES, "little")


def _checked(key: bytes, row: bytes) -> bytes | None:
    body = row[_CHECKSUM_BYTES:]
    return body if row[:_CHECKSUM_BYTES] == _checksum(key, body) else None


def _today() -> int:
    return int(time.time()) // _SECONDS_PER_DAY
