import json
import re
import time

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from mergewright.clients.circuit import FAILURES_TO_OPEN, Circuit
from mergewright.clients.health import LastingHealth
from mergewright.errors import AccessDenied, ServiceUnavailable
from mergewright.events.health import open_health
from tests.cli.terminal import Terminal
from tests.clients.loopback import Answer, LoopbackServer


class SwitchedServer(LoopbackServer):
    is_up = True

    def answer(self, request):
        return Answer(200, {}) if self.is_up else Answer(503, {})


@pytest.fixture
def server():
    server = SwitchedServer()
    yield server
    server.close()


def circuit_of(home, server, service="Jira", **limits):
    health = LastingHealth(open_health(f"sqlite:///{home}/events.db"))
    return Circuit(service, server.host, health=health, **limits)


def call(circuit, server):
    with circuit.calling():
        answer = httpx.get(server.url)
        if answer.status_code == 503:
            raise ServiceUnavailable(f"{server.host} answered with 503.")


def call_while_down(circuit, server):
    server.is_up = False
    for _ in range(FAILURES_TO_OPEN):
        with pytest.raises(ServiceUnavailable):
            call(circuit, server)


def rows(done):
    return [re.split(r"\s{2,}", line.strip()) for line in done.stdout.splitlines()]


def only(done):
    (found,) = json.loads(done.stdout)["services"]
    return found


def test_without_calls_it_says_so(mergewright, home):
    done = mergewright("services")
    assert done.returncode == 0
    assert "No service outside has been called yet" in done.stdout
    assert json.loads(mergewright("services", "--json").stdout) == {"services": [], "checks": []}
    assert not (home / "health.db").exists()


def test_a_service_goes_down_and_comes_back(home, server, mergewright):
    circuit = circuit_of(home, server, open_seconds=1)
    call(circuit, server)
    assert only(mergewright("services", "--json"))["state"] == "up"

    call_while_down(circuit, server)
    done = mergewright("services")
    assert done.returncode == 0
    assert rows(done)[0] == ["service", "host", "state", "p50 / p95", "last seen", "last error"]
    service, host, state, latency, seen, error, *_ = rows(done)[1]
    assert (service, host) == ("Jira", server.host)
    assert re.fullmatch(r"open until \d\d:\d\d:\d\d", state)
    assert re.fullmatch(r"\d+ ms / \d.*", latency)
    assert seen.endswith(" ago")
    assert " ago: 127.0.0.1" in error
    assert "answered with 503." in " ".join(done.stdout.split())
    assert "\x1b" not in done.stdout
    told = only(mergewright("services", "--json"))
    assert (told["state"], told["calls"], told["failures"]) == ("open", 6, 5)
    assert told["closes_at"] is not None

    time.sleep(1.05)
    assert "ill, next call tries" in mergewright("services").stdout
    server.is_up = True
    call(circuit, server)
    told = only(mergewright("services", "--json"))
    assert (told["state"], told["calls"], told["failures_in_a_row"]) == ("up", 7, 0)
    assert told["closes_at"] is None
    assert told["last_error"].endswith("answered with 503.")


def test_one_that_was_never_reached_was_never_seen(home, server, mergewright):
    circuit = circuit_of(home, server)
    server.is_up = False
    with pytest.raises(ServiceUnavailable):
        call(circuit, server)
    assert rows(mergewright("services"))[1][2] == "ill"
    assert rows(mergewright("services"))[1][4] == "never"


def test_a_narrow_terminal_is_told_less(home, server, mergewright):
    call(circuit_of(home, server), server)
    done = mergewright("services", COLUMNS="50")
    assert rows(done)[0] == ["service", "host", "state"]
    assert max(map(len, done.stdout.splitlines())) <= 50


def test_what_a_service_said_cannot_steer_the_terminal(home, server, mergewright):
    circuit = circuit_of(home, server, service="J\x1b[31mira")
    with pytest.raises(AccessDenied), circuit.calling():
        raise AccessDenied("no\x1b]0;owned\x07 [bold]way")
    circuit.record.tell_in_time(pause_seconds=0)
    done = mergewright("services", COLUMNS="140")
    assert "\x1b" not in done.stdout
    assert "[bold]way" in done.stdout


def test_metrics_are_as_prometheus_reads_them(home, server, mergewright):
    circuit = circuit_of(home, server)
    call(circuit, server)
    call_while_down(circuit, server)
    done = mergewright("services", "--metrics")
    assert done.stderr == ""
    samples = {
        sample.name: sample.value
        for family in text_string_to_metric_families(done.stdout)
        for sample in family.samples
    }
    assert samples["mergewright_service_circuit_open"] == 1
    assert samples["mergewright_service_calls_total"] == 6


def test_there_is_one_output(mergewright):
    done = mergewright("services", "--json", "--metrics")
    assert done.returncode == 2
    assert "--json and --metrics" in done.stderr


def test_a_store_that_cannot_be_read_is_named(home, mergewright):
    (home / "health.db").write_text("this is no database, and long enough to be taken for one" * 9)
    done = mergewright("services")
    assert done.returncode == 5
    assert "health.db" in done.stderr


@pytest.mark.journey
def test_colour_is_for_terminals(home, server, environment, tmp_path):
    circuit = circuit_of(home, server)
    call_while_down(circuit, server)
    with Terminal("services", environment=environment, folder=tmp_path, columns=120) as terminal:
        assert terminal.end() == 0
    assert "\x1b[1;31mopen until" in terminal.raw


@pytest.mark.journey
def test_the_services_of_a_profile_are_asked(process):
    done = process("services", "--check", "--json")
    checks = json.loads(done.stdout)["checks"]
    down = [one for one in checks if one["is_needed"] and not one["is_well"]]
    assert done.returncode == (8 if down else 0)
