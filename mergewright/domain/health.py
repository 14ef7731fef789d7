"""How a service outside is doing: its circuit, and figures of the calls to it.

One circuit per service and host is shared by all processes. Each step of it is a function from one
state to the next, so that every store of such states applies the same rules in one atomic change.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from pydantic import AwareDatetime

from mergewright.domain.value import Value

KEPT_LATENCIES: Final = 100
"""Of so many last calls the latencies are known."""
CLOCK_SKEW: Final = timedelta(minutes=1)
"""A circuit that was opened further in the future than this was opened by a wrong clock."""


class ServiceState(StrEnum):
    """What is known of a service, in one word."""

    UP = "up"
    ILL = "ill"
    """The last call failed; the next one is made."""
    OPEN = "open"
    """Too many calls failed in a row: none is made for now."""
    UNKNOWN = "unknown"
    """It has not been called yet."""


class CircuitState(Value):
    """Whether a service may be called."""

    failures: int = 0
    """Failures in a row."""
    opened_at: AwareDatetime | None = None
    """Since when calls fail at once."""
    closes_at: AwareDatetime | None = None
    """From when on one call is let through to try."""
    probe: str = ""
    """Name of the call that tries."""
    probe_until: AwareDatetime | None = None
    """A probe that has told nothing by then is taken for dead."""

    def is_open(self, now: datetime) -> bool:
        """Say whether no call at all is let through."""
        if self.opened_at is None or self.closes_at is None:
            return False
        return self.opened_at - CLOCK_SKEW <= now < self.closes_at

    def failed(self, now: datetime, *, probe: str, limit: int, open_for: timedelta) -> Self:
        """Count a failure; the one that reaches the limit opens, and a failed probe opens anew."""
        failures = self.failures + 1
        was_probe = bool(probe) and probe == self.probe
        if not was_probe and (self.opened_at is not None or failures < limit):
            return self.model_copy(update={"failures": failures})
        return type(self)(failures=failures, opened_at=now, closes_at=now + open_for)

    def claimed(self, now: datetime, *, probe: str, until: datetime) -> Self:
        """Make a call the probe if there is none; whether it is, the name in the state tells."""
        taken = self.probe_until is not None and now < self.probe_until <= until + CLOCK_SKEW
        if self.opened_at is None or self.is_open(now) or taken:
            return self
        return self.model_copy(update={"probe": probe, "probe_until": until})

    def succeeded(self, *, probe: str) -> Self:
        """Forget the failures; an open circuit is closed by its probe and by no call from before."""
        if self.opened_at is not None and (not probe or probe != self.probe):
            return self
        return type(self)()

    def answered(self, *, probe: str, is_well: bool) -> Self:
        """End a probe that neither failed nor succeeded.

        Args:
            probe: Its name.
            is_well: The service did answer: the circuit closes, and one more failure opens it.
        """
        if probe != self.probe:
            return self
        if is_well:
            return type(self)(failures=self.failures)
        return self.model_copy(update={"probe": "", "probe_until": None})


class Calls(Value):
    """Figures of calls, the last of them last."""

    calls: int = 0
    failures: int = 0
    """Calls after which the service was taken for ill."""
    latencies_seconds: tuple[float, ...] = ()
    """How long the last calls took, whatever came of them."""
    last_error: str = ""
    """One line, without secrets."""
    last_error_at: AwareDatetime | None = None
    last_answer_at: AwareDatetime | None = None
    """When it last answered, be it to refuse."""

    def plus(self, later: "Calls") -> "Calls":
        """Add calls that were made after these, or at the same time by another process."""
        error = _is_later(later.last_error_at, self.last_error_at)
        answer = _is_later(later.last_answer_at, self.last_answer_at)
        latencies = (*self.latencies_seconds, *later.latencies_seconds)
        return Calls(
            calls=self.calls + later.calls,
            failures=self.failures + later.failures,
            latencies_seconds=latencies[-KEPT_LATENCIES:],
            last_error=later.last_error if error else self.last_error,
            last_error_at=later.last_error_at if error else self.last_error_at,
            last_answer_at=later.last_answer_at if answer else self.last_answer_at,
        )

    def latency_seconds(self, quantile: float) -> float | None:
        """Return what this part of the last calls did not exceed; None without any call."""
        return _quantile(self.latencies_seconds, quantile)


class ServiceHealth(Value):
    """What all processes together know of one service at one host."""

    service: str
    host: str
    circuit: CircuitState = CircuitState()
    calls: Calls = Calls()

    def state(self, now: datetime) -> ServiceState:
        """Say how the service is doing."""
        if self.circuit.is_open(now):
            return ServiceState.OPEN
        if self.circuit.failures:
            return ServiceState.ILL
        known = self.calls.last_answer_at is not None
        return ServiceState.UP if known else ServiceState.UNKNOWN


def _is_later(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one >= other)


def _quantile(values: Sequence[float], quantile: float) -> float | None:
    if not values:
        return None
    return sorted(values)[min(int(quantile * len(values)), len(values) - 1)]
