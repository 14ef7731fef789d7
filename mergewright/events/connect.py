"""Opening the event log that a URL names."""

from functools import cache
from typing import Final

from mergewright.events.log_urls import file_of, names_redis
from mergewright.events.sqlite import SqliteEventStore
from mergewright.events.store import EventStore
from mergewright.settings import EventSync, settings

_REGISTERED: Final[dict[str, EventStore]] = {}


def register_event_store(url: str, store: EventStore) -> None:
    """Make a store this process's one for a URL: another back end, or one that watches another.

    Args:
        url: Any text; what was opened under it before is left alone.
        store: What `open_event_store` returns for it from now on.
    """
    _REGISTERED[url] = store


def open_event_store(url: str) -> EventStore:
    """Return this process's one store for a URL; what its appends survive is a setting.

    Args:
        url: `sqlite:///` and a path, as in `sqlite:////var/lib/mergewright/events.db`; or
            `redis://host:port/db`, or `rediss://` with TLS.

    Raises:
        SettingInvalid: There is no store for such a URL, or the server behind it is not durable.
        StoreFailed: The log cannot be opened.
    """
    registered = _REGISTERED.get(url)
    if registered is not None:
        return registered
    return _open(url, settings().event_sync, settings().hold_seconds)


@cache
def _open(url: str, event_sync: EventSync, hold_seconds: float) -> EventStore:
    if names_redis(url):
        from mergewright.events.redis_streams import (  # noqa: PLC0415 - a log in a file starts without the Redis library
            RedisEventStore,
        )

        return RedisEventStore(url, event_sync=event_sync, hold_seconds=hold_seconds)
    return SqliteEventStore(file_of(url), event_sync=event_sync)
