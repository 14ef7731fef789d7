"""Rules of branches at a GitHub on loopback."""

import pytest

from mergewright.clients.code_host import BranchRules, RuleTelling
from mergewright.clients.github import GitHubHost
from mergewright.clients.github_connection import open_github
from mergewright.errors import AccessDenied
from tests.clients.github_server import TOKEN, GitHubServer, fault


@pytest.fixture
def server():
    server = GitHubServer()
    yield server
    server.close()


@pytest.fixture
def host(server):
    return GitHubHost(open_github(TOKEN, api_url=server.url))


def test_rules_hold_for_a_branch_that_is_not_there(server, host):
    assert isinstance(host, RuleTelling)
    checks = {"required_status_checks": [{"context": "ci"}, {"context": "lint"}]}
    server.rules["release/1.4"] = [
        {"type": "creation"},
        {"type": "deletion"},
        {"type": "pull_request", "parameters": {"required_approving_review_count": 2}},
        {"type": "required_status_checks", "parameters": checks},
        {"type": "update", "parameters": None},
    ]
    assert host.branch_rules(server.repository, "release/1.4") == BranchRules(
        may_be_made=False,
        asks=("2 approving reviews", "green checks: ci, lint", "only some may change it"),
    )
    assert host.branch_rules(server.repository, "release/1.5") == BranchRules(True, ())


def test_classic_protection_shows_that_there_is_some(server, host):
    server.protected = {"main"}
    assert host.branch_rules(server.repository, "main").asks == ("it is protected",)
    server.rules["main"] = [{"type": "required_signatures"}]
    assert host.branch_rules(server.repository, "main").asks == ("commits must be signed",)


def test_rules_that_may_not_be_read_are_refused(server, host):
    server.faults = [fault(403, "Resource not accessible")]
    with pytest.raises(AccessDenied):
        host.branch_rules(server.repository, "main")
