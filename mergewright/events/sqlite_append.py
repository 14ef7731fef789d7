"""Appending to a SQLite event log: what is asked, what is written, and one commit for several."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mergewright.budget.limits import Spending
from mergewright.domain.events import CallSettled, Event
from mergewright.events.chain import link
from mergewright.events.commit_group import PendingAppend
from mergewright.events.drafts import Identity, identify
from mergewright.events.entries import Entry, day_of, entry_of, to_usd
from mergewright.events.rows import decode
from mergewright.events.sqlite_file import failure, sync_log
from mergewright.events.store import Stored

# The unique index holds natural keys only: without `key <> ''` SQLite would not use it, and go
# through all events of the type instead.
FIND: Final = (
    "SELECT seq, body, digest FROM events WHERE run_id = ? AND type = ? AND key = ? AND key <> ''"
)
LAST_DIGEST: Final = "SELECT digest FROM events WHERE run_id = ? ORDER BY seq DESC LIMIT 1"
RESERVED: Final = (
    "SELECT held_micros, held_stage, held_day FROM events"
    " WHERE run_id = ? AND type = 'call_reserved' AND key = ? AND key <> ''"
)
_INSERT: Final = (
    "INSERT INTO events (run_id, type, key, body, digest, held_micros, held_stage, held_day)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
SPENT_BY_RUN: Final = (
    "SELECT ifnull(sum(held_micros), 0), ifnull(sum(held_micros) FILTER (WHERE held_stage = ?), 0)"
    " FROM events WHERE run_id = ? AND held_micros IS NOT NULL"
)
SPENT_BY_DAY: Final = "SELECT ifnull(sum(held_micros), 0) FROM events WHERE held_day = ?"


def commit_together(
    path: Path,
    connection: sqlite3.Connection,
    appends: Sequence[PendingAppend],
    *,
    is_synced: bool,
) -> None:
    """Write appends in one transaction, and settle them.

    Each is written whole or not at all: one that fails, or whose guard refuses, takes back its own
    rows only, and has its error. If it took the whole transaction with it, as when the disk is
    full, the others begin again without it.

    Args:
        path: The log's file.
        connection: The open log.
        appends: In the order in which they came.
        is_synced: The connection syncs commits.

    Raises:
        sqlite3.Error: The transaction could not begin or be committed: nothing was written.
        OSError: The disk could not be synced.
    """
    left = list(appends)
    while left:
        is_committing = False
        try:
            connection.execute("BEGIN IMMEDIATE")
            has_written, spoiler = _write_each(path, connection, left)
            if spoiler is None:
                if is_synced and not has_written:
                    # What they found there may come from a commit that was not synced.
                    sync_log(path)
                is_committing = True
                connection.execute("COMMIT")
                _settle(left)
                return
        except BaseException as error:
            is_interrupt = not isinstance(error, sqlite3.Error)
            if is_committing and is_interrupt and not connection.in_transaction:
                # It came just after the commit: nobody may write them once more.
                _settle(left)
            _roll_back(connection)
            raise
        _roll_back(connection)
        spoiler.settle(spoiler.error)
        left.remove(spoiler)


def _settle(appends: Sequence[PendingAppend]) -> None:
    for pending in appends:
        pending.settle(pending.error)


def _roll_back(connection: sqlite3.Connection) -> None:
    # A full disk makes SQLite roll back by itself.
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def stored_of(row: tuple[int, str, str]) -> Stored:
    """Read a row: number, body and digest.

    Raises:
        StoreFailed: It is damaged, or of a kind that this version does not know.
    """
    seq, body, digest = row
    return Stored(seq, decode(body, seq), digest)


def _write_each(
    path: Path, connection: sqlite3.Connection, appends: Sequence[PendingAppend]
) -> tuple[bool, PendingAppend | None]:
    """Write appends; return whether any wrote, and which took the transaction with it, if one did."""
    has_written = False
    is_alone = len(appends) == 1
    for pending in appends:
        pending.error = None
        if not is_alone:
            connection.execute("SAVEPOINT own")
        try:
            has_written |= _write(connection, pending)
        except Exception as error:  # noqa: BLE001 - whatever its guard raises is its own thread's
            pending.error = _meaning(path, error)
            if is_alone or not connection.in_transaction:
                return False, pending
            connection.execute("ROLLBACK TO own")
        if not is_alone:
            connection.execute("RELEASE own")
    return has_written, None


def _meaning(path: Path, error: Exception) -> Exception:
    if not isinstance(error, sqlite3.Error | OverflowError):
        return error
    failed = failure(path, error)
    failed.__cause__ = error
    return failed


def _write(connection: sqlite3.Connection, pending: PendingAppend) -> bool:
    identities = [identify(event) for event in pending.events]
    known = {one: _find(connection, one) for one in identities if one.key}
    if pending.guard and any(known.get(one) is None for one in identities):
        pending.guard(_spending(connection, pending.events[0]))
    answer: list[Stored] = []
    heads: dict[str, str] = {}
    has_written = False
    for event, identity, body in zip(pending.events, identities, pending.bodies, strict=True):
        stored = known.get(identity)
        if stored is None:
            stored = _insert(connection, event, identity, body, heads)
            has_written = True
            if identity.key:
                known[identity] = stored
        answer.append(stored)
    pending.answer = tuple(answer)
    return has_written


def _find(connection: sqlite3.Connection, identity: Identity) -> Stored | None:
    row = connection.execute(FIND, identity).fetchone()
    return stored_of(row) if row else None


def _insert(
    connection: sqlite3.Connection,
    event: Event,
    identity: Identity,
    body: str,
    heads: dict[str, str],
) -> Stored:
    """Write a row, and where its run's chain ends now."""
    previous = heads.get(event.run_id)
    if previous is None:
        row = connection.execute(LAST_DIGEST, (event.run_id,)).fetchone()
        previous = row[0] if row else ""
    heads[event.run_id] = digest = link(previous, body)
    entry = entry_of(event, _reservation(connection, event)) or (None, None, None)
    seq = connection.execute(_INSERT, (*identity, body, digest, *entry)).lastrowid
    return Stored(seq or 0, event, digest)


def _reservation(connection: sqlite3.Connection, event: Event) -> Entry | None:
    if not isinstance(event, CallSettled):
        return None
    row = connection.execute(RESERVED, (event.run_id, event.reservation_id)).fetchone()
    return Entry(*row) if row else None


def _spending(connection: sqlite3.Connection, event: Event) -> Spending:
    run, stage = connection.execute(SPENT_BY_RUN, (event.stage, event.run_id)).fetchone()
    (day,) = connection.execute(SPENT_BY_DAY, (day_of(event.at),)).fetchone()
    return Spending(run_usd=to_usd(run), stage_usd=to_usd(stage), day_usd=to_usd(day))
