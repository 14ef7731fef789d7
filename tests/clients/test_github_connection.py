"""Being an App at a GitHub on loopback: tokens made when needed, and once more when refused."""

import pytest

from mergewright.clients.github import GitHubHost
from mergewright.clients.github_issues import GitHubIssues
from mergewright.errors import AccessDenied
from tests.clients.app_key import APP_KEY, connect_app
from tests.clients.github_server import GitHubServer


@pytest.fixture
def server():
    server = GitHubServer()
    server.app_key = APP_KEY.public_key()
    server.add_issue(7)
    yield server
    server.close()


def test_a_token_is_made_for_the_first_call_and_kept(server):
    host = GitHubHost(connect_app(server))
    assert server.minted == 0
    host.pull_requests(server.repository, "GH-7")
    host.pull_requests(server.repository, "GH-7")
    assert server.minted == 1


def test_a_token_that_ends_in_the_middle_of_a_run_is_made_anew_once(server):
    issues = GitHubIssues(connect_app(server), "team/shop")
    issues.ticket("GH-7")
    server.tokens = set()
    assert issues.ticket("GH-7").key == "GH-7"
    assert server.minted == 2


def test_an_app_that_is_shut_out_says_so(server):
    issues = GitHubIssues(connect_app(server), "team/shop")
    issues.ticket("GH-7")
    server.tokens, server.app_key = set(), None
    with pytest.raises(AccessDenied, match="make a token"):
        issues.ticket("GH-7")


def test_what_the_app_writes_is_its_own(server):
    issues = GitHubIssues(connect_app(server), "team/shop")
    issues.comment("GH-7", "Working.", marker="run-1")
    assert issues.own_comment("GH-7", marker="run-1") == "Working."
    assert issues.comment("GH-7", "Done.", marker="run-1").found
    assert len(server.comments) == 1
