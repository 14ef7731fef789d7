"""Labels, reviewers, assignees and milestones at a GitHub on loopback."""

import pytest

from mergewright.clients.github import GitHubHost
from mergewright.clients.github_connection import open_github
from mergewright.domain.pull_request import Refusal
from mergewright.errors import NotFound
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


def writes(server):
    return [one for one in server.requests if one.method != "GET"]


def test_labels_are_put_beside_those_of_others(server, host):
    server.items[1]["labels"] = [{"name": "Bug"}]
    assert host.label(server.repository, 1, ["bug", "needs review"]) == (
        ("Bug", "needs review"),
        False,
    )
    assert host.label(server.repository, 1, ["bug", "needs review"]).found
    assert len(writes(server)) == 1
    assert host.unlabel(server.repository, 1, ["needs review"], rehearse=True).outcome == "undone"
    assert server.labels_of(1) == ["Bug", "needs review"]
    assert host.unlabel(server.repository, 1, ["needs review"]).outcome == "undone"
    assert server.labels_of(1) == ["Bug"]
    assert host.unlabel(server.repository, 1, ["needs review"]).outcome == "already"


def test_reviewers_are_asked_and_never_the_author(server, host):
    asked, found = host.request_reviews(server.repository, 1, ["MW-Bot", "ada", "bob"], ["core"])
    assert (asked.reviewers, asked.team_reviewers, found) == (("ada", "bob"), ("core",), False)
    assert asked.refused == (Refusal(name="MW-Bot", reason="It is their own pull request."),)
    pull = host.pull_request(server.repository, 1)
    assert (pull.reviewers, pull.team_reviewers) == (("ada", "bob"), ("core",))
    assert host.request_reviews(server.repository, 1, ["MW-Bot", "ada", "bob"], ["core"]) == (
        asked,
        True,
    )
    assert len(writes(server)) == 1


def test_who_is_not_taken_is_told_and_the_others_are_asked(server, host):
    asked, found = host.request_reviews(server.repository, 1, ["ada", "nobody"], ["core", "gone"])
    assert (asked.reviewers, asked.team_reviewers, found) == (("ada",), ("core",), False)
    assert [one.name for one in asked.refused] == ["nobody", "gone"]
    assert "collaborators" in asked.refused[0].reason
    assert host.pull_request(server.repository, 1).reviewers == ("ada",)


def test_who_has_reviewed_is_not_asked_again(server, host):
    server.reviews = [{"user": {"login": "ada"}, "state": "APPROVED"}]
    asked, found = host.request_reviews(server.repository, 1, ["ada"])
    assert (asked.reviewers, found) == (("ada",), True)
    assert writes(server) == []


def test_reviews_are_withdrawn_but_for_those_given(server, host):
    host.request_reviews(server.repository, 1, ["ada", "bob"], ["core"])
    args = (server.repository, 1, ["ada", "cy"], ["core"])
    assert host.withdraw_reviews(*args, rehearse=True).outcome == "undone"
    assert host.withdraw_reviews(*args).outcome == "undone"
    assert host.pull_request(server.repository, 1).reviewers == ("bob",)
    assert host.withdraw_reviews(*args).outcome == "already"


def test_assignees_and_a_milestone(server, host):
    assigned, found = host.assign(server.repository, 1, ["ada", "nobody"], "1.2")
    assert (assigned.assignees, assigned.milestone, found) == (("ada",), "1.2", False)
    assert [one.name for one in assigned.refused] == ["nobody"]
    pull = host.pull_request(server.repository, 1)
    assert (pull.assignees, pull.milestone) == (("ada",), "1.2")
    assert host.assign(server.repository, 1, ["ada"], "1.2").found
    args = (server.repository, 1, ["ada"], "1.2")
    assert host.unassign(*args, rehearse=True).outcome == "undone"
    assert host.pull_request(server.repository, 1).milestone == "1.2"
    assert host.unassign(*args).outcome == "undone"
    pull = host.pull_request(server.repository, 1)
    assert (pull.assignees, pull.milestone) == ((), "")
    assert host.unassign(*args).outcome == "already"


@pytest.mark.parametrize(("there", "reason"), [(None, "no open milestone"), ("1.1", "'1.1'")])
def test_a_milestone_that_cannot_be_set_is_told(server, host, there, reason):
    if there:
        server.items[1]["milestone"] = {"number": 2, "title": there}
    assigned, found = host.assign(server.repository, 1, [], "9.9")
    assert (assigned.milestone, found) == ("", True)
    assert reason in assigned.refused[0].reason
    assert writes(server) == []


def test_what_is_gone_needs_no_undoing_and_takes_nothing(server, host):
    gone = (server.repository, 99)
    assert host.unlabel(*gone, ["x"]).outcome == "already"
    assert host.withdraw_reviews(*gone, ["ada"]).outcome == "already"
    assert host.unassign(*gone, ["ada"]).outcome == "already"
    for effect in (host.label, host.request_reviews, host.assign):
        with pytest.raises(NotFound):
            effect(*gone, ["ada"])


def test_who_has_how_much_to_review(server, host):
    server.add_pull(2)
    host.request_reviews(server.repository, 1, ["ada"], ["core"])
    host.request_reviews(server.repository, 2, ["ada", "bob"])
    assert host.open_reviews(server.repository) == {"ada": 2, "core": 1, "bob": 1}
    server.items[2]["state"] = "closed"
    assert host.open_reviews(server.repository) == {"ada": 1, "core": 1}
