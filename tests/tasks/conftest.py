"""A pull request at a GitHub on loopback, and the run that it belongs to."""

from decimal import Decimal

import pytest

from mergewright.clients.github import GitHubHost
from mergewright.clients.github_connection import open_github
from mergewright.domain.delivery import Run
from mergewright.events.journal import utc_now
from tests.clients.github_server import TOKEN, GitHubServer


@pytest.fixture
def server():
    server = GitHubServer()
    server.add_pull(1)
    yield server
    server.close()


@pytest.fixture
def host(server):
    return GitHubHost(open_github(TOKEN, api_url=server.url))


@pytest.fixture
def run(server):
    return Run(
        id="gh-7-abcdef",
        workflow="standard_dev",
        profile="local",
        ticket="GH-7",
        repository=server.repository,
        base="main",
        model=None,
        budget_usd=Decimal(0),
        started_at=utc_now(),
    )
