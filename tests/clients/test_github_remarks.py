"""What we say below a pull request, at a GitHub on loopback."""

import pytest

from mergewright.clients.github import GitHubHost
from mergewright.clients.github_connection import open_github
from tests.clients.github_server import ADA, TOKEN, GitHubServer


@pytest.fixture
def server():
    server = GitHubServer()
    server.add_pull(1)
    yield server
    server.close()


@pytest.fixture
def host(server):
    return GitHubHost(open_github(TOKEN, api_url=server.url))


def test_a_remark_is_written_once_and_removed_as_it_was_written(server, host):
    place = host.remark(server.repository, 1, "Done.", marker="run-1")
    assert (place.found, place.value) == (False, server.comments[0]["html_url"])
    assert host.remark(server.repository, 1, "Done.", marker="run-1").found is True
    assert host.remark(server.repository, 1, "All done.", marker="run-1").found is False
    (comment,) = server.comments
    assert comment["body"].startswith("All done.")

    def remove(**more):
        given = {"marker": "run-1", "body": "All done."} | more
        return host.remove_remark(server.repository, 1, **given).outcome

    assert remove(body="Done.") == "kept"
    assert remove(rehearse=True) == "undone"
    assert server.comments
    assert remove() == "undone"
    assert remove() == "already"
    assert server.comments == []


def test_another_account_that_copies_our_marker_is_not_us(server, host):
    host.remark(server.repository, 1, "Done.", marker="run-1")
    copied = server.comments[0]["body"]
    server.comments.clear()
    server.add_comment(1, copied, ADA)
    given = {"marker": "run-1", "body": "Done."}
    assert host.remove_remark(server.repository, 1, **given).outcome == "already"
    assert host.remark(server.repository, 1, "Done.", marker="run-1").found is False
    assert len(server.comments) == 2
    server.items.clear()
