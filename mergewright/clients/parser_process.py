"""Parsing in a process of its own: nothing else can be stopped in the middle of a step.

A grammar is C code that others wrote, and a file can be made to keep one step of it busy for hours, or
to end it. So blobs are read by a child: when one takes more processor time than it may, the kernel
ends the child, that blob counts as too slow, and the next one has a new child. A child that ends
otherwise may have been killed for no fault of the blob's: it is tried once more.

A child is forked where this process has one thread, for starting an interpreter takes as long as
reading fifty files; forking a process that has more is not safe.
"""

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, Self

from mergewright.analysis.blob_facts import Outcome, encode
from mergewright.analysis.extraction import count_lines, read_without_parsing, unread
from mergewright.analysis.languages import language_of
from mergewright.clients.parser_loop import (
    ANSWER,
    QUESTION,
    AnswerKind,
    Channel,
    QuestionKind,
    serve_and_exit,
)
from mergewright.domain.checks import LintFinding
from mergewright.errors import ConfigError, ServiceUnavailable

MAX_CPU_SECONDS: Final = 5.0
"""Processor time for one blob. The largest that are read, of a million bytes, take about one."""
MAX_WALL_SECONDS: Final = 120.0
"""Wall time, for a child that is kept from working at all."""
ATTEMPTS: Final = 2

_CHUNK_BYTES: Final = 1 << 20
_THREADS: Final = Path("/proc/self/task")
_INHERITED: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class Reading(NamedTuple):
    """What came of reading a blob."""

    row: bytes
    """The stored form of what is known of it."""
    is_lasting: bool
    """Whether another try would come to the same: the child was not killed by somebody else."""


class _ChildGone(Exception):
    """The child ended or was silent; never leaves this module."""


class TooMuch(Exception):
    """A file is too much for any child; never leaves this room."""


class _TooMuchForNow(TooMuch):
    """It may be less another time: the child was killed by somebody else."""


@dataclass(slots=True)
class _Child:
    """A child and our ends of its pipes."""

    pid: int
    questions: int
    answers: int
    lifeline: int
    wait: Callable[[], int]
    """Waits for its end and returns the exit code, negative for a signal."""

    def bury(self) -> int:
        """End it if it has not ended, leave nothing of it, and return how it ended."""
        # One that has ended keeps the code it ended with.
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        for descriptor in (self.questions, self.answers, self.lifeline):
            os.close(descriptor)
        return self.wait()


class ParserProcess:
    """Reads files one after the other, in a child that is started at the first; not safe between threads.

    Args:
        cpu_seconds: Processor time that one blob may take.
        wall_seconds: Wall time that one may take.
    """

    def __init__(
        self,
        *,
        cpu_seconds: float = MAX_CPU_SECONDS,
        wall_seconds: float = MAX_WALL_SECONDS,
    ) -> None:
        self._cpu_seconds = cpu_seconds
        self._wall_seconds = wall_seconds
        self._child: _Child | None = None

    @property
    def pid(self) -> int | None:
        """The child's process id; None while there is none."""
        return self._child.pid if self._child else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child; another one is started where more is asked."""
        self._bury()

    def start(self) -> None:
        """Start the child now, unless there is one: it is cheaper before other threads are.

        Raises:
            ServiceUnavailable: No process can be started.
        """
        self._started()

    def read(self, language: str, content: bytes) -> Reading:
        """Return what there is to know of a blob; see `extraction.read_blob`.

        Raises:
            ConfigError: The grammar of a known language does not load.
            ServiceUnavailable: No process can be started.
        """
        unparsed = read_without_parsing(language, content)
        if unparsed is not None:
            return Reading(encode(unparsed), is_lasting=True)
        try:
            row = self.answer(QuestionKind.FACTS, language, content)
        except TooMuch as fault:
            return Reading(_too_slow(content), is_lasting=type(fault) is TooMuch)
        return Reading(row, is_lasting=True)

    def find_faults(self, path: str, text: str) -> tuple[LintFinding, ...]:
        """Return what a parser complains about in a file, be it that the file is too much for it.

        Raises:
            ConfigError: The grammar of a known language does not load.
            ServiceUnavailable: No process can be started.
        """
        if language_of(path, text.partition("\n")[0]) is None:
            return ()
        try:
            body = self.answer(QuestionKind.SYNTAX, path, text.encode(errors="replace"))
        except TooMuch:
            told = "takes too long to parse"
            return (LintFinding(path=path, line=0, rule="syntax", message=told),)
        return tuple(LintFinding.model_validate(entry) for entry in json.loads(body))

    def answer(self, asked: QuestionKind, subject: str, content: bytes) -> bytes:
        """Ask a child, and another one where the first was killed by somebody else.

        Raises:
            TooMuch: Nobody answers.
            ConfigError: The grammar of a known language does not load.
            ServiceUnavailable: No process can be started.
        """
        for _ in range(ATTEMPTS):
            try:
                return self._ask(asked, subject, content)
            except _ChildGone:
                if self._bury() == -signal.SIGPROF:
                    raise TooMuch from None
            except BaseException:
                # Half a question or half an answer may be on its way.
                self._bury()
                raise
        raise _TooMuchForNow

    def _ask(self, asked: QuestionKind, subject: str, content: bytes) -> bytes:
        child = self._started()
        give_up_at = time.monotonic() + self._wall_seconds
        name = subject.encode(errors="replace")
        head = QUESTION.pack(asked, len(name), len(content))
        _send(child, head + name + content, give_up_at)
        kind, size = ANSWER.unpack(_receive(child, ANSWER.size, give_up_at))
        body = _receive(child, size, give_up_at)
        if kind == AnswerKind.CONFIG_ERROR:
            message, hint = json.loads(body)
            raise ConfigError(message, hint=hint)
        if kind == AnswerKind.FAULT:
            raise RuntimeError(f"A blob could not be read:\n{body.decode()}")
        return body

    def _started(self) -> _Child:
        if self._child is None:
            self._child = _start(self._cpu_seconds)
        return self._child

    def _bury(self) -> int | None:
        child, self._child = self._child, None
        return child.bury() if child else None


def _too_slow(content: bytes) -> bytes:
    return encode(unread(Outcome.TOO_SLOW, count_lines(content)))


def _send(child: _Child, data: bytes, give_up_at: float) -> None:
    left = memoryview(data)
    while left:
        _await(child.questions, select.POLLOUT, give_up_at)
        try:
            left = left[os.write(child.questions, left) :]
        except BrokenPipeError as error:
            raise _ChildGone from error


def _receive(child: _Child, count: int, give_up_at: float) -> bytes:
    parts = []
    while count:
        _await(child.answers, select.POLLIN, give_up_at)
        part = os.read(child.answers, min(count, _CHUNK_BYTES))
        if not part:
            raise _ChildGone
        parts.append(part)
        count -= len(part)
    return b"".join(parts)


def _await(descriptor: int, event: int, give_up_at: float) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    if not poll.poll(max(0.0, give_up_at - time.monotonic()) * 1_000):
        raise _ChildGone


def _start(cpu_seconds: float) -> _Child:
    """Start a child; the pipes are closed in it, and here, as far as they are the other's."""
    own: list[int] = []
    theirs: list[int] = []
    try:
        for is_written_here in (True, False, True):
            reading, writing = os.pipe()
            own.append(writing if is_written_here else reading)
            theirs.append(reading if is_written_here else writing)
        os.set_blocking(own[0], False)
        start = _fork if _is_alone() else _spawn
        pid, wait = start(Channel(*theirs), own, cpu_seconds)
    except OSError as error:
        for descriptor in own:
            os.close(descriptor)
        raise ServiceUnavailable(
            f"The process that parses cannot be started: {error.strerror}.",
            hint="Look whether the machine has memory and processes left, then start again.",
        ) from error
    finally:
        for descriptor in theirs:
            os.close(descriptor)
    return _Child(pid, own[0], own[1], own[2], wait)


def _is_alone() -> bool:
    """Whether this process has one thread, threads of C libraries counted."""
    with suppress(OSError):
        return len(list(_THREADS.iterdir())) == 1
    return False


def _fork(channel: Channel, own: list[int], cpu_seconds: float) -> tuple[int, Callable[[], int]]:
    pid = os.fork()
    if pid == 0:
        for descriptor in own:
            os.close(descriptor)
        serve_and_exit(channel, cpu_seconds)
    return pid, lambda: os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _spawn(channel: Channel, own: list[int], cpu_seconds: float) -> tuple[int, Callable[[], int]]:
    _ = own
    outer = os.environ  # noqa: TID251 - what a child process inherits is not configuration
    environment = {name: outer[name] for name in _INHERITED if name in outer}
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    program = (
        f"from {serve_and_exit.__module__} import Channel, serve; serve({channel}, {cpu_seconds})"
    )
    # `-P`: the folder that it happens to be started in may be a hostile repository.
    process = subprocess.Popen(  # noqa: S603 - this interpreter and our own module
        [sys.executable, "-P", "-c", program],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=channel,
    )
    return process.pid, process.wait
