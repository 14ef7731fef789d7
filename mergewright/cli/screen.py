"""A picture that is redrawn in place on a terminal, above which all other output scrolls by."""

import sys
from threading import RLock
from typing import IO, cast

from rich.console import Console, RenderableType
from rich.file_proxy import FileProxy
from rich.live import Live


class Screen:
    """Draws a picture at the end of a terminal's output.

    While it is shown, what any thread prints appears above it, whole.

    Args:
        console: The terminal; it has a file of its own, so that it is not redirected itself.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._lock = RLock()
        self._live: Live | None = None
        self._streams: tuple[IO[str], IO[str]] | None = None

    def draw(self, picture: RenderableType) -> None:
        """Show a picture in place of the one before."""
        with self._lock:
            if self._live is None:
                self._live = Live(
                    console=self._console,
                    auto_refresh=False,
                    redirect_stdout=False,
                    redirect_stderr=False,
                )
                self._live.start()
                self._redirect()
            self._live.update(picture, refresh=True)

    def leave(self) -> None:
        """Leave the picture where it is, and write below it from now on."""
        with self._lock:
            if self._streams:
                sys.stdout.flush()
                sys.stderr.flush()
                sys.stdout, sys.stderr = self._streams
                self._streams = None
            if self._live:
                self._live.stop()
                self._live = None

    def _redirect(self) -> None:
        self._streams = (sys.stdout, sys.stderr)
        sys.stdout = _Above(self._console, sys.stdout, self._lock)
        sys.stderr = _Above(self._console, sys.stderr, self._lock)


class _Above(FileProxy):
    """A stream that prints above the picture, for other consoles of Rich too.

    Those look through Rich's own proxy and write into the picture.
    """

    def __init__(self, console: Console, file: IO[str], lock: RLock) -> None:
        super().__init__(console, file)
        self._lock = lock

    @property
    def rich_proxied_file(self) -> IO[str]:
        return cast("IO[str]", self)

    def write(self, text: str) -> int:
        with self._lock:
            return super().write(text)

    def flush(self) -> None:
        with self._lock:
            super().flush()
