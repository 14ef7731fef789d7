"""Guarding outside calls: one circuit breaker per service and host, and retries of seconds around it.

From the inside out: the call with its own time limit, the breaker around each attempt, the retries
around that, a bulkhead around all. Retrying inside the breaker would make many real calls count as
one failure.
"""

import atexit
import threading
from collections.abc import Callable
from typing import TypeVar

from mergewright.clients.circuit import Circuit, is_refusal
from mergewright.clients.health import HealthStore, LastingHealth
from mergewright.clients.retries import retrying

T = TypeVar("T")


class _Circuits:
    """The circuits of this process, by service and host."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._health = LastingHealth()
        self._circuits: dict[tuple[str, str], Circuit] = {}

    def of(self, service: str, host: str) -> Circuit:
        with self._lock:
            circuit = self._circuits.get((service, host))
            if circuit is None:
                circuit = Circuit(service, host, health=self._health)
                self._circuits[service, host] = circuit
            return circuit

    def share(self, health: HealthStore | None) -> None:
        with self._lock:
            if self._health.store is health:
                return
            self._health = LastingHealth(health)
            for circuit in self._circuits.values():
                circuit.record.health = self._health

    def tell(self) -> None:
        with self._lock:
            circuits = tuple(self._circuits.values())
        for circuit in circuits:
            circuit.record.tell_in_time(pause_seconds=0)


_CIRCUITS = _Circuits()
atexit.register(_CIRCUITS.tell)


def share_circuits(health: HealthStore | None) -> None:
    """Let other processes share the circuits of this one, from now on.

    A store that fails breaks no call: this process then goes on with what it knows, and says so
    once.

    Args:
        health: Where the state is; None keeps it in this process.
    """
    _CIRCUITS.share(health)


def tell_health() -> None:
    """Tell the store now what is told every few seconds and at the end of the process."""
    _CIRCUITS.tell()


def guarded(service: str, host: str) -> Circuit:
    """Return the circuit that all calls to a service at a host share.

    Used as `with guarded("jira", "example.org").calling(): ...`.
    """
    return _CIRCUITS.of(service, host)


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
        ServiceUnavailable: It failed each time, the circuit is open, or too many calls are under
            way.
        RateLimited: The service asks to wait, longer or more often than is waited here.
        MergewrightError: Whatever else `fn` raised; not tried again.
    """
    circuit = guarded(service, host)
    with circuit.place():
        for attempt in retrying(attempts if safe_to_repeat else 1, unless=is_refusal):
            with attempt, circuit.attempting():
                return fn()
    raise AssertionError("unreachable: tenacity returns or raises")
