"""Where the state of circuits and the figures of calls are kept: here, or shared by processes.

A store is shared by whoever opens it; this room only says what one must do. What guards a call must
not break it: a store that fails is left alone for a while, and this process remembers for itself.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Protocol

from mergewright.domain.health import Calls, CircuitState, ServiceHealth
from mergewright.errors import (
    AccessDenied,
    MergewrightError,
    RateLimited,
    ServiceError,
    ServiceUnavailable,
)
from mergewright.safety.redaction import redact

Change = Callable[[ServiceHealth], ServiceHealth]
"""A step from one state to the next; it may be asked more than once for one change."""

TELL_SECONDS: Final = 5.0
"""Successes of a well service are told no more often than this."""
STORE_REST_SECONDS: Final = 60.0
"""How long a store that failed is not asked again."""
MAX_ERROR_CHARACTERS: Final = 200

_LOG: Final = logging.getLogger(__name__)


class HealthStore(Protocol):
    """What is known of services, by service and host; safe for threads."""

    def read(self, service: str, host: str) -> ServiceHealth:
        """Return what is known; of a service that nobody called yet, nothing.

        Raises:
            MergewrightError: The store cannot be read.
        """
        ...

    def change(self, service: str, host: str, change: Change) -> ServiceHealth:
        """Replace what is known in one step that no other process gets into; return the new state.

        Raises:
            MergewrightError: The store cannot be read or written; nothing was.
        """
        ...

    def services(self) -> tuple[ServiceHealth, ...]:
        """Return all services that are known, sorted by service and host.

        Raises:
            MergewrightError: The store cannot be read.
        """
        ...


class MemoryHealth:
    """What this process alone knows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], ServiceHealth] = {}

    def read(self, service: str, host: str) -> ServiceHealth:
        """Return what is known."""
        return self._known.get((service, host)) or ServiceHealth(service=service, host=host)

    def change(self, service: str, host: str, change: Change) -> ServiceHealth:
        """Replace what is known; return the new state."""
        with self._lock:
            changed = change(self.read(service, host))
            self._known[service, host] = changed
        return changed

    def services(self) -> tuple[ServiceHealth, ...]:
        """Return all services that are known."""
        with self._lock:
            return tuple(health for _, health in sorted(self._known.items()))

    def keep(self, health: ServiceHealth) -> None:
        """Take over what another store knows."""
        with self._lock:
            self._known[health.service, health.host] = health


class LastingHealth:
    """A store that never fails: behind one that may, the last that it told is gone on with.

    Args:
        store: The store that is shared; None for none.
        rest_seconds: How long it is not asked after a failure.
    """

    def __init__(
        self, store: HealthStore | None = None, *, rest_seconds: float = STORE_REST_SECONDS
    ) -> None:
        self.store = store
        self._rest_seconds = rest_seconds
        self._memory = MemoryHealth()
        self._rests_until: float | None = None
        self._is_said = False

    def read(self, service: str, host: str) -> ServiceHealth:
        """Return what is known."""
        # One that can be read and not written would tell old things: only a write ends the rest.
        found = None
        if self._rests_until is None:
            found = self._ask(lambda store: store.read(service, host))
        return self._memory.read(service, host) if found is None else found

    def change(self, service: str, host: str, change: Change) -> ServiceHealth:
        """Replace what is known; return the new state."""
        changed = None
        if self._rests_until is None or time.monotonic() >= self._rests_until:
            changed = self._ask(lambda store: store.change(service, host, change))
        if changed is None:
            return self._memory.change(service, host, change)
        self._rests_until = None
        return changed

    def _ask(self, question: Callable[[HealthStore], ServiceHealth]) -> ServiceHealth | None:
        if self.store is None:
            return None
        try:
            found = question(self.store)
        except MergewrightError as error:
            self._rests_until = time.monotonic() + self._rest_seconds
            self._say(error)
            return None
        self._memory.keep(found)
        return found

    def _say(self, error: MergewrightError) -> None:
        if not self._is_said:
            self._is_said = True
            _LOG.warning(
                "Circuits are not shared with other processes for now: %s", redact(str(error))
            )


class Record:
    """What this process saw of one service, told to the store in few small writes.

    Args:
        service: The service.
        host: Where it is.
        health: Where it is told.
    """

    def __init__(self, service: str, host: str, health: LastingHealth) -> None:
        self.health = health
        self._service = service
        self._host = host
        self._lock = threading.Lock()
        self._untold = Calls()
        self._told_at = float("-inf")

    def circuit(self) -> CircuitState:
        """Return the state of the circuit, as all processes see it."""
        return self.health.read(self._service, self._host).circuit

    def note(self, seconds: float, error: ServiceError | None) -> None:
        """Remember a call for the next time that something is told.

        Args:
            seconds: How long it took.
            error: What came of it, if not what was asked for.
        """
        is_ill = isinstance(error, ServiceUnavailable)
        is_shown = isinstance(error, ServiceUnavailable | RateLimited | AccessDenied)
        now = datetime.now(UTC)
        call = Calls(
            calls=1,
            failures=int(is_ill),
            latencies_seconds=(round(seconds, 4),),
            last_error=shown_error(error) if error is not None and is_shown else "",
            last_error_at=now if is_shown else None,
            last_answer_at=None if is_ill else now,
        )
        with self._lock:
            self._untold = self._untold.plus(call)

    def tell(self, step: Callable[[CircuitState], CircuitState]) -> CircuitState:
        """Change the circuit and tell what is noted, in one write; return the circuit."""
        with self._lock:
            untold, self._untold = self._untold, Calls()
            self._told_at = time.monotonic()
        changed = self.health.change(
            self._service,
            self._host,
            lambda known: known.model_copy(
                update={"circuit": step(known.circuit), "calls": known.calls.plus(untold)}
            ),
        )
        return changed.circuit

    def tell_in_time(self, *, pause_seconds: float = TELL_SECONDS) -> None:
        """Tell what is noted unless something was told a moment ago."""
        due = time.monotonic() - self._told_at >= pause_seconds
        if due and self._untold.calls:
            self.tell(lambda circuit: circuit)


def shown_error(error: MergewrightError) -> str:
    """Return an error as one line that may be kept and shown."""
    text = " ".join(redact(error.message).split())
    return text if len(text) <= MAX_ERROR_CHARACTERS else text[: MAX_ERROR_CHARACTERS - 1] + "…"
