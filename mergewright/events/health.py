"""Opening the store of what is known of services, beside the event log that a URL names.

The state of a circuit is a fact of the moment: it is changed and forgotten, so it is no part of the
append-only log, and losing it loses nothing but a few calls to a service that is down.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final, Protocol

from mergewright.domain.health import ServiceHealth
from mergewright.errors import SettingInvalid

FILE_NAME: Final = "health.db"
_SQLITE: Final = "sqlite:///"
_REDIS: Final = ("redis://", "rediss://")


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
    if url.startswith(_REDIS):
        from mergewright.events.health_redis import (  # noqa: PLC0415 - a log in a file starts without the Redis library
            RedisHealth,
        )

        return RedisHealth(url)
    if not url.startswith(_SQLITE) or url == _SQLITE:
        # Only the scheme is shown: the rest of a URL may hold a password.
        raise SettingInvalid(
            "There is no place for the state of services beside a log whose URL begins with"
            f" {url.partition('//')[0]!r}.",
            hint="Set MERGEWRIGHT_EVENT_STORE to `sqlite:///` and the path of a file, or to"
            " `redis://host:port/db`.",
        )
    from mergewright.events.health_sqlite import (  # noqa: PLC0415 - as above, the other way round
        SqliteHealth,
    )

    return SqliteHealth(Path(url.removeprefix(_SQLITE)).with_name(FILE_NAME))
