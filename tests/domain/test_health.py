from datetime import UTC, datetime, timedelta

import pytest

from mergewright.domain.health import KEPT_LATENCIES, Calls, CircuitState, ServiceHealth

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def failed(state: CircuitState, now: datetime = NOON, *, probe: str = "") -> CircuitState:
    return state.failed(now, probe=probe, limit=2, open_for=MINUTE)


def claimed(state: CircuitState, name: str, now: datetime) -> CircuitState:
    return state.claimed(now, probe=name, until=now + MINUTE)


OPEN = failed(failed(CircuitState()))


def test_the_failure_that_reaches_the_limit_opens():
    once = failed(CircuitState())
    assert (once.failures, once.opened_at) == (1, None)
    assert (OPEN.failures, OPEN.opened_at, OPEN.closes_at) == (2, NOON, NOON + MINUTE)


def test_a_late_failure_of_a_call_from_before_does_not_keep_it_open_longer():
    late = failed(OPEN, NOON + MINUTE / 2)
    assert (late.failures, late.closes_at) == (3, NOON + MINUTE)


def test_a_late_success_of_a_call_from_before_does_not_close_it():
    assert OPEN.succeeded(probe="") == OPEN


def test_an_open_circuit_has_no_probe_until_it_may_close():
    assert claimed(OPEN, "one", NOON + MINUTE / 2) == OPEN
    assert claimed(OPEN, "one", NOON + MINUTE).probe == "one"


def test_there_is_one_probe_until_it_is_taken_for_dead():
    probing = claimed(OPEN, "one", NOON + MINUTE)
    assert claimed(probing, "two", NOON + 1.5 * MINUTE) == probing
    assert claimed(probing, "two", NOON + 2 * MINUTE).probe == "two"


@pytest.mark.parametrize(("name", "closed"), [("one", True), ("two", False)])
def test_only_the_probe_closes(name, closed):
    probing = claimed(OPEN, "one", NOON + MINUTE)
    assert (probing.succeeded(probe=name) == CircuitState()) is closed


def test_a_failed_probe_opens_anew_and_lets_the_next_one_try_later():
    again = failed(claimed(OPEN, "one", NOON + MINUTE), NOON + 1.5 * MINUTE, probe="one")
    assert again.closes_at == NOON + 2.5 * MINUTE
    assert again.probe_until is None
    assert again.failures == 3


def test_a_probe_that_was_refused_closes_and_one_failure_opens_again():
    well = claimed(OPEN, "one", NOON + MINUTE).answered(probe="one", is_well=True)
    assert (well.opened_at, well.failures) == (None, 2)
    assert failed(well).opened_at == NOON


def test_a_probe_that_was_broken_off_leaves_its_turn_to_the_next():
    left = claimed(OPEN, "one", NOON + MINUTE).answered(probe="one", is_well=False)
    assert left == OPEN
    assert claimed(left, "two", NOON + MINUTE).probe == "two"


def test_a_clock_that_was_wrong_does_not_keep_a_circuit_open():
    assert not OPEN.is_open(NOON - timedelta(hours=1))


def test_the_newest_error_and_answer_win_whoever_tells_them_first():
    early = Calls(calls=1, last_error="early", last_error_at=NOON, last_answer_at=NOON)
    late = Calls(calls=2, failures=1, last_error="late", last_error_at=NOON + MINUTE)
    for told in (early.plus(late), late.plus(early)):
        assert (told.calls, told.failures, told.last_error) == (3, 1, "late")
        assert told.last_answer_at == NOON


def test_latencies_are_of_the_last_calls():
    calls = Calls(latencies_seconds=(9.0,)).plus(
        Calls(latencies_seconds=tuple(float(number) for number in range(KEPT_LATENCIES)))
    )
    assert calls.latency_seconds(0.5) == 50
    assert calls.latency_seconds(0.95) == 95
    assert Calls().latency_seconds(0.5) is None


@pytest.mark.parametrize(
    ("circuit", "calls", "after", "state"),
    [
        (CircuitState(), Calls(), 0, "unknown"),
        (CircuitState(), Calls(last_answer_at=NOON), 0, "up"),
        (CircuitState(failures=1), Calls(last_answer_at=NOON), 0, "ill"),
        (OPEN, Calls(), 0.5, "open"),
        (OPEN, Calls(), 1, "ill"),
    ],
)
def test_a_state_in_a_word(circuit, calls, after, state):
    health = ServiceHealth(service="Jira", host="h", circuit=circuit, calls=calls)
    assert health.state(NOON + after * MINUTE) == state
