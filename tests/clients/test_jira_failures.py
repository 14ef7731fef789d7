"""What becomes of a call for every way in which Jira, or the way to it, can fail."""

import time

import pytest

from mergewright.clients.jira import JiraTracker
from mergewright.clients.jira_api import open_jira
from mergewright.domain.ticket import StatusCategory, TicketDraft
from mergewright.errors import (
    AccessDenied,
    NotFound,
    RateLimited,
    Rejected,
    ServiceUnavailable,
)
from tests.clients.faults import FAULTS, FaultServer
from tests.clients.jira_server import TOKEN, USER, JiraServer, tracker_of

BECOMES = {
    "refused": ServiceUnavailable,
    "reset before the answer": ServiceUnavailable,
    "reset in the answer": ServiceUnavailable,
    "closed before the answer": ServiceUnavailable,
    "cut short": ServiceUnavailable,
    "time-out": ServiceUnavailable,
    "time-out in the answer": ServiceUnavailable,
    "slow drip": ServiceUnavailable,
    "429": RateLimited,
    "429 with Retry-After": RateLimited,
    "400": Rejected,
    "401": AccessDenied,
    "403": AccessDenied,
    "404": NotFound,
    "409": ServiceUnavailable,
    "410": NotFound,
    "422": Rejected,
    "500": ServiceUnavailable,
    "502": ServiceUnavailable,
    "503": ServiceUnavailable,
    "truncated JSON": ServiceUnavailable,
    "HTML instead of JSON": ServiceUnavailable,
    "wrong content type": ServiceUnavailable,
    "redirect to another host": Rejected,
    "TLS error": Rejected,
    "50 MB answer": Rejected,
}
"""A JSON of another form than Jira's is no answer of Jira, whatever it is called."""

ACTS = {
    "read": lambda tracker: tracker.ticket("SHOP-7"),
    "write": lambda tracker: tracker._api.act("issueLink", {}, about="link two tickets"),
}
WRITE_BECOMES = BECOMES | dict.fromkeys(
    ("truncated JSON", "HTML instead of JSON", "wrong content type")
)
"""The answer to a write that says nothing is not read: its status is what counts."""


def test_every_fault_is_in_the_table():
    assert set(BECOMES) == set(FAULTS)


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("act", ACTS)
def test_each_failure(name, act):
    expected = (BECOMES if act == "read" else WRITE_BECOMES)[name]
    with FaultServer("404") as other, FaultServer(name, target=other.url) as server:
        client = open_jira(server.url, TOKEN, username=USER, timeout_seconds=1, answer_seconds=0.5)
        tracker = JiraTracker(client)
        began = time.monotonic()
        if expected is None:
            ACTS[act](tracker)
        else:
            with pytest.raises(expected) as caught:
                ACTS[act](tracker)
            assert caught.type is expected
            assert caught.value.hint
            assert "<html>" not in caught.value.message
            assert TOKEN not in str(caught.value)
        assert time.monotonic() - began < 10
        assert other.requests == []
        if act == "write":
            assert len(server.requests) <= 1


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
