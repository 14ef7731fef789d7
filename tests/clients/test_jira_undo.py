"""Taking back what was done to a ticket in Jira: only what is as we left it."""

import pytest

from mergewright.clients.jira import JiraTracker
from mergewright.clients.jira_api import open_jira
from mergewright.domain.ticket import StatusCategory
from tests.clients.jira_server import BOT, TOKEN, USER, JiraServer, document, paragraph
from tests.clients.loopback import Answer

KEY = "SHOP-7"
MARKER = "mergewright-delivery"
BODY = "**Delivered.** See [#1](https://example.org/1).\n\n- one\n- two"
EARLIER = "Working on *it*."

TO_DO, IN_PROGRESS, IN_REVIEW, DONE = StatusCategory


@pytest.fixture(params=[True, False], ids=["cloud", "server"])
def jira(request):
    server = JiraServer(cloud=request.param)
    server.add_issue()
    yield server
    server.close()


@pytest.fixture
def cloud():
    server = JiraServer()
    server.add_issue()
    yield server
    server.close()


def tracker_of(server):
    return JiraTracker(
        open_jira(server.url, TOKEN, username=USER if server.cloud else "", cloud=server.cloud)
    )


def test_our_own_comment_is_told(jira):
    tracker = tracker_of(jira)
    assert tracker.own_comment(KEY, marker=MARKER) is None
    tracker.comment(KEY, BODY, marker=MARKER)
    assert tracker.own_comment(KEY, marker=MARKER) == BODY


def test_a_comment_is_removed_and_stays_removed(jira):
    tracker = tracker_of(jira)
    tracker.comment(KEY, BODY, marker=MARKER)
    rehearsed = tracker.remove_comment(KEY, marker=MARKER, body=BODY, rehearse=True)
    assert (rehearsed.outcome, len(jira.issues[KEY].comments)) == ("undone", 1)
    assert tracker.remove_comment(KEY, marker=MARKER, body=BODY) == rehearsed
    assert jira.issues[KEY].comments == []
    assert tracker.remove_comment(KEY, marker=MARKER, body=BODY).outcome == "already"


def test_a_removal_whose_answer_got_lost(cloud):
    tracker = tracker_of(cloud)
    tracker.comment(KEY, BODY, marker=MARKER)
    cloud.faults = [None, None, Answer(drop=True, acts=True)]
    assert tracker.remove_comment(KEY, marker=MARKER, body=BODY).outcome == "undone"
    assert len(cloud.seen("DELETE")) == 2


def test_an_earlier_text_is_put_back(jira):
    tracker = tracker_of(jira)
    tracker.comment(KEY, EARLIER, marker=MARKER)
    before = tracker.own_comment(KEY, marker=MARKER)
    tracker.comment(KEY, BODY, marker=MARKER)
    undo = {"marker": MARKER, "body": BODY, "earlier": before}
    assert tracker.remove_comment(KEY, **undo, rehearse=True).outcome == "undone"
    assert tracker.own_comment(KEY, marker=MARKER) == BODY
    assert tracker.remove_comment(KEY, **undo).outcome == "undone"
    assert tracker.own_comment(KEY, marker=MARKER) == EARLIER
    assert tracker.remove_comment(KEY, **undo).outcome == "already"


def test_a_comment_that_was_changed_since_is_kept(cloud):
    tracker = tracker_of(cloud)
    where = tracker.comment(KEY, BODY, marker=MARKER).value
    cloud.issues[KEY].comments[0]["body"] = document(paragraph("by hand"))
    kept = tracker.remove_comment(KEY, marker=MARKER, body=BODY)
    assert (kept.outcome, kept.reference) == ("kept", where)
    assert cloud.issues[KEY].comments[0]["author"] == BOT


def test_a_ticket_that_is_gone_needs_no_undoing(cloud):
    tracker = tracker_of(cloud)
    for key in ("SHOP-8", "no key"):
        assert tracker.remove_comment(key, marker=MARKER, body=BODY).outcome == "already"
        assert tracker.transition_back(key, made=IN_REVIEW, before=TO_DO).outcome == "already"


def test_a_ticket_goes_back_the_way_it_came(cloud):
    tracker = tracker_of(cloud)
    made = tracker.transition(KEY, IN_REVIEW).value
    rehearsed = tracker.transition_back(KEY, made=made, before=TO_DO, rehearse=True)
    assert (rehearsed.outcome, cloud.status_of(KEY)) == ("undone", "Code Review")
    assert tracker.transition_back(KEY, made=made, before=TO_DO) == rehearsed
    assert cloud.status_of(KEY) == "To Do"
    assert tracker.transition_back(KEY, made=made, before=TO_DO).outcome == "already"


def test_a_ticket_that_somebody_moved_is_kept(cloud):
    cloud.move(KEY, "Done")
    kept = tracker_of(cloud).transition_back(KEY, made=IN_REVIEW, before=TO_DO)
    assert (kept.outcome, kept.reason) == ("kept", "Somebody moved it to 'Done' since.")
    assert cloud.seen("POST") == []


def test_a_workflow_that_leads_nowhere_back_is_told(cloud):
    cloud.move(KEY, "Done")
    kept = tracker_of(cloud).transition_back(KEY, made=DONE, before=IN_PROGRESS)
    assert kept.outcome == "kept"
    assert "no transition leads there" in kept.reason


def test_a_workflow_that_leads_back_half_the_way_is_told(cloud):
    cloud.move(KEY, "Code Review")
    cloud.workflow["In Progress"] = ["Done"]
    kept = tracker_of(cloud).transition_back(KEY, made=IN_REVIEW, before=TO_DO)
    assert (kept.outcome, cloud.status_of(KEY)) == ("kept", "In Progress")
    assert kept.reason.endswith("It was left in 'In Progress'.")
