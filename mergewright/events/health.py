"""Opening the store of what is known of services, beside the event log that a URL names.

The state of a circuit is a fact of the moment: it is changed and forgotten, so it is no part of the
append-only log, and losing it loses nothing but a few calls to a service that is down.
"""

from collections.abc import Callable
from functools import cache
from typing import Final, Protocol

from mergewright.domain.health import ServiceHealth
from mergewright.events.log_urls import file_of, names_redis

FILE_NAME: Final = "health.db"


class Health(Protocol):
    """What all processes of an event log know of services; safe for threads."""

    def read(self, service: str, host: str) -> ServiceHealth:
        """Return what is known; of a service that nobody called yet, nothing.

        Raises:
            StoreFailed: The store cannot be read.
        """
        ...

    def change(
        self, service: str, host: str, change: Callable[[ServiceHealth], ServiceHealth]
    ) -> ServiceHealth:
        """Replace what is known in one step that no other process gets into; return the new state.

        Args:
            service: The service.
            host: Where it is.
            change: The step; it may be asked more than once.

        Raises:
            StoreFailed: The store cannot be read or written; nothing was.
        """
        ...

    def services(self) -> tuple[ServiceHealth, ...]:
        """Return all services that are known, sorted by service and host.

        Raises:
            StoreFailed: The store cannot be read.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections; the next use opens them again."""
        ...


@cache
def open_health(url: str) -> Health:
    """Return this process's one store of health for the URL of an event log.

    Nothing is opened before the first use, which may then fail.

    Args:
        url: As for `open_event_store`: the file `health.db` lies beside a log in a file; in Redis
            the keys lie beside those of the log.

    Raises:
        SettingInvalid: There is no store for such a URL.
    """
    if names_redis(url):
        from mergewright.events.health_redis import (  # noqa: PLC0415 - a log in a file starts without the Redis library
            RedisHealth,
        )

        return RedisHealth(url)
    file = file_of(url).with_name(FILE_NAME)
    from mergewright.events.health_sqlite import (  # noqa: PLC0415 - as above, the other way round
        SqliteHealth,
    )

    return SqliteHealth(file)
