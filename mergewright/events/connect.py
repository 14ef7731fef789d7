"""Opening the event log that a URL names."""

from functools import cache
from pathlib import Path
from typing import Final

from mergewright.errors import SettingInvalid
from mergewright.events.sqlite import SqliteEventStore
from mergewright.events.store import EventStore

_SQLITE: Final = "sqlite:///"


@cache
def open_event_store(url: str) -> EventStore:
    """Return this process's one store for a URL.

    Args:
        url: `sqlite:///` and a path, as in `sqlite:////var/lib/mergewright/events.db`.

    Raises:
        SettingInvalid: There is no store for such a URL.
        StoreFailed: The log cannot be opened.
    """
    if not url.startswith(_SQLITE) or url == _SQLITE:
        # Only the scheme is shown: the rest of a URL may hold a password.
        raise SettingInvalid(
            f"There is no event log for a URL that begins with {url.partition('//')[0]!r}.",
            hint="Set MERGEWRIGHT_EVENT_STORE to `sqlite:///` and the path of a file.",
        )
    return SqliteEventStore(Path(url.removeprefix(_SQLITE)))
