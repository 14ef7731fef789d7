"""Our gates on a commit: as statuses with a token, as check runs with an App."""

import pytest

from mergewright.clients.github import GitHubHost
from mergewright.clients.github_connection import open_github
from mergewright.domain.gates import Gate, GateStatus
from mergewright.errors import NotFound
from tests.clients.app_key import APP_KEY, connect_app
from tests.clients.github_server import COMMIT, TOKEN, GitHubServer

RUN = "https://runs.example.org/1"


@pytest.fixture
def server():
    server = GitHubServer()
    yield server
    server.close()


@pytest.fixture(params=["token", "app"])
def host(request, server):
    if request.param == "app":
        server.app_key = APP_KEY.public_key()
        return GitHubHost(connect_app(server))
    return GitHubHost(open_github(TOKEN, api_url=server.url))


def gate(name="tests", status=GateStatus.PASSED, summary="12 tests", details=("a", "b")):
    return Gate(name=name, status=status, summary=summary, details=details)


def shown(server):
    if server.app_key:
        return {one["name"]: one["conclusion"] for one in server.check_runs}
    return {one["context"]: one["state"] for one in server.statuses}


def writes(server):
    return [
        one
        for one in server.requests
        if one.method != "GET" and not one.path.endswith("access_tokens")
    ]


def test_each_gate_is_shown_once(server, host):
    gates = [gate(), gate("secrets", GateStatus.FAILED), gate("proof", GateStatus.WARNED)]
    told = (server.repository, COMMIT, gates, RUN)
    names = ("mergewright/tests", "mergewright/secrets", "mergewright/proof")
    assert host.report_gates(*told) == (names, False)
    warned = "neutral" if server.app_key else "success"
    assert shown(server) == dict(zip(names, ("success", "failure", warned), strict=True))
    assert host.report_gates(*told) == (names, True)
    assert len(writes(server)) == 3


def test_a_gate_that_came_out_otherwise_is_shown_so(server, host):
    host.report_gates(server.repository, COMMIT, [gate(status=GateStatus.FAILED)], RUN)
    assert not host.report_gates(server.repository, COMMIT, [gate()], RUN).found
    assert shown(server) == {"mergewright/tests": "success"}
    assert len(writes(server)) == 2


def test_long_words_are_cut_and_make_no_second_report(server, host):
    long = [gate(summary="word " * 20_000)]
    host.report_gates(server.repository, COMMIT, long)
    assert host.report_gates(server.repository, COMMIT, long).found


def withdraw(host, server, **changes):
    return host.withdraw_gates(
        server.repository, COMMIT, [gate()], RUN, reason="The run was undone.", **changes
    )


def test_what_is_taken_back_does_not_count_as_passed(server, host):
    assert withdraw(host, server).outcome == "already"
    host.report_gates(server.repository, COMMIT, [gate(), gate("secrets")], RUN)
    assert withdraw(host, server, rehearse=True).outcome == "undone"
    assert len(writes(server)) == 2
    assert withdraw(host, server).outcome == "undone"
    lost = "cancelled" if server.app_key else "error"
    assert shown(server) == {"mergewright/tests": lost, "mergewright/secrets": "success"}
    assert withdraw(host, server).outcome == "kept"


def test_what_others_said_since_is_kept(server, host):
    host.report_gates(server.repository, COMMIT, [gate(summary="13 tests")], RUN)
    assert withdraw(host, server).outcome == "kept"


@pytest.mark.parametrize("commit", ["main", "../x", "a" * 39, ""])
def test_a_commit_that_is_none(server, host, commit):
    with pytest.raises(NotFound):
        host.report_gates(server.repository, commit, [gate()])
    assert writes(server) == []


def test_a_check_run_of_another_app_is_not_taken_for_ours(server):
    server.app_key = APP_KEY.public_key()
    host = GitHubHost(connect_app(server))
    host.report_gates(server.repository, COMMIT, [gate()], RUN)
    server.check_runs[0]["app"] = {"slug": "other"}
    before = dict(server.check_runs[0])
    assert withdraw(host, server).outcome == "already"
    assert not host.report_gates(server.repository, COMMIT, [gate()], RUN).found
    assert server.check_runs[0] == before
