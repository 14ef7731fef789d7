"""Circuits that several processes share; what holds for one alone is told in test_breaker."""

import json
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles

import pytest

from mergewright.clients.circuit import FAILURES_TO_OPEN, Circuit
from mergewright.clients.health import LastingHealth
from mergewright.domain.health import ServiceState
from mergewright.errors import NotFound, ServiceUnavailable
from mergewright.events.health_sqlite import SqliteHealth
from tests.clients.circuit_caller import HEALTHY_THREADS, ILL_THREADS, ask
from tests.clients.loopback import Answer, LoopbackServer

ROOT = Path(__file__).parents[2]


class PlainServer(LoopbackServer):
    """Answers, as long as it is well."""

    is_well = True

    def __init__(self):
        super().__init__()
        # With the library's short queue, a crowd waits a second for its connections.
        self._server.socket.listen(64)

    def answer(self, request):
        return Answer(200, {}) if self.is_well else Answer(drop=True, wait_seconds=0.2)


@pytest.fixture
def server():
    server = PlainServer()
    yield server
    server.close()


@pytest.fixture
def ill_server():
    server = PlainServer()
    server.is_well = False
    yield server
    server.close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "health.db"


def circuit_at(path, host="h", **limits) -> Circuit:
    """Return a circuit as another process would have it."""
    return Circuit("Jira", host, health=LastingHealth(SqliteHealth(path)), **limits)


def fail(circuit, error=None):
    error = error or ServiceUnavailable("down")
    with pytest.raises(type(error)), circuit.calling():
        raise error


def is_refused(circuit):
    try:
        with circuit.calling():
            return False
    except ServiceUnavailable:
        return True


def start_caller(path, *words):
    return subprocess.Popen(
        [sys.executable, "-m", "tests.clients.circuit_caller", str(path), *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_processes_count_failures_together(path):
    one, other = (circuit_at(path, failures_to_open=3) for _ in range(2))
    fail(one)
    fail(other)
    fail(one)
    assert is_refused(other)


def test_a_success_anywhere_clears_the_count_for_all(path):
    one, other = (circuit_at(path, failures_to_open=2) for _ in range(2))
    fail(one)
    with other.calling():
        pass
    fail(one)
    assert not is_refused(other)


def test_a_refusal_of_the_probe_closes_since_the_service_did_answer(path):
    one, other = (circuit_at(path, failures_to_open=1, open_seconds=0.05) for _ in range(2))
    fail(one)
    time.sleep(0.06)
    fail(other, NotFound("404"))
    assert not is_refused(one)


def test_a_probe_that_was_broken_off_leaves_the_circuit_open_for_the_next_probe(path):
    one, other = (circuit_at(path, failures_to_open=1, open_seconds=0.05) for _ in range(2))
    fail(one)
    time.sleep(0.06)
    fail(one, KeyboardInterrupt())
    assert one.record.circuit().opened_at is not None
    assert not is_refused(other)
    assert one.record.circuit().opened_at is None


def test_the_refusal_of_another_circuit_within_a_call_says_nothing(path):
    inner = circuit_at(path, "inner", failures_to_open=1)
    outer = circuit_at(path, "outer", failures_to_open=1)
    fail(inner)
    for _ in range(3):
        with (
            pytest.raises(ServiceUnavailable, match="at inner failed"),
            outer.calling(),
            inner.calling(),
        ):
            pytest.fail("the call was made")
    assert not is_refused(outer)
    assert SqliteHealth(path).read("Jira", "outer").calls.failures == 0


def test_an_open_circuit_fails_in_milliseconds(path):
    circuit = circuit_at(path, failures_to_open=1)
    fail(circuit)
    seconds = []
    for _ in range(50):
        began = time.monotonic()
        assert is_refused(circuit)
        seconds.append(time.monotonic() - began)
    assert sorted(seconds)[25] < 0.01


def test_a_well_service_costs_no_write_per_call(path):
    circuit, other = circuit_at(path), circuit_at(path)
    for _ in range(30):
        with circuit.calling():
            pass
    assert SqliteHealth(path).read("Jira", "h").calls.calls == 1
    fail(other)
    with circuit.calling():
        pass
    told = SqliteHealth(path).read("Jira", "h")
    assert (told.calls.calls, told.circuit.failures) == (32, 0)


def test_many_threads_of_two_processes_make_one_probe(path, server):
    """Two stores of one file are to each other as two processes are."""
    circuits = [
        circuit_at(path, server.host, failures_to_open=1, open_seconds=0.2) for _ in range(2)
    ]
    server.is_well = False
    fail(circuits[0])
    server.is_well = True
    server.requests.clear()
    time.sleep(0.25)
    server.faults.append(Answer(200, {}, wait_seconds=0.5))
    together = threading.Barrier(12)

    def attempt(number):
        together.wait(10)
        try:
            with circuits[number % 2].calling():
                ask(f"{server.url}/rest")
        except ServiceUnavailable:
            return "refused"
        return "answered"

    with ThreadPoolExecutor(12) as pool:
        outcomes = list(pool.map(attempt, range(12)))
    assert sorted(outcomes) == ["answered", *["refused"] * 11]
    assert len(server.requests) == 1
    assert not any(is_refused(circuit) for circuit in circuits)


@pytest.mark.journey
def test_a_probe_whose_process_is_killed_blocks_for_a_while_only(path):
    circuit = circuit_at(path, failures_to_open=1, open_seconds=0.01)
    fail(circuit)
    with start_caller(path, "hang", "h") as other:
        assert other.stdout.readline() == "probing\n"
        assert is_refused(circuit)
        other.kill()
    assert is_refused(circuit)
    # Sooner than a minute: by then the state in the file says that it has had its time.
    past = datetime.now(UTC) - timedelta(seconds=1)
    circuit.record.tell(lambda state: state.model_copy(update={"probe_until": past}))
    assert not is_refused(circuit)
    assert not is_refused(circuit)


@pytest.mark.journey
def test_an_ill_service_never_makes_a_healthy_one_look_ill(path, server, ill_server):
    callers = [
        start_caller(path, "call", f"{server.url}/rest", f"{ill_server.url}/rest") for _ in range(2)
    ]
    found = [json.loads(caller.communicate(timeout=60)[0]) for caller in callers]
    healthy = [call for one in found for call in one["healthy"]]
    ill = [call for one in found for call in one["ill"]]

    assert {outcome for _, outcome in healthy} == {"answered"}
    assert quantiles([seconds for seconds, _ in healthy], n=20)[-1] < 0.5
    refused = sorted(seconds for seconds, outcome in ill if outcome == "refused")
    assert "answered" not in {outcome for _, outcome in ill}
    assert len(refused) > len(ill) / 2
    assert refused[len(refused) // 2] < 0.05
    # Whoever had begun when the circuit opened, and nobody after.
    assert len(ill_server.requests) <= 2 * ILL_THREADS + FAILURES_TO_OPEN

    well, bad = sorted(SqliteHealth(path).services(), key=lambda one: one.circuit.failures)
    now = datetime.now(UTC)
    assert (well.host, well.state(now)) == (server.host, ServiceState.UP)
    assert (well.calls.failures, well.calls.calls) == (0, len(healthy))
    assert well.calls.calls == 2 * HEALTHY_THREADS * 15
    assert (bad.host, bad.state(now)) == (ill_server.host, ServiceState.OPEN)
    assert bad.calls.calls == bad.calls.failures == len(ill) - len(refused)
    assert "does not answer" in bad.calls.last_error
