"""Workflows at a GitHub on loopback: started once, found again, cancelled."""

from datetime import UTC, datetime

import pytest

from mergewright.clients.github import GitHubHost
from mergewright.clients.github_connection import open_github
from mergewright.errors import NotFound, Rejected
from tests.clients.github_server import ADA, TOKEN, GitHubServer

SINCE = datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def server():
    server = GitHubServer()
    yield server
    server.close()


@pytest.fixture
def host(server):
    return GitHubHost(open_github(TOKEN, api_url=server.url))


def dispatch(host, server, **changes):
    told = {"workflow": "ci.yml", "ref": "main", "inputs": {"target": "test"}, "marker": "run-1"}
    return host.dispatch_workflow(server.repository, **told | changes)


def test_a_workflow_that_shows_the_marker_is_started_once(server, host):
    run, found = dispatch(host, server)
    assert (run.id, found) == (40, False)
    assert server.requests[-1].body["inputs"] == {"target": "test", "mergewright_marker": "run-1"}
    again, found = dispatch(host, server)
    assert (again.id, again.status, found) == (40, "queued", True)
    assert not dispatch(host, server, marker="run-2").found
    assert len(server.runs) == 2


def test_a_workflow_without_the_marker_is_known_by_account_and_time(server, host):
    server.workflow_inputs["ci.yml"] = {"target"}
    server.add_run(actor=ADA)
    server.add_run(at="2026-04-30T00:00:00Z")
    server.add_run(branch="fix/gh-7")
    run, found = dispatch(host, server, since=SINCE)
    assert (run.id, found) == (43, False)
    assert "mergewright_marker" not in server.seen("POST")[-1].body["inputs"]
    assert dispatch(host, server, since=SINCE) == (run, True)
    assert not dispatch(host, server).found


@pytest.mark.parametrize("old", ["answers 204", "knows no run details"])
def test_a_github_that_does_not_tell_the_run(server, host, old):
    if old == "answers 204":
        server.tells_run = False
    else:
        server.unknown_keys = {"return_run_details"}
    run, found = dispatch(host, server)
    assert (run.id, found) == (40, False)
    assert len(server.runs) == 1


def test_what_cannot_be_started(server, host):
    with pytest.raises(NotFound):
        dispatch(host, server, workflow="../../x.yml")
    with pytest.raises(Rejected, match="No ref found"):
        dispatch(host, server, ref="nowhere")
    with pytest.raises(Rejected, match="Unexpected inputs"):
        dispatch(host, server, inputs={"other": "1"})
    assert server.runs == []


def test_a_run_is_cancelled_unless_it_has_ended(server, host):
    run = dispatch(host, server).value
    assert host.cancel_workflow(server.repository, run.id, rehearse=True).outcome == "undone"
    assert server.runs[0]["status"] == "queued"
    assert host.cancel_workflow(server.repository, run.id).outcome == "undone"
    assert host.cancel_workflow(server.repository, run.id).outcome == "already"
    server.runs[0]["conclusion"] = "success"
    assert host.cancel_workflow(server.repository, run.id).outcome == "kept"
    assert host.cancel_workflow(server.repository, 999).outcome == "already"
