"""How far an agent may go: calls, tokens and time."""

import contextvars
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, ClassVar, TypeVar

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
        future: Future[T] = Future()
        context = contextvars.copy_context()
        _Worker.idle_or_new().carry_out(lambda: context.run(work), future)
        try:
            return future.result(timeout=max(self.ends_at - time.monotonic(), 0.0))
        except TimeoutError:
            if future.done():
                raise
            raise self._reached() from None


class _Worker:
    """A thread that does one piece of work after another; one that hangs is simply not idle."""

    _idle: ClassVar[list["_Worker"]] = []

    def __init__(self) -> None:
        self._waiting: SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = SimpleQueue()
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

    def carry_out(self, work: Callable[[], T], future: Future[T]) -> None:
        """Begin the work; what comes of it comes to the future."""
        self._waiting.put((work, future))

    def _run(self) -> None:
        while True:
            self._do(*self._waiting.get())

    def _do(self, work: Callable[[], T], future: Future[T]) -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - carried over to the waiting thread
            self._idle.append(self)
            future.set_exception(error)
        else:
            # Idle before the caller goes on: its next call takes this worker, not a new one.
            self._idle.append(self)
            future.set_result(result)


os.register_at_fork(after_in_child=_Worker.forget_idle)
