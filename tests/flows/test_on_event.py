"""What an event begins: which workflows it can, with which request, one per ticket at a time."""

import pytest

from flows.on_event import request_of, workflow_of
from mergewright.domain.outside_events import EventRule, SeenEvent
from mergewright.domain.requests import StandardDevRequest
from mergewright.errors import NotFound, Rejected, RunInterrupted, SettingInvalid
from tasks.outside_events import PER_REPOSITORY, held_by_event

READY = "mergewright.ticket.ready"


def seen(**said):
    return SeenEvent(id="e-1", event=READY, said=said)


def rule(**request):
    return EventRule(event=READY, workflow="standard_dev", request=request)


def test_every_workflow_with_a_request_can_be_begun_and_nothing_else():
    for name in ("standard_dev", "close", "ticket_done", "housekeeping"):
        function, form = workflow_of(name)
        assert function.__name__ == name
        assert form.__name__.endswith("Request")
    for name in ("_phases", "on_event", "os", "no_such"):
        with pytest.raises(NotFound):
            workflow_of(name)


def test_what_is_fixed_wins_over_what_the_event_says():
    event = seen(ticket="SHOP-7", repository="https://example.org/x", run_id="not-a-field")
    request = request_of(event, rule(repository="/srv/shop", profile="team"), StandardDevRequest)
    assert isinstance(request, StandardDevRequest)
    assert (request.ticket, request.repository, request.profile) == ("SHOP-7", "/srv/shop", "team")


def test_what_makes_no_request_is_refused():
    with pytest.raises(Rejected, match="ticket"):
        request_of(seen(), rule(), StandardDevRequest)
    with pytest.raises(SettingInvalid, match="colour"):
        request_of(seen(ticket="SHOP-7"), rule(colour="red"), StandardDevRequest)


def test_one_run_per_ticket_and_a_few_per_repository(home):
    home.mkdir()
    where = "https://example.org/shop"
    with held_by_event(seen(ticket="SHOP-1", repository=where), rule()):
        with (
            pytest.raises(RunInterrupted, match="SHOP-1"),
            held_by_event(seen(ticket="SHOP-1", repository=where), rule()),
        ):
            pass
        with held_by_event(seen(ticket="SHOP-2", repository=f"{where}.git/"), rule()):
            assert PER_REPOSITORY == 2
            with (
                pytest.raises(RunInterrupted, match="2 runs"),
                held_by_event(seen(ticket="SHOP-3", repository=where), rule()),
            ):
                pass
        with held_by_event(seen(ticket="SHOP-3", repository=where), rule()):
            pass
