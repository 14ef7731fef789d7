"""A bound on how many calls of this process a service has at once: one that is stuck stops no other.

It is per process. A bound over all processes belongs to whoever starts the work: a Prefect global
concurrency limit.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from mergewright.errors import ServiceUnavailable

CALLS_AT_ONCE: Final = 32
WAIT_SECONDS: Final = 60.0
_LOOK_SECONDS: Final = 0.25
"""How often a call that waits looks whether it is still worth it."""


class Bulkhead:
    """The places for calls to one service at one host.

    Args:
        name: What is called, for messages.
        calls_at_once: How many calls may be under way.
        wait_seconds: How long another one waits for its turn.
    """

    def __init__(
        self, name: str, *, calls_at_once: int = CALLS_AT_ONCE, wait_seconds: float = WAIT_SECONDS
    ) -> None:
        self._name = name
        self._calls_at_once = calls_at_once
        self._wait_seconds = wait_seconds
        self._places = threading.BoundedSemaphore(calls_at_once)

    @contextmanager
    def place(self, look: Callable[[], None]) -> Iterator[None]:
        """Hold a place for one call and the pauses between its attempts.

        Args:
            look: Asked now and then while waiting; raises if waiting is of no use.

        Raises:
            ServiceUnavailable: There was no place in time. The service may be well: nothing counts
                this as its failure.
            MergewrightError: What `look` raises.
        """
        if not self._places.acquire(blocking=False):
            self._wait(look)
        try:
            yield
        finally:
            self._places.release()

    def _wait(self, look: Callable[[], None]) -> None:
        give_up_at = time.monotonic() + self._wait_seconds
        while True:
            look()
            left = give_up_at - time.monotonic()
            if left <= 0:
                raise ServiceUnavailable(
                    f"{self._calls_at_once} calls to {self._name} are under way, and none of them"
                    f" ended within {self._wait_seconds:g} seconds.",
                    hint="Start fewer runs at once, or look why it is slow: mergewright services",
                )
            if self._places.acquire(timeout=min(left, _LOOK_SECONDS)):
                return
