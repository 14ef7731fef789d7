"""Waiting for a file to change."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event

PAUSE_SECONDS = 0.2

State = tuple[int, int, int] | None


def changes_of(file: Path, *, pause_seconds: float = PAUSE_SECONDS) -> Iterator[None]:
    """Yield at once, and again whenever the file has changed and then stayed the same for a pause.

    A file that is gone is waited for: editors replace files.

    Args:
        file: The file.
        pause_seconds: How often it is looked at, and how long it must be quiet.
    """
    never = Event()
    applied = _state(file)
    yield
    while True:
        never.wait(pause_seconds)
        seen = _state(file)
        if seen in (applied, None):
            continue
        while True:
            never.wait(pause_seconds)
            now = _state(file)
            if now == seen:
                break
            seen = now
        applied = seen
        if seen is not None:
            yield


def _state(file: Path) -> State:
    try:
        found = file.stat()
    except OSError:
        return None
    return (found.st_ino, found.st_mtime_ns, found.st_size)
