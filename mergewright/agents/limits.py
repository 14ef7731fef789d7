"""How far an agent may go: calls, tokens and time."""

import contextvars
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from queue import SimpleQueue
from typing import Any, ClassVar, Generic, TypeVar

from pydantic import Field

from mergewright.domain.value import Value
from mergewright.errors import LimitReached

T = TypeVar("T")


class AgentLimits(Value):
    """The limits of one piece of work that is asked of a model."""

    max_model_calls: int = Field(default=40, ge=1)
    """Answers one conversation may hold."""
    max_output_tokens: int = Field(default=16_000, ge=256)
    """Tokens of one answer, thinking included."""
    call_timeout_seconds: float = Field(default=300, gt=0)
    """How long a call may be silent."""
    max_seconds: float = Field(default=1800, gt=0)
    """How long the whole conversation may take."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The instant at which a piece of work is given up."""

    agent: str
    max_seconds: float
    ends_at: float
    """Reading of the monotonic clock."""

    @classmethod
    def start(cls, agent: str, max_seconds: float) -> "Deadline":
        """Return a deadline that many seconds from now."""
        return cls(agent, max_seconds, time.monotonic() + max_seconds)

    def check(self) -> None:
        """Refuse to begin anything new once the time is used up.

        Raises:
            LimitReached: The time is used up.
        """
        if time.monotonic() >= self.ends_at:
            raise self._reached()

    def _reached(self) -> LimitReached:
        return LimitReached(
            f"The {self.agent!r} agent used up its {self.max_seconds:g} seconds.",
            hint="Start the same run again to go on from the last recorded step, "
            "or split the ticket into smaller ones.",
        )

    def call(self, work: Callable[[], T]) -> T:
        """Do work that cannot be interrupted, and stop waiting for it at the deadline.

        A server that drips bytes keeps every socket timeout from firing; so a thread of
        its own does the work, and is left behind when the time is over.

        Raises:
            LimitReached: The work was not done in time; whether it has effects is unknown.
        """
        job = _Job(partial(contextvars.copy_context().run, work))
        _Worker.idle_or_new().begin(job)
        if not job.is_done.acquire(timeout=max(self.ends_at - time.monotonic(), 0.0)):
            raise self._reached()
        return job.outcome()


class _Job(Generic[T]):
    """A piece of work for another thread, and what came of it."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._results: list[T] = []
        self._error: BaseException | None = None
        self.is_done = threading.Lock()
        """Released once there is an outcome."""
        self.is_done.acquire()

    def do(self) -> None:
        """Do the work and keep what comes of it."""
        try:
            self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001 - carried over to the waiting thread
            self._error = error

    def outcome(self) -> T:
        """Return what the work returned, or raise what it raised."""
        if self._error is not None:
            raise self._error
        return self._results[0]


class _Worker:
    """A thread that does one piece of work after another; one that hangs is simply not idle."""

    _idle: ClassVar[list["_Worker"]] = []

    def __init__(self) -> None:
        self._jobs: SimpleQueue[_Job[Any]] = SimpleQueue()
        threading.Thread(target=self._run, daemon=True, name="model-call").start()

    @classmethod
    def idle_or_new(cls) -> "_Worker":
        """Take a worker that has nothing to do, or a new one."""
        try:
            return cls._idle.pop()
        except IndexError:
            return cls()

    @classmethod
    def forget_idle(cls) -> None:
        """Let go of all: a forked child has the list, and none of its threads."""
        cls._idle.clear()

    def begin(self, job: _Job[Any]) -> None:
        """Have a job done by this thread; whoever waits for it is told by the job."""
        self._jobs.put(job)

    def _run(self) -> None:
        while True:
            job = self._jobs.get()
            job.do()
            # Idle before the caller goes on: its next call takes this worker, not a new one.
            self._idle.append(self)
            job.is_done.release()
            # What came of it is not kept until the next job.
            del job


os.register_at_fork(after_in_child=_Worker.forget_idle)
