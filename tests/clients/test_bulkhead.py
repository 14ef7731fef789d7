import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from mergewright.clients.bulkhead import Bulkhead
from mergewright.clients.circuit import FAILURES_TO_OPEN, Circuit
from mergewright.errors import ServiceUnavailable


def nothing():
    """See no reason to stop waiting."""


def test_no_more_calls_than_places_are_under_way():
    bulkhead, lock, under_way, most = Bulkhead("Jira at h", calls_at_once=2), threading.Lock(), 0, 0

    def call(_):
        nonlocal under_way, most
        with bulkhead.place(nothing):
            with lock:
                under_way += 1
                most = max(most, under_way)
            time.sleep(0.02)
            with lock:
                under_way -= 1

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(call, range(6)))
    assert most == 2


def test_one_that_waits_too_long_says_what_is_in_its_way():
    bulkhead = Bulkhead("Jira at h", calls_at_once=1, wait_seconds=0.05)
    with (
        bulkhead.place(nothing),
        pytest.raises(ServiceUnavailable, match="1 calls to Jira at h are under way") as caught,
        bulkhead.place(nothing),
    ):
        pytest.fail("the call was made")
    assert "mergewright services" in caught.value.hint
    with bulkhead.place(nothing):
        pass


def test_a_place_is_free_again_after_an_error():
    bulkhead = Bulkhead("Jira at h", calls_at_once=1, wait_seconds=0)
    for _ in range(3):
        with pytest.raises(ValueError, match="bug"), bulkhead.place(nothing):
            raise ValueError("bug")


def test_a_full_bulkhead_says_nothing_about_the_service():
    circuit = Circuit("Jira", "h", calls_at_once=1, wait_seconds=0)
    with circuit.calling():
        for _ in range(FAILURES_TO_OPEN + 1):
            with pytest.raises(ServiceUnavailable), circuit.calling():
                pytest.fail("the call was made")
    with circuit.calling():
        pass
    assert circuit.record.circuit().failures == 0


def test_who_waits_is_told_when_the_circuit_opens():
    circuit = Circuit("Jira", "h", failures_to_open=1, calls_at_once=2)
    with circuit.place(), circuit.place():
        with pytest.raises(ServiceUnavailable, match="down"), circuit.attempting():
            raise ServiceUnavailable("down")
        began = time.monotonic()
        with pytest.raises(ServiceUnavailable, match="is not called now"), circuit.calling():
            pytest.fail("the call was made")
        assert time.monotonic() - began < 0.2
