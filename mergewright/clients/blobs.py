"""Reading many blobs of a mirror at the price of one process."""

import re
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from subprocess import Popen
from types import TracebackType
from typing import Self

from mergewright.clients.git import git_in
from mergewright.clients.git_objects import read_answer
from mergewright.errors import NotFound

_OBJECT_ID = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


class BlobReader:
    """Reads many blobs of a mirror through one git process; safe between threads."""

    def __init__(self, mirror: Path) -> None:
        self._git = git_in(mirror)
        self._turn = threading.Lock()
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._process: Popen[bytes] = self._stack.enter_context(
            self._git.process("cat-file", "--batch")
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def reader(self, blob: str) -> Callable[[], bytes]:
        """Return a function that reads one blob, to be called before this reader is closed."""
        return partial(self.read, blob)

    def read(self, blob: str) -> bytes:
        """Return what a blob holds.

        Raises:
            NotFound: The mirror has no such blob.
            ServiceUnavailable: git ended before it had answered.
        """
        questions, answers = self._process.stdin, self._process.stdout
        if _OBJECT_ID.fullmatch(blob) is None or questions is None or answers is None:
            raise NotFound(f"{blob!r} is no id of a blob.")
        with self._turn:
            questions.write(f"{blob}\n".encode())
            questions.flush()
            content = read_answer(answers, blob)
        if content is None:
            raise NotFound(f"There is no blob {blob!r} in the mirror.")
        return content
