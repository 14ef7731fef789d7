"""What becomes of a call for every way in which Jira, or the way to it, can fail."""

import pytest

from mergewright.clients.jira import JiraTracker
from mergewright.clients.jira_api import open_jira
from mergewright.domain.ticket import StatusCategory, TicketDraft
from mergewright.errors import (
    NotFound,
    RateLimited,
    Rejected,
    ServiceUnavailable,
)
from tests.clients.faults import FaultServer
from tests.clients.jira_server import TOKEN, USER, JiraServer, tracker_of


@pytest.mark.parametrize(
    ("fault", "error", "requests"),
    [
        ("503", ServiceUnavailable, 3),
        ("cut short", ServiceUnavailable, 3),
        ("slow drip", ServiceUnavailable, 3),
        ("wrong content type", ServiceUnavailable, 1),
        ("404", NotFound, 1),
        ("50 MB answer", Rejected, 1),
        ("429 with Retry-After", RateLimited, 1),
    ],
)
def test_how_often_a_ticket_is_asked_for(fault, error, requests):
    with FaultServer(fault) as server:
        client = open_jira(server.url, TOKEN, username=USER, timeout_seconds=1, answer_seconds=0.5)
        with pytest.raises(error):
            JiraTracker(client).ticket("SHOP-7")
        assert len(server.requests) == requests


@pytest.mark.parametrize(
    "key", ["../../secret", "SHOP 7", "SHOP-7/../x", "SHOP-7?x=1", "", "\uff17-\uff17"]
)
def test_a_key_that_is_none_reaches_no_server(key):
    server = JiraServer()
    tracker = tracker_of(server)
    for act in (
        lambda: tracker.ticket(key),
        lambda: tracker.comment(key, "x", marker="m"),
        lambda: tracker.transition(key, StatusCategory.DONE),
        lambda: tracker.attachment(key, "a.txt"),
        lambda: tracker.link(key, "https://example.org", "x", marker="m"),
        lambda: tracker.relate("SHOP-7", key, "blocks"),
    ):
        with pytest.raises(NotFound, match="There is no ticket"):
            act()
    server.close()
    assert server.requests == []


@pytest.mark.parametrize("project", ["../x", "SHOP 7", "", "A" * 40])
def test_a_project_that_cannot_be(project):
    with pytest.raises(ValueError, match="project"):
        TicketDraft(project=project, title="x")
