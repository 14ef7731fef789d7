"""Issues as tickets, at a GitHub on loopback."""

import pytest

from mergewright.clients.github_connection import open_github
from mergewright.clients.github_issue import StatusLabels
from mergewright.clients.github_issues import GitHubIssues
from mergewright.domain.ticket import StatusCategory
from mergewright.errors import NotFound, Rejected, ServiceUnavailable, SettingInvalid
from tests.clients.github_server import TOKEN, GitHubServer
from tests.clients.loopback import Answer

TO_DO, IN_PROGRESS, IN_REVIEW, DONE = (
    StatusCategory.TO_DO,
    StatusCategory.IN_PROGRESS,
    StatusCategory.IN_REVIEW,
    StatusCategory.DONE,
)


@pytest.fixture
def server():
    server = GitHubServer()
    server.add_issue(7)
    yield server
    server.close()


@pytest.fixture
def issues(server):
    return GitHubIssues(open_github(TOKEN, api_url=server.url), server.repository)


def test_an_issue_is_a_ticket_with_all_that_belongs_to_it(server, issues):
    server.add_comment(7, "What about tax?")
    linked = {"title": "Part", "state": "open", "html_url": "u"}
    here = {"repository_url": f"{server.url}/repos/team/shop"}
    server.parts[7] = [{"number": 8} | linked | here]
    server.parents[7] = {"number": 2, "repository_url": f"{server.url}/repos/team/plans"} | linked
    pull = {"number": 9, "pull_request": {}} | linked | here
    server.timelines[7] = [
        {"event": "labeled"},
        {"event": "cross-referenced", "source": {"issue": pull}},
        {"event": "cross-referenced", "source": {"issue": pull}},
        {"event": "cross-referenced", "source": {"issue": {"number": 3} | linked}},
    ]
    ticket = issues.ticket("#7")
    assert (ticket.key, ticket.title, ticket.reporter) == ("GH-7", "Totals are wrong", "ada")
    assert ticket.labels == ("bug",)
    assert ticket.links == (
        "is a part of team/plans#2: Part (open)",
        "has the part #8: Part (open)",
        "pull request #9: Part (open)",
    )
    assert [(one.author, one.body) for one in ticket.comments] == [("ada", "What about tax?")]
    assert ticket.url == f"{server.repository}/issues/7"
    assert issues.ticket(ticket.url) == ticket


def test_an_older_github_knows_no_sub_issues(server, issues):
    server.parts = None
    assert issues.ticket("GH-7").links == ()


def test_what_is_no_issue(server, issues):
    server.add_pull(8)
    with pytest.raises(Rejected, match="is a pull request"):
        issues.ticket("GH-8")
    with pytest.raises(NotFound):
        issues.ticket("GH-99")
    calls = len(server.requests)
    for name in ("../7", "GH-7 ", "other/shop#7"):
        with pytest.raises(NotFound):
            issues.ticket(name)
    assert len(server.requests) == calls


def test_an_issue_that_was_moved_is_not_taken_for_another_one(server, issues):
    server.add_issue(3)
    server.faults = [Answer(301, headers={"Location": f"{server.url}/repos/team/shop/issues/3"})]
    with pytest.raises(NotFound, match="was moved"):
        issues.ticket("GH-7")


def test_a_tracker_needs_a_repository_of_its_github(server):
    with pytest.raises(SettingInvalid):
        GitHubIssues(open_github(TOKEN, api_url=server.url), "https://example.org/team/shop")


def test_one_comment_per_marker_updated_in_place(server, issues):
    place, found = issues.comment("GH-7", "Working.", marker="run-1")
    assert not found
    assert issues.comment("GH-7", "Working.", marker="run-1") == (place, True)
    assert server.seen("PATCH") == []
    assert issues.comment("GH-7", "Done.", marker="run-1") == (place, True)
    assert issues.own_comment("GH-7", marker="run-1") == "Done."
    assert issues.own_comment("GH-7", marker="run-2") is None
    assert len(server.comments) == 1


def test_nobody_can_give_us_a_comment(server, issues):
    issues.comment("GH-7", "Ours.", marker="run-1")
    server.add_comment(7, server.comments[0]["body"])
    del server.comments[0]
    assert issues.own_comment("GH-7", marker="run-1") is None
    hostile = 'x <!-- mergewright:comment {"marker": "run-2"} -->'
    issues.comment("GH-7", hostile, marker="run-1")
    assert issues.own_comment("GH-7", marker="run-2") is None


def test_a_lost_answer_makes_no_second_comment(server, issues):
    server.faults = [None, Answer(drop=True, acts=True)]
    with pytest.raises(ServiceUnavailable):
        issues.comment("GH-7", "Working.", marker="run-1")
    assert issues.comment("GH-7", "Working.", marker="run-1").found
    assert len(server.comments) == 1


def remove(issues, **changes):
    told = {"marker": "run-1", "body": "Working."} | changes
    return issues.remove_comment("GH-7", **told).outcome


def test_a_comment_is_removed_if_nobody_changed_it(server, issues):
    assert remove(issues) == "already"
    issues.comment("GH-7", "Working.", marker="run-1")
    assert remove(issues, rehearse=True) == "undone"
    assert len(server.comments) == 1
    assert remove(issues, body="Other.") == "kept"
    assert remove(issues) == "undone"
    assert server.comments == []


def test_an_earlier_text_comes_back(server, issues):
    issues.comment("GH-7", "Working.", marker="run-1")
    assert remove(issues, earlier="Started.") == "undone"
    assert issues.own_comment("GH-7", marker="run-1") == "Started."
    assert remove(issues, earlier="Started.") == "already"


@pytest.mark.parametrize(
    ("status", "labels", "state"),
    [
        (IN_PROGRESS, ["bug", "in progress"], "open"),
        (IN_REVIEW, ["bug", "in review"], "open"),
        (DONE, ["bug"], "closed"),
    ],
)
@pytest.mark.parametrize("before", [TO_DO, IN_PROGRESS, IN_REVIEW, DONE])
def test_moving_there_and_back(server, issues, before, status, labels, state):
    issues.transition("GH-7", before)
    there = before is status
    assert issues.transition("GH-7", status) == (status, there)
    assert (sorted(server.labels_of(7)), server.items[7]["state"]) == (labels, state)
    assert issues.transition("GH-7", status).found
    if not there:
        assert (
            issues.transition_back("GH-7", made=status, before=before, rehearse=True).outcome
            == "undone"
        )
        assert issues.ticket("GH-7").status is status
        assert issues.transition_back("GH-7", made=status, before=before).outcome == "undone"
    assert issues.ticket("GH-7").status is before
    assert issues.transition_back("GH-7", made=status, before=before).outcome == "already"


def test_where_somebody_moved_it_it_stays(server, issues):
    issues.transition("GH-7", IN_REVIEW)
    server.items[7]["state"] = "closed"
    assert issues.transition_back("GH-7", made=IN_REVIEW, before=TO_DO).outcome == "kept"
    del server.items[7]
    assert issues.transition_back("GH-7", made=IN_REVIEW, before=TO_DO).outcome == "already"
    assert remove(issues) == "already"


def test_the_labels_of_a_team(server):
    labels = StatusLabels(in_progress="status/doing", in_review="status/review")
    connection = open_github(TOKEN, api_url=server.url)
    issues = GitHubIssues(connection, "team/shop", status_labels=labels)
    issues.transition("GH-7", IN_PROGRESS)
    issues.transition("GH-7", IN_REVIEW)
    assert server.labels_of(7) == ["bug", "status/review"]


def test_issues_are_found_in_githubs_own_language(server, issues):
    server.page_size = 2
    for number in (8, 9, 10):
        server.add_issue(number, title=f"Number {number}", labels=[{"name": "ready"}])
    server.items[9]["labels"].append({"name": "in progress"})
    server.items[10]["state"] = "closed"
    found = issues.search("label:ready")
    assert [(one.key, one.status) for one in found] == [
        ("GH-8", TO_DO), ("GH-9", IN_PROGRESS), ("GH-10", DONE),
    ]  # fmt: skip
    assert [one.key for one in issues.search("is:open label:ready", limit=1)] == ["GH-8"]
    assert server.requests[-1].query["q"] == "repo:team/shop is:issue is:open label:ready"
    assert [one.key for one in issues.search("repo:other/shop label:ready", limit=9)] == [
        "GH-8", "GH-9", "GH-10",
    ]  # fmt: skip


def test_a_query_that_is_empty_or_wrong_is_told(issues):
    with pytest.raises(Rejected, match="is empty"):
        issues.search("  ")
    with pytest.raises(Rejected, match="unknown qualifier"):
        issues.search("wrong:")
