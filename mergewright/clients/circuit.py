"""One service at one host, and whether it may be called: a circuit that all processes share.

Only `ServiceUnavailable` says that a service is ill. Every other error (a 404, a wrong token, a bug
of ours, a cancelled run) says nothing about it: it is not counted and clears no count.

pybreaker judges each attempt, over a storage of ours that holds the shared state as it was when the
attempt began. Its own Redis storage is not used: counting, opening and noting when are separate
writes there, between which a killed process leaves a circuit that is full and not open; every
process may probe at once; it asks up to six times per call; and there is none for a file.

Source: pybreaker 1.4.1 as run on 2026-11-20: its decorator serialises threads, an excluded error
resets its counter, and half-open lets every caller in; hence `calling()`, one breaker per attempt,
and the claim of the probe in `_Attempt.state`.
"""

import time
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

import pybreaker

from mergewright.clients.bulkhead import CALLS_AT_ONCE, WAIT_SECONDS, Bulkhead
from mergewright.clients.health import LastingHealth, Record
from mergewright.domain.health import CircuitState
from mergewright.errors import ServiceError, ServiceUnavailable

FAILURES_TO_OPEN: Final = 5
OPEN_SECONDS: Final = 60.0
PROBE_SECONDS: Final = 60.0
"""A probe that takes longer is taken for dead: its process may have been killed."""


class Circuit:
    """One service at one host, and whether it may be called.

    Args:
        service: What is called, for messages.
        host: Where it is.
        failures_to_open: Failures in a row after which calls fail at once.
        open_seconds: How long they do, before one call is let through to try.
        probe_seconds: How long that call may take before another one tries.
        calls_at_once: How many calls of this process may be under way.
        wait_seconds: How long one more waits for its turn.
        health: Where the state is; without one, in this process.
    """

    def __init__(
        self,
        service: str,
        host: str,
        *,
        failures_to_open: int = FAILURES_TO_OPEN,
        open_seconds: float = OPEN_SECONDS,
        probe_seconds: float = PROBE_SECONDS,
        calls_at_once: int = CALLS_AT_ONCE,
        wait_seconds: float = WAIT_SECONDS,
        health: LastingHealth | None = None,
    ) -> None:
        self._name = f"{service} at {host}"
        self.failures_to_open = failures_to_open
        self.open_for = timedelta(seconds=open_seconds)
        self.probe_for = timedelta(seconds=probe_seconds)
        self.record = Record(service, host, health or LastingHealth())
        self._is_suspect = False
        self._bulkhead = Bulkhead(
            self._name, calls_at_once=calls_at_once, wait_seconds=wait_seconds
        )

    def place(self) -> AbstractContextManager[None]:
        """Hold one of the places for calls to this service.

        Raises:
            ServiceUnavailable: All were taken for too long, or the circuit opened meanwhile.
        """
        return self._bulkhead.place(self._look)

    @contextmanager
    def calling(self) -> Iterator[None]:
        """Guard one call that is tried once.

        Raises:
            ServiceUnavailable: Too many calls failed in a row, or are under way, so that this one
                was not made.
        """
        with self.place(), self.attempting():
            yield

    @contextmanager
    def attempting(self) -> Iterator[None]:
        """Guard one attempt of one call that has its place.

        Raises:
            ServiceUnavailable: Too many calls failed in a row, so that this one was not made.
        """
        attempt = _Attempt(self)
        breaker = pybreaker.CircuitBreaker(
            fail_max=self.failures_to_open,
            reset_timeout=self.open_for.total_seconds(),
            exclude=[_says_nothing],
            state_storage=attempt,
            throw_new_error_on_trip=False,
        )
        try:
            with breaker.calling(), attempt.timed():
                yield
        except pybreaker.CircuitBreakerError as error:
            raise self._refusal(attempt.circuit_state) from error
        except BaseException as error:
            if _says_nothing(error):
                is_well = isinstance(error, ServiceError) and not is_refusal(error)
                self._end(attempt, is_well=is_well)
            else:
                self._is_suspect = True
            raise
        self._clear(attempt)

    def _end(self, attempt: "_Attempt", *, is_well: bool) -> None:
        if attempt.probe:
            self.record.tell(lambda state: state.answered(probe=attempt.probe, is_well=is_well))
        else:
            self.record.tell_in_time()

    def _clear(self, attempt: "_Attempt") -> None:
        if self._is_suspect or attempt.circuit_state.failures:
            self._is_suspect = False
            self.record.tell(lambda state: state.succeeded(probe=attempt.probe))
        else:
            self.record.tell_in_time()

    def _look(self) -> None:
        state = self.record.circuit()
        if state.is_open(datetime.now(UTC)):
            raise self._refusal(state) from pybreaker.CircuitBreakerError("opened meanwhile")

    def _refusal(self, state: CircuitState) -> ServiceUnavailable:
        now = datetime.now(UTC)
        if state.is_open(now) and state.closes_at is not None:
            when = f"It is tried again from {state.closes_at:%H:%M:%S} UTC on"
        else:
            when = "One call is trying it now"
        return ServiceUnavailable(
            f"{self._name} failed {state.failures} times in a row and is not called now.",
            hint=f"{when}; look whether it is up: mergewright services",
        )


class _Attempt(pybreaker.CircuitBreakerStorage):
    """What pybreaker is told of a circuit during one attempt, and what it makes of it."""

    def __init__(self, circuit: Circuit) -> None:
        super().__init__("shared")
        self._circuit = circuit
        self.circuit_state = circuit.record.circuit()
        self.probe = ""
        is_closed = self.circuit_state.opened_at is None
        self._state = pybreaker.STATE_CLOSED if is_closed else pybreaker.STATE_OPEN

    @contextmanager
    def timed(self) -> Iterator[None]:
        """Note how long the call took and what came of it, unless it never reached the service."""
        began = time.monotonic()
        try:
            yield
        except ServiceError as error:
            if not is_refusal(error):
                self._circuit.record.note(time.monotonic() - began, error)
            raise
        self._circuit.record.note(time.monotonic() - began, None)

    @property
    def state(self) -> str:
        """Return what this attempt takes the circuit for."""
        return self._state

    @state.setter
    def state(self, state: str) -> None:
        if state == pybreaker.STATE_HALF_OPEN:
            self._claim_probe()
        self._state = state

    def _claim_probe(self) -> None:
        name, now = uuid.uuid4().hex, datetime.now(UTC)
        until = now + self._circuit.probe_for

        def claim(state: CircuitState) -> CircuitState:
            return state.claimed(now, probe=name, until=until)

        # Whoever sees that another call is the probe writes nothing.
        if claim(self.circuit_state).probe == name:
            self.circuit_state = self._circuit.record.tell(claim)
        if self.circuit_state.probe == name:
            self.probe = name
        elif self.circuit_state.opened_at is not None:
            raise pybreaker.CircuitBreakerError("another call is the probe")

    def increment_counter(self) -> None:
        """Count a failure, which may open the circuit, for all processes in one write."""
        now = datetime.now(UTC)
        self.circuit_state = self._circuit.record.tell(
            lambda state: state.failed(
                now,
                probe=self.probe,
                limit=self._circuit.failures_to_open,
                open_for=self._circuit.open_for,
            )
        )

    @property
    def counter(self) -> int:
        """Return the failures in a row."""
        return self.circuit_state.failures

    @property
    def success_counter(self) -> int:
        """Return that one success of a probe is enough."""
        return 1

    @property
    def opened_at(self) -> datetime | None:
        """Return since when the circuit is open, as long as it lets nothing through."""
        is_open = self.circuit_state.is_open(datetime.now(UTC))
        return self.circuit_state.opened_at if is_open else None

    @opened_at.setter
    def opened_at(self, datetime: datetime) -> None:
        """Leave it: the write that counted the failure has opened the circuit."""


def _says_nothing(error: BaseException) -> bool:
    """Whether an error tells nothing about the service; a refusal here is another circuit's."""
    return not isinstance(error, ServiceUnavailable) or is_refusal(error)


def is_refusal(error: BaseException) -> bool:
    """Say whether the call was not made: an open circuit takes longer than seconds by design."""
    return isinstance(error.__cause__, pybreaker.CircuitBreakerError)
