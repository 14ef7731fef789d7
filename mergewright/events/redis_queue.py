"""The event log in Redis as a queue, with the consumer groups of its stream.

Source: https://redis.io/docs/latest/develop/data-types/streams/, 2026-11-20.
"""

import time
from collections.abc import Iterable
from datetime import datetime
from typing import Final, cast

from mergewright.events.queues import CONSUME_COUNT, DELIVER_AGAIN_AFTER_SECONDS
from mergewright.events.redis_log import RedisLog, stored_of
from mergewright.events.redis_scripts import ACKNOWLEDGE, ENDED, JOIN, LOG, TRIM
from mergewright.events.redis_server import Ask
from mergewright.events.store import Stored

_WAIT_SECONDS: Final = 1.0
"""One wait: much shorter than the time in which the server must answer."""

Item = tuple[bytes | None, dict[bytes, bytes] | None]


class RedisEventQueue:
    """A log whose events are handed out to groups of consumers; see `EventQueue`.

    Args:
        log: The log.
    """

    def __init__(self, log: RedisLog) -> None:
        self._log = log

    def consume(
        self,
        group: str,
        consumer: str,
        *,
        count: int = CONSUME_COUNT,
        block_seconds: float = 0.0,
        again_after_seconds: float = DELIVER_AGAIN_AFTER_SECONDS,
    ) -> list[Stored]:
        """Take events that nobody in the group has acknowledged; see `EventQueue.consume`.

        Raises:
            StoreFailed: The log cannot be read.
        """
        self._log.send(JOIN, group)
        give_up_at = time.monotonic() + block_seconds
        idle_ms = round(again_after_seconds * 1000)
        while True:
            with self._log.server.connected() as ask:
                items = _idle(ask, group, consumer, idle_ms, count)
                left = give_up_at - time.monotonic()
                wait_ms = 0 if items else round(min(max(left, 0), _WAIT_SECONDS) * 1000)
                if len(items) < count:
                    items += _new(ask, group, consumer, count - len(items), wait_ms)
            if items or time.monotonic() >= give_up_at:
                return [_stored(item) for item in items]

    def acknowledge(self, group: str, seqs: Iterable[int]) -> int:
        """Say that events are dealt with; return how many were not before.

        Raises:
            StoreFailed: The log cannot be written.
        """
        return cast("int", self._log.send(ACKNOWLEDGE, group, *seqs).value)

    def trim(self, finished_before: datetime) -> tuple[str, ...]:
        """Remove old runs with everything that belongs to them; see `EventQueue.trim`.

        Raises:
            StoreFailed: The log cannot be written.
        """
        until = str(finished_before.timestamp())
        old = cast("list[bytes]", self._log.send(ENDED, until).value)
        runs = (run_id.decode() for run_id in old)
        return tuple(run_id for run_id in runs if self._log.send(TRIM, run_id, until).value)


def _idle(ask: Ask, group: str, consumer: str, idle_ms: int, count: int) -> list[Item]:
    found: list[Item] = []
    cursor = b"0-0"
    while len(found) < count:
        left = count - len(found)
        reply = ask("XAUTOCLAIM", LOG, group, consumer, idle_ms, cursor, "COUNT", left)
        cursor, items, *deleted = cast("tuple[bytes, list[Item], list[bytes]]", reply)
        # Redis 6.2 has nothing in place of an entry that is gone, later ones name it.
        found += [*items, *((seq, None) for seq in (deleted[0] if deleted else ()))]
        if cursor == b"0-0":
            break
    return found


def _new(ask: Ask, group: str, consumer: str, count: int, wait_ms: int) -> list[Item]:
    # Zero would wait for ever.
    wait = ("BLOCK", wait_ms) if wait_ms else ()
    reply = ask("XREADGROUP", "GROUP", group, consumer, "COUNT", count, *wait, "STREAMS", LOG, ">")
    streams = cast("list[tuple[bytes, list[Item]]]", reply)
    return streams[0][1] if streams else []


def _stored(item: Item) -> Stored:
    name, fields = item
    seq = (name or b"0").partition(b"-")[0]
    if fields is None:
        return stored_of([seq])
    return stored_of([seq, fields.get(b"body", b""), fields.get(b"digest", b"")])
