import threading
import time
import uuid

import pytest

from mergewright.clients.breaker import call_with_retries, guarded
from mergewright.clients.circuit import FAILURES_TO_OPEN, Circuit
from mergewright.clients.retries import LONGEST_PAUSE_SECONDS
from mergewright.errors import AccessDenied, NotFound, RateLimited, ServiceUnavailable


@pytest.fixture
def host():
    return f"{uuid.uuid4()}.example.org"


def fail(circuit: Circuit, error: BaseException) -> None:
    with pytest.raises(type(error)) as caught, circuit.calling():
        raise error
    assert caught.value is error


def is_open(circuit: Circuit) -> bool:
    try:
        with circuit.calling():
            return False
    except ServiceUnavailable:
        return True


class Calls:
    """A service that fails as told, then answers."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.count = 0

    def __call__(self) -> str:
        self.count += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answer"


def test_one_circuit_per_service_and_host(host):
    assert guarded("git", host) is guarded("git", host)
    assert guarded("git", host) is not guarded("jira", host)
    assert guarded("git", host) is not guarded("git", f"other.{host}")


def test_failures_in_a_row_open_it_and_it_says_when_it_may_close():
    circuit = Circuit("jira", "example.org", failures_to_open=2)
    fail(circuit, ServiceUnavailable("first"))
    fail(circuit, ServiceUnavailable("second"))
    with pytest.raises(ServiceUnavailable) as caught, circuit.calling():
        pytest.fail("the call was made")
    assert "jira at example.org failed 2 times" in caught.value.message
    assert " UTC" in caught.value.hint


@pytest.mark.parametrize(
    "refusal",
    [
        NotFound("404"),
        AccessDenied("401"),
        RateLimited("429"),
        ValueError("bug"),
        KeyboardInterrupt(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_other_errors_neither_count_nor_clear_the_count(refusal):
    circuit = Circuit("jira", "example.org", failures_to_open=3)
    for _ in range(4):
        fail(circuit, refusal)
    fail(circuit, ServiceUnavailable("1"))
    fail(circuit, ServiceUnavailable("2"))
    fail(circuit, refusal)
    fail(circuit, ServiceUnavailable("3"))
    assert is_open(circuit)


def test_a_success_clears_the_count():
    circuit = Circuit("jira", "example.org", failures_to_open=2)
    fail(circuit, ServiceUnavailable("1"))
    with circuit.calling():
        pass
    fail(circuit, ServiceUnavailable("2"))
    assert not is_open(circuit)


def test_half_open_lets_one_probe_through_and_its_success_closes():
    circuit = Circuit("jira", "example.org", failures_to_open=1, open_seconds=0.05)
    fail(circuit, ServiceUnavailable("1"))
    assert is_open(circuit)
    time.sleep(0.06)
    started, release, made = threading.Event(), threading.Event(), []

    def probe():
        with circuit.calling():
            made.append("probe")
            started.set()
            release.wait(5)

    thread = threading.Thread(target=probe)
    thread.start()
    assert started.wait(5)
    refused = [is_open(circuit) for _ in range(5)]
    release.set()
    thread.join()
    assert refused == [True] * 5
    assert not is_open(circuit)


def test_a_failed_probe_opens_it_again():
    circuit = Circuit("jira", "example.org", failures_to_open=3, open_seconds=0.05)
    for _ in range(3):
        fail(circuit, ServiceUnavailable("down"))
    time.sleep(0.06)
    fail(circuit, ServiceUnavailable("still down"))
    assert is_open(circuit)


def test_calls_of_several_threads_do_not_wait_for_each_other():
    circuit = Circuit("jira", "example.org")
    together = threading.Barrier(4, timeout=5)
    threads = [threading.Thread(target=lambda: _meet(circuit, together)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not together.broken


def _meet(circuit: Circuit, together: threading.Barrier) -> None:
    with circuit.calling():
        together.wait()


def test_retries_what_may_pass(host):
    calls = Calls(ServiceUnavailable("1"), ServiceUnavailable("2"))
    assert call_with_retries(calls, service="git", host=host, safe_to_repeat=True) == "answer"
    assert calls.count == 3


def test_gives_up_with_the_last_error(host):
    calls = Calls(ServiceUnavailable("1"), ServiceUnavailable("2"))
    with pytest.raises(ServiceUnavailable, match="2"):
        call_with_retries(calls, service="git", host=host, attempts=2, safe_to_repeat=True)
    assert calls.count == 2


@pytest.mark.parametrize(
    ("error", "safe_to_repeat"),
    [
        (ServiceUnavailable("maybe it arrived"), False),
        (NotFound("404"), True),
        (ValueError("bug"), True),
        (RateLimited("429", retry_after_seconds=LONGEST_PAUSE_SECONDS + 1), True),
    ],
    ids=["unsafe", "not retryable", "bug", "too long a wait"],
)
def test_calls_once(host, error, safe_to_repeat):
    calls = Calls(error)
    with pytest.raises(type(error)):
        call_with_retries(calls, service="git", host=host, safe_to_repeat=safe_to_repeat)
    assert calls.count == 1


def test_waits_as_long_as_asked(host):
    calls = Calls(RateLimited("429", retry_after_seconds=0.8))
    began = time.monotonic()
    assert call_with_retries(calls, service="git", host=host, safe_to_repeat=True) == "answer"
    assert time.monotonic() - began >= 0.8


def test_an_open_circuit_is_not_tried_again(host):
    for _ in range(FAILURES_TO_OPEN):
        fail(guarded("git", host), ServiceUnavailable("down"))
    calls = Calls()
    began = time.monotonic()
    with pytest.raises(ServiceUnavailable, match="is not called now"):
        call_with_retries(calls, service="git", host=host, safe_to_repeat=True)
    assert calls.count == 0
    assert time.monotonic() - began < 0.2


def test_each_attempt_counts_for_the_circuit(host):
    for _ in range(FAILURES_TO_OPEN - 2):
        fail(guarded("git", host), ServiceUnavailable("down"))
    calls = Calls(*[ServiceUnavailable("down")] * 9)
    with pytest.raises(ServiceUnavailable, match=f"failed {FAILURES_TO_OPEN} times"):
        call_with_retries(calls, service="git", host=host, attempts=9, safe_to_repeat=True)
    assert calls.count == 2
