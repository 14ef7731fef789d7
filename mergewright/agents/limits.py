"""How far an agent may go: calls, tokens and time."""

import contextvars
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

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

        A server that drips bytes keeps every socket timeout from firing; so the work gets a thread
        of its own, which is left behind when the time is over.

        Raises:
            LimitReached: The work was not done in time; whether it has effects is unknown.
        """
        future: Future[T] = Future()
        context = contextvars.copy_context()

        def carry_out() -> None:
            try:
                future.set_result(context.run(work))
            except BaseException as error:  # noqa: BLE001 - carried over to the waiting thread
                future.set_exception(error)

        threading.Thread(target=carry_out, daemon=True, name=f"call-{self.agent}").start()
        try:
            return future.result(timeout=max(self.ends_at - time.monotonic(), 0.0))
        except TimeoutError:
            if future.done():
                raise
            raise self._reached() from None
