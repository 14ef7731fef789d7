"""What is known of services as metrics, in the text form that Prometheus reads.

Source: https://prometheus.io/docs/instrumenting/exposition_formats/, 2026-11-20.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from mergewright.domain.health import ServiceHealth, ServiceState

QUANTILES: Final = (0.5, 0.95)
PREFIX: Final = "mergewright_service_"
_ESCAPES: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


class _Metric(NamedTuple):
    name: str
    kind: str
    help: str
    value: Callable[[ServiceHealth, datetime], float | None]


def _timestamp(at: datetime | None) -> float | None:
    return None if at is None else at.timestamp()


def _up(health: ServiceHealth, now: datetime) -> float | None:
    state = health.state(now)
    return None if state is ServiceState.UNKNOWN else float(state is ServiceState.UP)


_METRICS: Final = (
    _Metric("up", "gauge", "1 after a call that was answered, 0 after one that failed.", _up),
    _Metric(
        "calls_total", "counter", "Calls that were made.", lambda health, _: health.calls.calls
    ),
    _Metric(
        "failures_total",
        "counter",
        "Calls after which the service was taken for ill.",
        lambda health, _: health.calls.failures,
    ),
    _Metric(
        "failures_in_a_row",
        "gauge",
        "Failures since the last success.",
        lambda health, _: health.circuit.failures,
    ),
    _Metric(
        "circuit_open",
        "gauge",
        "1 while no call is made because too many failed.",
        lambda health, now: health.circuit.is_open(now),
    ),
    _Metric(
        "circuit_closes_timestamp_seconds",
        "gauge",
        "When the next call is let through.",
        lambda health, _: _timestamp(health.circuit.closes_at),
    ),
    _Metric(
        "last_answer_timestamp_seconds",
        "gauge",
        "When it last answered.",
        lambda health, _: _timestamp(health.calls.last_answer_at),
    ),
    _Metric(
        "last_error_timestamp_seconds",
        "gauge",
        "When the last error came.",
        lambda health, _: _timestamp(health.calls.last_error_at),
    ),
)


def metrics_of(services: Sequence[ServiceHealth], now: datetime) -> str:
    """Return the figures of services as Prometheus's text exposition, version 0.0.4.

    Args:
        services: All that are known.
        now: For which moment; a circuit closes by itself.
    """
    lines: list[str] = []
    for metric in _METRICS:
        lines += _head(metric.name, metric.kind, metric.help)
        for health in services:
            value = metric.value(health, now)
            if value is not None:
                lines.append(f"{PREFIX}{metric.name}{{{_labels(health)}}} {_number(value)}")
    lines += _head("latency_seconds", "summary", "How long the last calls took.")
    lines += [line for health in services for line in _latencies(health)]
    return "\n".join(lines) + "\n"


def _head(name: str, kind: str, help_text: str) -> list[str]:
    return [f"# HELP {PREFIX}{name} {help_text}", f"# TYPE {PREFIX}{name} {kind}"]


def _latencies(health: ServiceHealth) -> Iterator[str]:
    for quantile in QUANTILES:
        seconds = health.calls.latency_seconds(quantile)
        if seconds is not None:
            labels = f'{_labels(health)},quantile="{quantile}"'
            yield f"{PREFIX}latency_seconds{{{labels}}} {_number(seconds)}"


def _labels(health: ServiceHealth) -> str:
    named = (("service", health.service), ("host", health.host))
    return ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in named)


def _number(value: float) -> str:
    return f"{value:.3f}".rstrip("0").rstrip(".")
