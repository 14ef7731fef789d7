"""What the URL of an event log names: a file, or a Redis server."""

from pathlib import Path
from typing import Final

from mergewright.errors import SettingInvalid

_SQLITE: Final = "sqlite:///"
_REDIS: Final = ("redis://", "rediss://")


def names_redis(url: str) -> bool:
    """Whether a URL names a Redis server."""
    return url.startswith(_REDIS)


def file_of(url: str) -> Path:
    """Return the file that a URL names.

    Raises:
        SettingInvalid: It names none.
    """
    if not url.startswith(_SQLITE) or url == _SQLITE:
        # Only the scheme is shown: the rest of a URL may hold a password.
        raise SettingInvalid(
            f"There is no event log for a URL that begins with {url.partition('//')[0]!r}.",
            hint="Set MERGEWRIGHT_EVENT_STORE to `sqlite:///` and the path of a file, or to"
            " `redis://host:port/db`.",
        )
    return Path(url.removeprefix(_SQLITE))
