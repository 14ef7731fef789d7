"""A command in a real pseudo-terminal, typed to and read from."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from types import TracebackType
from typing import Self

STEERING = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b\][^\x07]*\x07")
TIMEOUT_SECONDS = 120
"""Well below the limit of a whole test, which ends the worker and says less."""


class Terminal:
    """Runs `mergewright` with a terminal of the given size."""

    def __init__(
        self, *words: str, environment: dict[str, str], folder: Path, columns: int, rows: int = 24
    ) -> None:
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        variables = {name: value for name, value in environment.items() if name != "COLUMNS"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "mergewright.cli.main", *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            cwd=folder,
            env=variables,
            start_new_session=True,
        )
        os.close(theirs)
        self._file = ours
        self.raw = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._file)

    @property
    def text(self) -> str:
        return STEERING.sub("", self.raw).replace("\r", "")

    @property
    def lines(self) -> list[str]:
        """Every line that was drawn, the redrawn ones each time."""
        return re.split(r"[\r\n]", STEERING.sub("", self.raw))

    def expect(self, text: str, *, times: int = 1) -> None:
        """Read until the text has appeared so many times."""
        end = time.monotonic() + TIMEOUT_SECONDS
        while self.text.count(text) < times:
            assert self._read(), f"{text!r} never appeared in:\n{self.text}"
            assert time.monotonic() < end, f"{text!r} did not appear in time in:\n{self.text}"

    def type(self, text: str) -> None:
        os.write(self._file, text.encode())

    def end(self, seconds: float = TIMEOUT_SECONDS) -> int:
        """Read to the end and return the exit code."""
        end = time.monotonic() + seconds
        while self._read():
            assert time.monotonic() < end, f"it does not end after:\n{self.text}"
        return self.process.wait(TIMEOUT_SECONDS)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._file], [], [], TIMEOUT_SECONDS)
        assert ready, f"nothing more came after:\n{self.text}"
        try:
            data = os.read(self._file, 65536)
        except OSError:
            return False
        self.raw += data.decode(errors="replace")
        return bool(data)
