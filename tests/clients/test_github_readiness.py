"""Drafts made ready, and drafts again, at a GitHub on loopback."""

import pytest

from mergewright.clients.code_host import DraftMarking
from mergewright.clients.github import GitHubHost
from mergewright.clients.github_connection import open_github
from mergewright.errors import AccessDenied, NotFound, Rejected
from tests.clients.github_server import TOKEN, GitHubServer
from tests.clients.loopback import Answer


@pytest.fixture
def server():
    server = GitHubServer()
    server.add_pull(1, draft=True)
    yield server
    server.close()


@pytest.fixture
def host(server):
    return GitHubHost(open_github(TOKEN, api_url=server.url))


def test_a_draft_is_made_ready_once_and_a_draft_again(server, host):
    assert isinstance(host, DraftMarking)
    ready, found = host.mark_ready(server.repository, 1)
    assert (ready.draft, found, server.items[1]["draft"]) == (False, False, False)
    sent = len(server.seen("POST"))
    assert host.mark_ready(server.repository, 1) == (ready, True)
    assert host.mark_draft(server.repository, 1, rehearse=True).outcome == "undone"
    assert len(server.seen("POST")) == sent
    assert host.mark_draft(server.repository, 1).outcome == "undone"
    assert server.items[1]["draft"] is True
    assert host.mark_draft(server.repository, 1).outcome == "already"


@pytest.mark.parametrize("failure", [Answer(drop=True, acts=True), Answer(502, {}, acts=True)])
def test_a_lost_answer_is_no_refusal(server, host, failure):
    """The second try is refused, since the first one did it."""
    server.faults = [None, failure]
    ready, found = host.mark_ready(server.repository, 1)
    assert (ready.draft, found) == (False, False)
    assert len(server.seen("POST")) == 2


def test_a_refusal_is_told(server, host):
    told = [{"type": "FORBIDDEN", "message": "Resource not accessible by integration"}]
    server.faults = [None, Answer(200, {"data": None, "errors": told})]
    with pytest.raises(AccessDenied, match="not accessible"):
        host.mark_ready(server.repository, 1)
    told = [{"type": "UNPROCESSABLE", "message": "Draft pull requests are not supported"}]
    server.items[1]["draft"] = False
    server.faults = [None, Answer(200, {"data": None, "errors": told})]
    with pytest.raises(Rejected, match="not supported"):
        host.mark_draft(server.repository, 1)


def test_a_closed_one_stays_as_it_is(server, host):
    server.items[1]["state"] = "closed"
    with pytest.raises(Rejected, match="is closed") as caught:
        host.mark_ready(server.repository, 1)
    assert "Open it again" in caught.value.hint
    server.items[1]["draft"] = False
    assert host.mark_draft(server.repository, 1).outcome == "already"
    server.items[1]["merged_at"] = "2026-03-04T05:06:07Z"
    assert host.mark_draft(server.repository, 1).outcome == "kept"
    assert server.seen("POST") == []


def test_one_that_is_not_there(server, host):
    with pytest.raises(NotFound):
        host.mark_ready(server.repository, 9)
    assert host.mark_draft(server.repository, 9).outcome == "already"
