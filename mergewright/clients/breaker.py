"""Guarding outside calls: one circuit breaker per service and host, and retries of seconds around it.

From the inside out: the call with its own time limit, the breaker around each attempt, the retries
around that. Retrying inside the breaker would make many real calls count as one failure.

Only `ServiceUnavailable` says that a service is ill. Every other error (a 404, a wrong token, a bug
of ours, a cancelled run) says nothing about it: it is not counted and clears no count.

Source: pybreaker 1.4.1 as run on 2026-11-20: its decorator serialises threads, an excluded error
resets its counter, and half-open lets every caller in; hence `calling()`, `_FailureCount` and the
probe lock.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pybreaker
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    wait_exponential,
    wait_random,
)

from mergewright.errors import MergewrightError, RateLimited, ServiceUnavailable

T = TypeVar("T")

FAILURES_TO_OPEN = 5
OPEN_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 30.0
"""A service that asks for a longer wait is left to the retries of minutes further out."""
LAST_START_SECONDS = 120.0
"""No attempt starts later than this after the first one did."""

_PAUSE = wait_exponential(multiplier=0.3, max=5) + wait_random(0, 0.3)


class _FailureCount(pybreaker.CircuitMemoryStorage):
    """Failures in a row, cleared by a success and by nothing else."""

    def reset_counter(self) -> None:
        """Keep the count: pybreaker asks for this after refusals too."""

    def clear(self) -> None:
        """Forget the failures, after a success."""
        super().reset_counter()


class Circuit:
    """One service at one host, and whether it may be called.

    Args:
        service: What is called, for messages.
        host: Where it is.
        failures_to_open: Failures in a row after which calls fail at once.
        open_seconds: How long they do, before one call is let through to try.
    """

    def __init__(
        self,
        service: str,
        host: str,
        *,
        failures_to_open: int = FAILURES_TO_OPEN,
        open_seconds: float = OPEN_SECONDS,
    ) -> None:
        self._name = f"{service} at {host}"
        self._open_seconds = open_seconds
        self._probe = threading.Lock()
        self._failures = _FailureCount(pybreaker.STATE_CLOSED)
        self._breaker = pybreaker.CircuitBreaker(
            fail_max=failures_to_open,
            reset_timeout=open_seconds,
            exclude=[lambda error: not isinstance(error, ServiceUnavailable)],
            state_storage=self._failures,
            throw_new_error_on_trip=False,
        )

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Guard one attempt of one call.

        Raises:
            ServiceUnavailable: Too many calls failed in a row, so that this one was not made.
        """
        with self._admission():
            try:
                with self._breaker.calling():
                    yield
            except pybreaker.CircuitBreakerError as error:
                raise self._refusal() from error
        self._failures.clear()

    @contextmanager
    def _admission(self) -> Iterator[None]:
        if self._breaker.current_state == pybreaker.STATE_CLOSED:
            yield
        elif self._probe.acquire(blocking=False):
            try:
                yield
            finally:
                self._probe.release()
        else:
            raise self._refusal() from pybreaker.CircuitBreakerError("another call is the probe")

    def _refusal(self) -> ServiceUnavailable:
        opened_at = self._failures.opened_at or datetime.now(UTC)
        closes_at = opened_at + timedelta(seconds=self._open_seconds)
        return ServiceUnavailable(
            f"{self._name} failed {self._failures.counter} times in a row and is not called now.",
            hint=f"It is tried again from {closes_at:%H:%M:%S} UTC on; look whether it is up.",
        )


_circuits: dict[tuple[str, str], Circuit] = {}
_circuits_lock = threading.Lock()


def guarded(service: str, host: str) -> Circuit:
    """Return the circuit that all calls of this process to a service at a host share.

    Used as `with guarded("jira", "example.org").calling(): ...`.
    """
    with _circuits_lock:
        return _circuits.setdefault((service, host), Circuit(service, host))


def call_with_retries(
    fn: Callable[[], T], *, service: str, host: str, attempts: int = 3, safe_to_repeat: bool
) -> T:
    """Call `fn` behind its circuit, again after failures that may pass.

    Args:
        fn: The call, with its own time limit, raising Mergewright's errors.
        service: What is called.
        host: Where it is.
        attempts: How often at most.
        safe_to_repeat: Whether a second call does no harm when the first one did arrive.

    Raises:
        ServiceUnavailable: It failed each time, or the circuit is open.
        RateLimited: The service asks to wait, longer or more often than is waited here.
        MergewrightError: Whatever else `fn` raised; not tried again.
    """
    retrying = Retrying(
        stop=stop_after_attempt(attempts if safe_to_repeat else 1)
        | stop_after_delay(LAST_START_SECONDS),
        retry=retry_if_exception(_may_pass),
        wait=_pause_seconds,
        reraise=True,
    )
    circuit = guarded(service, host)
    for attempt in retrying:
        with attempt, circuit.calling():
            return fn()
    raise AssertionError("unreachable: tenacity returns or raises")


def _may_pass(error: BaseException) -> bool:
    """Whether seconds may mend it: an open circuit takes longer by design."""
    if isinstance(error, RateLimited):
        return (error.retry_after_seconds or 0) <= LONGEST_PAUSE_SECONDS
    opened = isinstance(error.__cause__, pybreaker.CircuitBreakerError)
    return isinstance(error, MergewrightError) and error.retryable and not opened


def _pause_seconds(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    pause = _PAUSE(state)
    if isinstance(error, RateLimited) and error.retry_after_seconds is not None:
        return max(pause, error.retry_after_seconds)
    return pause
