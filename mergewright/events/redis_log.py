"""One event log on a Redis server: which it is, and its entries as events."""

import uuid
from collections.abc import Sequence
from typing import cast

from mergewright.errors import StoreFailed
from mergewright.events.redis_scripts import FORMAT, LAY_OUT, LAYOUT_VERSION
from mergewright.events.redis_server import Answer, RedisServer
from mergewright.events.rows import decode
from mergewright.events.store import Stored
from mergewright.settings import EventSync


class RedisLog:
    """An open log; every script is told which, so that another in its place is noticed.

    Args:
        url: `redis://` or `rediss://`.
        event_sync: What the server must let an acknowledged entry survive.

    Raises:
        SettingInvalid: It is no such URL, or the server may lose what it has acknowledged.
        StoreFailed: The server cannot be reached, or holds something else.
    """

    def __init__(self, url: str, event_sync: EventSync = EventSync.POWER_LOSS) -> None:
        self.server = RedisServer(url, event_sync)
        self._id = _lay_out(self.server)

    def send(self, script: str, *arguments: str | int) -> Answer:
        """Run a script on this log.

        Raises:
            SettingInvalid: The server may lose what it has acknowledged.
            StoreFailed: The server cannot be reached, or refuses.
        """
        return self.server.send(script, self._id, *arguments)


def stored_of(entry: Sequence[bytes]) -> Stored:
    """Read an entry: number, body and digest.

    Raises:
        StoreFailed: It is damaged, or there is nothing but the number.
    """
    seq = int(entry[0])
    try:
        _, body, digest = entry
        return Stored(seq, decode(body.decode(), seq), digest.decode())
    except ValueError as error:
        what = "is damaged" if len(entry) > 1 else "is missing"
        raise StoreFailed(
            f"Event {seq} of the log {what}.",
            hint="Do not continue this run; put a copy of the Redis data back.",
        ) from error


def _lay_out(server: RedisServer) -> str:
    answer = server.send(LAY_OUT, FORMAT, LAYOUT_VERSION, uuid.uuid4().hex)
    layout, version, log_id = (
        part.decode(errors="replace") for part in cast("list[bytes]", answer.value)
    )
    if layout != FORMAT:
        raise StoreFailed(
            f"The keys of the event log in Redis at {server.place.shown} hold something else.",
            hint="Name another database (`/db`) with MERGEWRIGHT_EVENT_STORE.",
        )
    if version != str(LAYOUT_VERSION):
        raise StoreFailed(
            f"The event log in Redis at {server.place.shown} has version {version}; this"
            f" Mergewright knows version {LAYOUT_VERSION}.",
            hint="Update Mergewright, or name another log with MERGEWRIGHT_EVENT_STORE.",
        )
    return log_id
