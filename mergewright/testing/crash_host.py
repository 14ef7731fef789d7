"""A process that has imported a workflow and forks a child for each start of it.

A child begins with every import done and with no thread, client or connection: importing an engine
takes seconds, and forking a process that has threads is not safe.
"""

import gc
import importlib
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic
from typing import Any, Self

from mergewright.errors import WorkError
from mergewright.events.connect import open_event_store, register_event_store
from mergewright.settings import settings
from mergewright.testing.crashing_store import CrashingStore, CrashPoint

HOLD_SECONDS = "2"
STOP_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Start:
    """How a workflow is started in a place: again and again, always in the same way."""

    run: Callable[[], object]
    """Runs it to its end. It can be pickled: a function of a module, or a `partial` of one."""
    event_store_url: str
    """Log that it writes; it opens it with `open_event_store`."""
    warm_up: Callable[[], object] | None = None
    """Fills caches once for all children. It leaves no thread and no connection behind."""


@dataclass(frozen=True, slots=True)
class Play:
    """One start of a workflow in a child process."""

    start: Start
    passed: Path
    """Where the crash points that it passes are noted."""
    log: Path
    """What it prints is added to this file."""
    imports: Path
    """Where the modules are noted that it imported on its way."""
    deadly: CrashPoint | None = None
    watched: Path | None = None
    """Folder whose content is noted at each point."""


class CrashHost:
    """The parent's end of a host process: a context manager.

    Args:
        fresh: Whether each play gets a host of its own, into which nothing was imported before.
    """

    def __init__(self, *, fresh: bool = False) -> None:
        self._fresh = fresh
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection[Any, Any] | None = None
        self.seconds = 0.0
        """How long the last play took, without the imports before it."""

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def _open(self) -> None:
        own, other = Pipe()
        self._connection = own
        self._process = subprocess.Popen(  # noqa: S603 - this interpreter and this module
            [sys.executable, "-c", f"from {__name__} import serve_on; serve_on({other.fileno()})"],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            pass_fds=[other.fileno()],
            stdin=subprocess.DEVNULL,
        )
        other.close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            try:
                self._process.wait(timeout=STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def play(self, play: Play, *, timeout_seconds: float) -> int | None:
        """Run a workflow in a child; return its exit code, negative for a signal, None for too long.

        Raises:
            WorkError: The workflow cannot be imported in another process, or the host is gone.
        """
        if self._fresh:
            self._close()
            self._open()
            play = replace(play, start=replace(play.start, warm_up=None))
        connection = self._connection
        if connection is None:
            raise WorkError("The crash host is not started.", hint="Use it in a `with` block.")
        try:
            connection.send(play)
            child = connection.recv()
            if isinstance(child, str):
                raise WorkError(
                    f"The workload cannot be started in another process: {child}",
                    hint="Keep what it starts in a module that can be imported, not in a script.",
                )
            began = monotonic()
            ended = connection.poll(timeout_seconds)
            self.seconds = monotonic() - began
            if ended:
                return int(connection.recv())
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGKILL)
            connection.recv()
        except (EOFError, OSError) as error:
            raise WorkError(
                f"The process that starts the workload is gone: {error!r}.",
                hint="Its own output says why.",
            ) from error
        return None


def serve_on(descriptor: int) -> None:
    """Be a host: fork a child for each play that is sent, until the other end is closed."""
    connection: Connection[Any, Any] = Connection(descriptor)
    warm = False
    while True:
        try:
            # unpickling a play imports the module of its workflow
            play = connection.recv()
            if play.start.warm_up is not None and not warm:
                play.start.warm_up()
                warm = True
        except EOFError:
            return
        except Exception:  # noqa: BLE001 - an import can raise anything
            connection.send(traceback.format_exc(limit=-3))
            continue
        # what is imported stays shared with the children instead of being copied page by page
        gc.freeze()
        child = os.fork()
        if child == 0:
            connection.close()
            _play(play)
        connection.send(child)
        _, status = os.waitpid(child, 0)
        # before the answer: the place may be gone a moment after it
        _learn_imports(play)
        connection.send(os.waitstatus_to_exitcode(status))


def _learn_imports(play: Play) -> None:
    """Import what the child had to import, so that the next one need not."""
    if play.imports.exists():
        for name in play.imports.read_text(encoding="utf-8").split():
            # a module that cannot be imported by itself is left to whoever needs it
            with suppress(Exception):
                importlib.import_module(name)


def _play(play: Play) -> None:
    """Run the workflow in this process and end the process."""
    code = 1
    known = set(sys.modules)
    try:
        os.setsid()
        log = os.open(play.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        # in Redis, the next start waits for the hold of this one: half a minute for each point
        os.environ["MERGEWRIGHT_HOLD_SECONDS"] = HOLD_SECONDS
        settings.cache_clear()
        url = play.start.event_store_url
        store = CrashingStore(
            open_event_store(url), passed=play.passed, deadly=play.deadly, watched=play.watched
        )
        register_event_store(url, store)
        # the workflow reads the environment that it sets, not the one of this process's beginning
        settings.cache_clear()
        play.start.run()
        play.imports.write_text("\n".join(sorted(set(sys.modules) - known)), encoding="utf-8")
        code = 0
    except BaseException:  # noqa: BLE001 - whatever it is, the parent reads it in the log
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
