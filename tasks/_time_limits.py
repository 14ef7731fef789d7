"""The dead-man timer: a stage that does not end is ended, whatever it hangs in.

A stage on the main thread is ended by an alarm, which interrupts a socket, a lock and a waiting for
a process alike. Prefect's own `timeout_seconds` does so once, per attempt, with an error that any
`except Exception` takes for its own; here the alarm rings again until the stage is left, and what
the stage started dies with it: a pool of tool threads would be waited for, and their commands run
on. Native code that does not come back hears of nothing: what may take long is done by
`interruptibly`. On another thread Python can only raise between two steps of its own, so there a stage ends as
soon as what it waits for does: every client and command has a time limit of its own.
Source: `prefect._internal.concurrency.cancellation` 3.8.8, read 2026-11-20.
"""

import ctypes
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from contextvars import ContextVar, copy_context
from types import FrameType, MappingProxyType
from typing import TypeVar

import psutil
from prefect.exceptions import TerminationSignal

from mergewright.settings import settings

T = TypeVar("T")

STAGE_SECONDS: Mapping[str, float] = MappingProxyType(
    {
        "preflight": 1800,
        "ticket": 1800,
        "ready": 1800,
        "ask": 1800,
        "standing": 1800,
        "release": 1800,
        "workspace": 5400,
        "analyse": 1800,
        "baseline": 7200,
        "findings": 1800,
        "reproduce": 10_800,
        "script": 18_000,
        "script-check": 10_800,
        "script-guard": 5400,
        "research": 5400,
        "plan": 5400,
        "approve": 90_000,
        "implement": 10_800,
        "examine": 7200,
        "write": 10_800,
        "check": 10_800,
        "review": 5400,
        "repair": 10_800,
        "guard": 5400,
        "release-branch": 1800,
        "push": 5400,
        "rebase": 1800,
        "pull-request": 1800,
        "workflow": 1800,
        "external-checks": 10_800,
        "triage": 1800,
        "backport": 5400,
        "carry": 10_800,
        "refresh": 1800,
        "reviews": 5400,
        "answer": 1800,
        "page": 1800,
        "pages": 1800,
        "api-pages": 1800,
        "ticket-plan": 1800,
        "ticket-update": 1800,
        "timeline": 1800,
        "notify": 1800,
        "report": 1800,
        "salvage": 5400,
        "undo": 5400,
        "close": 1800,
        "effects retry": 5400,
    }
)
"""Seconds after which a stage is ended, with all its retries: its own limits, and time to spare.

A stage of the back-port has the time of the stage that it does again.
"""
BACKPORT = "backport-"

OTHER_SECONDS = 5400.0
"""The same for a stage that is not among them."""
TICK_SECONDS = 1.0
LEAVE_SECONDS = 5.0
"""How long what was ended may take to clean up before it is told again."""

_hurry_until: ContextVar[float | None] = ContextVar("hurry_until", default=None)


class Overdue(BaseException):
    """A stage is ended by its timer; no `except Exception` may take it for its own."""


def seconds_of(stage_id: str) -> float:
    """Return after how many seconds a stage is ended: `check-1` has the time of `check`."""
    own = stage_id.removeprefix(BACKPORT)
    name, _, number = own.rpartition("-")
    plain = name if name and (number.isdigit() or name == "approve") else own
    allowed = STAGE_SECONDS.get(plain, OTHER_SECONDS) * settings().stage_time_factor
    until = _hurry_until.get()
    return allowed if until is None else min(allowed, until - time.monotonic())


@contextmanager
def hurrying(seconds: float) -> Iterator[None]:
    """Give all stages that are done inside this many seconds together."""
    token = _hurry_until.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _hurry_until.reset(token)


@contextmanager
def ended_after(seconds: float) -> Iterator[None]:
    """Raise `Overdue` in the block once the time is over, and again until it is left.

    A block on the main thread that is being left by a signal (Ctrl-C, or the SIGTERM of a
    cancellation) is helped out: what it started is ended, so that it waits for nothing.

    Raises:
        Overdue: The time is over.
    """
    if seconds <= 0:
        raise Overdue
    if threading.current_thread() is threading.main_thread() and _alarm_is_free():
        with _Alarm(seconds):
            yield
    else:
        with _watched(seconds):
            yield


def _alarm_is_free() -> bool:
    """Say whether nobody else, such as a time limit of a whole flow, waits for an alarm."""
    return signal.getsignal(signal.SIGALRM) in {signal.SIG_DFL, signal.SIG_IGN}


def interruptibly(work: Callable[[], T]) -> T:
    """Do what native code does, which hears of no signal, on a thread that can be left behind."""
    future: Future[T] = Future()
    context = copy_context()

    def carry_out() -> None:
        try:
            future.set_result(context.run(work))
        except BaseException as error:  # noqa: BLE001 - carried over to the waiting thread
            future.set_exception(error)

    threading.Thread(target=carry_out, daemon=True, name="native-code").start()
    return future.result()


class _Alarm:
    """Ticks on the main thread; ends what is overdue, and what a signal has ended already."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = time.monotonic() + seconds
        self._told_at = 0.0
        self._leaving_since = 0.0
        self._started = _Started()
        self._known = _signal_in_hand()
        self._is_over = False

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGALRM, self._tick)
        first_seconds = min(TICK_SECONDS, self._ends_at - time.monotonic())
        signal.setitimer(signal.ITIMER_REAL, max(first_seconds, 0.001))

    def __exit__(self, *_: object) -> None:
        self._is_over = True
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)

    def _tick(self, _signal: int, _frame: FrameType | None) -> None:
        try:
            self._look()
        finally:
            # One after the other: ticks that come faster than they are dealt with would pile up.
            if not self._is_over:
                signal.setitimer(signal.ITIMER_REAL, TICK_SECONDS)

    def _look(self) -> None:
        now = time.monotonic()
        leaving = _signal_in_hand()
        if leaving is not None and leaving is not self._known:
            self._help_out(leaving, now)
        elif now >= self._ends_at and now - self._told_at >= LEAVE_SECONDS:
            self._told_at = now
            self._started.end()
            raise Overdue

    def _help_out(self, leaving: BaseException, now: float) -> None:
        if not self._leaving_since:
            self._leaving_since = now
        elif now - self._told_at >= LEAVE_SECONDS:
            is_stuck = self._told_at >= self._leaving_since
            self._told_at = now
            self._started.end()
            if is_stuck:
                raise leaving


def _signal_in_hand() -> BaseException | None:
    """Return what Ctrl-C or SIGTERM raised, if that is what the main thread deals with just now."""
    error = sys.exception()
    while error is not None and not isinstance(error, KeyboardInterrupt | TerminationSignal):
        error = error.__context__
    return error


class _Started:
    """The threads and processes that come into being from now on."""

    def __init__(self) -> None:
        self._threads = frozenset(threading.enumerate())
        self._processes = frozenset(_children())

    def end(self) -> None:
        """End them; threads first, so that none writes down how its command was killed.

        Prefect's own threads are daemons and go on; a pool's are not.
        """
        for thread in threading.enumerate():
            if thread not in self._threads and not thread.daemon:
                _raise_in(thread)
        for process in _children():
            if process not in self._processes:
                with suppress(psutil.Error):
                    process.kill()


def _children() -> list[psutil.Process]:
    with suppress(psutil.Error):
        return psutil.Process().children(recursive=True)
    return []


def _raise_in(thread: threading.Thread) -> None:
    """Raise `Overdue` in another thread, at the next step of Python that it takes."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread.ident or 0), ctypes.py_object(Overdue)
    )


@contextmanager
def _watched(seconds: float) -> Iterator[None]:
    thread, left, lock = threading.current_thread(), threading.Event(), threading.Lock()

    def watch() -> None:
        wait_seconds = seconds
        while not left.wait(wait_seconds):
            with lock:
                if not left.is_set():
                    _raise_in(thread)
            wait_seconds = LEAVE_SECONDS

    threading.Thread(target=watch, daemon=True, name="dead-man-timer").start()
    try:
        yield
    finally:
        with lock:
            left.set()
