"""Running one command under limits of time, memory, processes and output.

The limits that a kernel keeps per process (`ulimit`) are set by a small shell in front of the
command, because code between fork and exec is not safe in a process with threads. `RLIMIT_AS` is
never set: it breaks Node and Java long before memory is short. What a tree of processes uses
together is looked at from outside, every `LOOK_SECONDS`.
"""

import contextlib
import math
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from mergewright.domain.checks import SandboxLevel
from mergewright.domain.value import Value

MAX_FILE_BYTES = 1 << 30
MAX_OPEN_FILES = 4096
LOOK_SECONDS = 0.2
_CHUNK_BYTES = 65_536
_STARTED = b"\x1e"
_SHELL = (
    "printf '\\036'; "
    '{ ulimit -c 0; ulimit -f "$1"; ulimit -n "$2"; ulimit -t "$3"; } 2>/dev/null; '
    'shift 3; exec "$@"'
)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a command and everything it starts may use."""

    timeout_seconds: float = 600
    memory_bytes: int = 2 << 30
    """Memory of all its processes together."""
    output_bytes: int = 200_000
    """How much of the end of the output is kept."""
    max_processes: int = 512


class CommandResult(Value):
    """How one command ended."""

    argv: tuple[str, ...]
    exit_code: int | None
    """None when the command was stopped; 128 and more for a signal, as shells have it."""
    output: str
    """End of standard output and error as they came; bytes that are no UTF-8 are replaced."""
    omitted_bytes: int = 0
    """How much of the output's beginning was not kept."""
    duration_seconds: float
    timed_out: bool = False
    stopped: str = ""
    """Which limit ended the command, in words; empty when it ended by itself."""
    started: bool = True
    """False when what was to shut the command in failed before the command began."""
    level: SandboxLevel


class _Tail:
    """The end of a stream of bytes."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._kept = bytearray()
        self._dropped = 0
        self.started = False

    def add(self, chunk: bytes) -> None:
        self._kept += chunk
        if not self.started:
            self._look_for_start()
        if len(self._kept) > 2 * self._limit_bytes + _CHUNK_BYTES:
            self._trim()

    def _look_for_start(self) -> None:
        _, mark, rest = self._kept.partition(_STARTED)
        if mark:
            self.started = True
            self._kept = rest

    def _trim(self) -> None:
        excess = len(self._kept) - self._limit_bytes
        if excess > 0:
            self._dropped += excess
            del self._kept[:excess]

    def read(self) -> tuple[str, int]:
        """Return the text that was kept and how many bytes before it were not."""
        self._trim()
        return self._kept.decode(errors="replace"), self._dropped


def with_limits(argv: Sequence[str], limits: Limits) -> list[str]:
    """Put the shell that sets the kernel's limits in front of a command."""
    cpu_seconds = math.ceil(limits.timeout_seconds) * (os.cpu_count() or 1) + 1
    blocks = MAX_FILE_BYTES // 512
    numbers = (str(blocks), str(MAX_OPEN_FILES), str(cpu_seconds))
    return ["/bin/sh", "-c", _SHELL, "sh", *numbers, *argv]


def run_limited(
    argv: Sequence[str],
    *,
    shown: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    limits: Limits,
    level: SandboxLevel,
) -> CommandResult:
    """Run a command built on `with_limits` to its end or to its limit; leave nothing running.

    Args:
        argv: What is really run.
        shown: The command as its caller knows it.
        folder: Working directory.
        environment: All the variables there are.
        limits: How much it may use.
        level: How well `argv` shuts the command in.

    Raises:
        OSError: The first program of `argv` cannot be started at all.
    """
    began = time.monotonic()
    tail = _Tail(limits.output_bytes)
    process = subprocess.Popen(  # noqa: S603 - running commands is this module's job; lists only
        argv,
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    with process:
        pipe = _descriptor(process)
        try:
            stopped = _watch(process, pipe, tail, limits, began)
        finally:
            _kill(process)
        _drain(pipe, tail)
    output, omitted_bytes = tail.read()
    code = process.returncode
    return CommandResult(
        argv=tuple(shown),
        exit_code=None if stopped else code if code >= 0 else 128 - code,
        output=output,
        omitted_bytes=omitted_bytes,
        duration_seconds=time.monotonic() - began,
        timed_out=stopped.startswith("time"),
        stopped=stopped,
        started=tail.started or bool(stopped),
        level=level,
    )


def _descriptor(process: subprocess.Popen[bytes]) -> int:
    if process.stdout is None:
        raise AssertionError("a process started with a pipe has one")
    descriptor = process.stdout.fileno()
    os.set_blocking(descriptor, False)
    return descriptor


def _watch(
    process: subprocess.Popen[bytes], pipe: int, tail: _Tail, limits: Limits, began: float
) -> str:
    """Read the output until the process ends or a limit is reached; return which one."""
    deadline = began + limits.timeout_seconds
    next_look = began + LOOK_SECONDS
    is_open = True
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            now = time.monotonic()
            if now >= deadline:
                return f"time limit of {limits.timeout_seconds:g} s reached"
            if now >= next_look:
                if process.poll() is not None:
                    return ""
                if excess := _excess(process.pid, limits):
                    return excess
                next_look = time.monotonic() + LOOK_SECONDS
            wait_seconds = max(0.0, min(deadline, next_look) - time.monotonic())
            if is_open:
                is_open = not selector.select(wait_seconds) or _read(pipe, tail)
            elif _ended_within(process, wait_seconds):
                return ""


def _read(pipe: int, tail: _Tail) -> bool:
    """Read once; return whether there may be more later."""
    try:
        chunk = os.read(pipe, _CHUNK_BYTES)
    except BlockingIOError:
        return True
    tail.add(chunk)
    return bool(chunk)


def _ended_within(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def _drain(pipe: int, tail: _Tail) -> None:
    """Read what is left without waiting for a process that escaped and holds the pipe."""
    most_chunks = 64
    for _ in range(most_chunks):
        try:
            chunk = os.read(pipe, _CHUNK_BYTES)
        except BlockingIOError:
            return
        if not chunk:
            return
        tail.add(chunk)


def _family(pid: int) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    except psutil.Error:
        return []


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process, its group and every descendant that can still be found."""
    family = _family(process.pid)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    for member in family:
        with contextlib.suppress(psutil.Error):
            member.kill()
    process.wait()


def _excess(pid: int, limits: Limits) -> str:
    family = _family(pid)
    if len(family) > limits.max_processes:
        return f"process limit of {limits.max_processes} reached"
    # Resident sizes count shared pages once per process, so the dearer exact sizes decide.
    if _total(family, exact=False) > limits.memory_bytes:
        used = _total(family, exact=True)
        if used > limits.memory_bytes:
            return f"memory limit of {limits.memory_bytes >> 20} MiB reached"
    return ""


def _total(family: Iterable[psutil.Process], *, exact: bool) -> int:
    total = 0
    for member in family:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            total += _memory_bytes(member, exact=exact)
    return total


def _memory_bytes(member: psutil.Process, *, exact: bool) -> int:
    if exact:
        with contextlib.suppress(psutil.AccessDenied):
            full = member.memory_full_info()
            return int(getattr(full, "pss", full.rss))
    return int(member.memory_info().rss)
