"""What the log tells of tickets: who worked on them, and whether they were elsewhere since."""

import pytest

from mergewright.domain.events import (
    EffectDone,
    EffectUndone,
    FactPinned,
    RunFinished,
    RunStarted,
)
from mergewright.domain.polling import POLLS, TicketSeen
from mergewright.events.clock import utc_now
from mergewright.events.connect import open_event_store
from mergewright.events.ticket_history import read_histories


@pytest.fixture
def store(tmp_path):
    store = open_event_store(f"sqlite:///{tmp_path / 'events.db'}")
    yield store
    store.close()


def seen(number, *, ready=True, profile="local"):
    return TicketSeen(
        run_id=POLLS, at=utc_now(), key=f"e-{number}", profile=profile, query="q",
        ticket="SHOP-7", ready=ready,
    )  # fmt: skip


def run(name="run-1", **request):
    return RunStarted(
        run_id=name, at=utc_now(), workflow="standard_dev",
        request={"profile": "local"} | request, request_digest="d", ticket="/t/ticket.md",
        repository="/r", process="here:1", package_version="1",
    )  # fmt: skip


def named(name="run-1"):
    return FactPinned(
        run_id=name, at=utc_now(), key="ticket", name="ticket", value={"key": "SHOP-7"}
    )


def moved(name="run-1"):
    about = {"effect": "start", "target": "SHOP-7", "found": False}
    return EffectDone(run_id=name, at=utc_now(), key="start:SHOP-7", **about)


def moved_back(outcome="undone"):
    about = {"effect": "start", "target": "SHOP-7", "effect_key": "start:SHOP-7"}
    return EffectUndone(run_id="run-1", at=utc_now(), outcome=outcome, reason="", **about)


def ended(outcome="failed"):
    return RunFinished(run_id="run-1", at=utc_now(), outcome=outcome)


def history(store, *events):
    store.append(list(events))
    return read_histories(store, "local").get("SHOP-7")


def test_nobody_knows_a_ticket_that_nobody_began(store):
    assert history(store, seen(1, profile="other"), run(dry_run=True), named()) is None


def test_what_a_poll_began_awaits_its_run_and_is_over_when_it_is_seen_elsewhere(store):
    found = history(store, seen(1))
    assert (found.is_begun, found.awaits_run, found.tries) == (True, True, 1)
    found = history(store, seen(2))
    assert (found.tries, found.seen.key) == (2, "e-2")
    found = history(store, run(), named())
    assert (found.is_begun, found.awaits_run, found.tries) == (True, False, 0)
    found = history(store, seen(3, ready=False))
    assert (found.is_begun, found.awaits_run) == (False, False)


def test_a_run_is_open_until_it_ends_and_a_person_was_answered(store):
    assert history(store, run(), named()).is_open
    assert history(store, ended("waiting")).is_open
    assert history(store, run()).is_open
    found = history(store, ended())
    assert (found.is_open, found.run_id) == (False, "run-1")


def test_a_run_that_moved_the_ticket_has_begun_it_no_more_until_that_is_undone(store):
    assert not history(store, run(), named(), moved()).is_begun
    assert not history(store, run()).is_begun, "whoever goes on with it began nothing"
    assert not history(store, moved_back("kept")).is_begun
    assert history(store, moved_back()).is_begun
