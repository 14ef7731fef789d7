"""An audit finds what was changed, moved or removed in the log, and nothing else."""

import pytest
from redis import Redis

from mergewright.domain.delivery import Costs, Delivery, Outcome
from mergewright.errors import NotFound, StoreFailed
from mergewright.events.audit import verify_run
from mergewright.events.projections import costs
from tests.events.samples import (
    NOON,
    at,
    finished,
    note,
    open_anew,
    reserved,
    settled,
    started,
)
from tests.events.tampering import LOG, Tampering


def run(*, told=None):
    """A finished run, between whose events another one writes."""
    events = [started(), reserved("r1"), settled("r1", "0.1")]
    report = Delivery(
        run_id="run-1",
        workflow="standard_dev",
        outcome=Outcome.DELIVERED,
        repository="/repo",
        costs=told or costs(events),
        started_at=NOON,
        finished_at=at(60),
    ).model_dump(mode="json")
    other = note("other", run_id="run-2")
    return [*events[:1], other, *events[1:], note("alpha"), note("beta"), finished(report=report)]


@pytest.fixture
def tampering(url, store):
    store.append(run())
    return Tampering(url)


def kinds(result):
    return [(finding.kind, finding.seq) for finding in result.findings]


def test_an_untouched_run_is_intact(store):
    written = store.append(run())
    result = verify_run(store, "run-1")
    assert result.intact
    assert (result.run_id, result.events, result.finished) == ("run-1", 6, True)
    assert result.head == written[-1].digest
    assert not verify_run(store, "run-2").finished


def test_there_must_be_a_run(store):
    with pytest.raises(NotFound, match="'nobody'"):
        verify_run(store, "nobody")


def test_a_changed_event_is_found(store, tampering):
    tampering.change(5, "alpha", "omega")
    assert kinds(verify_run(store, "run-1")) == [("changed", 5)]
    assert verify_run(store, "run-2").intact


def test_a_changed_amount_is_found_and_that_the_report_tells_another(store, tampering):
    tampering.change(4, '"0.1"', '"0.01"')
    assert kinds(verify_run(store, "run-1")) == [("changed", 4), ("torn", 7)]


@pytest.mark.parametrize(("seq", "found"), [(1, 3), (3, 4), (5, 6), (6, 7)])
def test_a_missing_event_is_found(store, tampering, seq, found):
    tampering.remove(seq)
    result = verify_run(store, "run-1")
    assert ("missing", found) in kinds(result)
    assert f"no event {seq}" in result.findings[0].detail


def test_a_missing_beginning_of_a_finished_run_is_torn(store, tampering):
    tampering.remove(1)
    assert ("torn", 3) in kinds(verify_run(store, "run-1"))


def test_reordered_events_are_found(store, tampering):
    tampering.swap(5, 6)
    assert kinds(verify_run(store, "run-1")) == [("moved", 5), ("moved", 6), ("moved", 7)]


def test_bodies_that_changed_places_are_found(store, tampering):
    tampering.change(5, "alpha", "gamma")
    tampering.change(6, "beta", "alpha")
    tampering.change(5, "gamma", "beta")
    assert kinds(verify_run(store, "run-1")) == [("moved", 5), ("moved", 6)]


def test_an_end_that_was_cut_off_shows_against_a_digest_kept_elsewhere(store, tampering):
    head = verify_run(store, "run-1").head
    tampering.remove(7)
    without = verify_run(store, "run-1")
    assert (without.intact, without.finished) == (True, False)
    assert kinds(verify_run(store, "run-1", head=head)) == [("torn", None)]
    assert verify_run(store, "run-1", head=without.head).intact


def test_a_digest_from_before_holds_after_the_run_went_on(store):
    store.append(run())
    head = verify_run(store, "run-1").head
    store.append([started(seconds=90)])
    result = verify_run(store, "run-1", head=head)
    assert result.intact
    assert not result.finished


def test_a_report_of_other_costs_is_found(store):
    store.append(run(told=Costs()))
    assert kinds(verify_run(store, "run-1")) == [("torn", 7)]


def test_a_report_in_an_unknown_form_is_found(store):
    store.append([started(), finished(report={"from": "the future"})])
    assert kinds(verify_run(store, "run-1")) == [("unreadable", 2)]


def test_an_unreadable_event_is_found_and_what_is_before_it_is_checked(store, tampering):
    tampering.change(4, '"0.1"', "what?")
    tampering.change(3, '"0.5"', '"0.6"')
    result = verify_run(store, "run-1")
    assert kinds(result) == [("changed", 3), ("unreadable", None)]
    assert "Event 4" in result.findings[1].detail
    assert (result.events, result.finished) == (2, False)


def test_an_unreadable_first_event_is_found(store, tampering):
    tampering.change(1, '"standard_dev"', "what?")
    result = verify_run(store, "run-1")
    assert (kinds(result), result.events, result.head) == ([("unreadable", None)], 0, "")


def test_an_unreadable_event_of_another_run_does_not_matter(store, tampering):
    tampering.change(2, '"other"', "what?")
    tampering.change(3, '"0.5"', '"0.6"')
    assert kinds(verify_run(store, "run-1")) == [("changed", 3)]


def test_an_event_that_only_its_index_knows_is_found(redis_url):
    store = open_anew(redis_url)
    store.append(run())
    with Redis.from_url(redis_url) as client:
        client.xdel(LOG, "5-0")
    result = verify_run(store, "run-1")
    assert kinds(result) == [("unreadable", None)]
    assert "Event 5 of the log is missing" in result.findings[0].detail


def test_a_log_that_does_not_answer_is_no_finding(own_redis):
    store = open_anew(own_redis.url)
    store.append(run())
    own_redis.kill()
    with pytest.raises(StoreFailed):
        verify_run(store, "run-1")


def test_a_file_that_is_locked_away_is_no_finding(path):
    store = open_anew(f"sqlite:///{path}")
    store.append(run())
    path.rename(path.with_name("moved.db"))
    with pytest.raises(StoreFailed):
        verify_run(store, "run-1")


def test_findings_come_to_an_end(store, url):
    store.append([note(f"{number}") for number in range(60)])
    Tampering(url).spoil_digests()
    assert len(verify_run(store, "run-1").findings) == 20
