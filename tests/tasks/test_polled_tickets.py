"""Whether a ticket that a poll finds is begun: by its status, the log, and the run of it."""

import pytest

from mergewright.domain.polling import POLLS, TicketSeen
from mergewright.domain.ticket import StatusCategory, TicketSummary
from mergewright.events.clock import utc_now
from mergewright.events.ticket_history import TicketHistory
from tasks._polled_tickets import MAX_TRIES, BegunRun, Places, is_gone, judge

QUERY = "label:ready"


def ticket(status=StatusCategory.TO_DO):
    return TicketSummary(key="SHOP-7", status=status)


def seen(query=QUERY):
    return TicketSeen(
        run_id=POLLS, at=utc_now(), profile="local", query=query, ticket="SHOP-7", ready=True
    )


def begun(**changes):
    fields = {"is_begun": True, "seen": seen(), "awaits_run": True, "tries": 1}
    return TicketHistory(**fields | changes)


WORKED_ON = begun(awaits_run=False, tries=0, run_id="run-1")


@pytest.mark.parametrize(
    ("history", "run", "outcome"),
    [
        (TicketHistory(), None, None),
        (TicketHistory(run_id="run-1", is_open=True), None, "under way"),
        (TicketHistory(run_id="run-1"), None, None),
        (WORKED_ON, None, "worked on"),
        (begun(), None, None),
        (begun(), BegunRun("f", "SCHEDULED"), "under way"),
        (begun(), BegunRun("f", "FAILED"), None),
        (begun(tries=MAX_TRIES), BegunRun("f", "FAILED"), "given up"),
        (begun(tries=MAX_TRIES), None, None),
    ],
)
def test_what_is_ready_is_begun_once(history, run, outcome):
    judged = judge(ticket(), history, run)
    assert (judged and judged.outcome) == outcome


@pytest.mark.parametrize(
    "status", [one for one in StatusCategory if one is not StatusCategory.TO_DO]
)
def test_only_what_is_to_do_is_ready(status):
    assert judge(ticket(status), TicketHistory(), None).outcome == "not ready"


def test_a_ticket_is_missed_only_by_what_found_it_and_not_while_it_is_under_way():
    elsewhere = ticket(StatusCategory.IN_REVIEW)
    assert is_gone(WORKED_ON, None, QUERY, None)
    assert is_gone(WORKED_ON, None, QUERY, elsewhere)
    assert not is_gone(WORKED_ON, None, QUERY, ticket())
    assert not is_gone(WORKED_ON, None, "another", None)
    assert not is_gone(begun(), BegunRun("f", "PENDING"), QUERY, None)
    assert not is_gone(begun(is_open=True), None, QUERY, None)
    assert not is_gone(begun(seen=None), None, QUERY, None)
    assert not is_gone(TicketHistory(), None, QUERY, None)


def test_so_many_begin_on_a_repository_as_have_a_place():
    places = Places({"a": 2, "b": 2}.__getitem__, {"b": 1})
    assert [places.take("a") for _ in range(3)] == [True, True, False]
    assert [places.take("b") for _ in range(2)] == [True, False]
    assert [places.take("") for _ in range(3)] == [True] * 3
