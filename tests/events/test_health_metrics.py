from datetime import UTC, datetime, timedelta

from prometheus_client.parser import text_string_to_metric_families

from mergewright.domain.health import Calls, CircuitState, ServiceHealth
from mergewright.events.health_metrics import metrics_of

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
UP = ServiceHealth(
    service="Jira",
    host='ex"am\\ple\n.org',
    calls=Calls(calls=12, failures=1, latencies_seconds=(0.1, 0.2, 0.9), last_answer_at=NOON),
)
OPEN = ServiceHealth(
    service="Slack",
    host="slack.com",
    circuit=CircuitState(failures=5, opened_at=NOON, closes_at=NOON + timedelta(minutes=1)),
    calls=Calls(calls=5, failures=5, last_error="down", last_error_at=NOON),
)
NEW = ServiceHealth(service="git", host="h")


def samples(now, *services):
    """Read it as Prometheus's own library does."""
    return {
        (sample.name.removeprefix("mergewright_service_"), *sorted(sample.labels.items())): (
            sample.value
        )
        for family in text_string_to_metric_families(metrics_of(services, now))
        for sample in family.samples
    }


def test_the_figures_of_each_service_are_told():
    found = samples(NOON, UP, OPEN)
    up = (("host", UP.host), ("service", "Jira"))
    slack = (("host", "slack.com"), ("service", "Slack"))
    assert found["up", *up] == 1
    assert found["calls_total", *up] == 12
    assert found["failures_total", *up] == 1
    assert found["circuit_open", *up] == 0
    assert found["last_answer_timestamp_seconds", *up] == NOON.timestamp()
    assert found["latency_seconds", up[0], ("quantile", "0.5"), up[1]] == 0.2
    assert found["latency_seconds", up[0], ("quantile", "0.95"), up[1]] == 0.9
    assert found["up", *slack] == 0
    assert found["circuit_open", *slack] == 1
    assert found["failures_in_a_row", *slack] == 5
    assert found["circuit_closes_timestamp_seconds", *slack] == NOON.timestamp() + 60
    assert found["last_error_timestamp_seconds", *slack] == NOON.timestamp()


def test_a_circuit_that_may_close_is_not_open():
    slack = (("host", "slack.com"), ("service", "Slack"))
    assert samples(NOON + timedelta(minutes=1), OPEN)["circuit_open", *slack] == 0


def test_what_is_not_known_is_left_out():
    git = (("host", "h"), ("service", "git"))
    found = samples(NOON, NEW)
    assert found["calls_total", *git] == 0
    assert ("up", *git) not in found
    assert ("latency_seconds", git[0], ("quantile", "0.5"), git[1]) not in found


def test_without_services_it_is_still_a_document():
    text = metrics_of((), NOON)
    assert samples(NOON) == {}
    assert text.endswith("\n")
    assert "# TYPE mergewright_service_calls_total counter" in text
