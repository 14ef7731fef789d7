"""The tracker against a Jira on loopback, as Cloud and as Server."""

from datetime import UTC, datetime

import pytest

from mergewright.clients.jira import JiraTracker
from mergewright.clients.jira_api import open_jira
from mergewright.domain.ticket import StatusCategory, TicketKind
from mergewright.errors import AccessDenied, NotFound, Rejected, ServiceUnavailable
from tests.clients.jira_server import (
    ADA,
    BOT,
    TOKEN,
    USER,
    JiraServer,
    document,
    fault,
    paragraph,
)
from tests.clients.loopback import Answer

KEY = "SHOP-7"
MARKER = "mergewright-delivery"
BODY = "**Delivered.** See [#1](https://example.org/1).\n\n| Gate | Result |\n| --- | --- |\n| lint | ok |"


@pytest.fixture
def cloud():
    server = JiraServer()
    yield server
    server.close()


@pytest.fixture(params=[True, False], ids=["cloud", "server"])
def jira(request):
    server = JiraServer(cloud=request.param)
    yield server
    server.close()


def tracker_of(server, **options):
    username = USER if server.cloud else ""
    return JiraTracker(
        open_jira(server.url, TOKEN, username=username, cloud=server.cloud, **options)
    )


def comments_of(server):
    return server.issues[KEY].comments


def test_a_ticket_of_cloud(cloud):
    issue = cloud.add_issue(
        description=document(
            paragraph("Totals ignore *tax*."),
            {
                "type": "heading",
                "attrs": {"level": 2},
                "content": [
                    {"type": "text", "text": "Acceptance criteria:", "marks": [{"type": "strong"}]}
                ],
            },
            {
                "type": "taskList",
                "content": [
                    {
                        "type": "taskItem",
                        "attrs": {"state": "TODO"},
                        "content": [{"type": "text", "text": "Tax is part of the total"}],
                    }
                ],
            },
        ),
        issuelinks=[
            {
                "type": {"inward": "is blocked by", "outward": "blocks"},
                "inwardIssue": {"key": "SHOP-1", "fields": {"summary": "Tax  table"}},
            },
            {"type": {"outward": "relates to"}, "outwardIssue": {"key": "SHOP-2"}},
        ],
    )
    cloud.add_comment(issue, document(paragraph("Only in Norway.")))
    ticket = tracker_of(cloud).ticket("shop-7")
    assert ticket.key == KEY
    assert ticket.title == "Totals are wrong"
    assert ticket.description == (
        "Totals ignore \\*tax\\*.\n\n## Acceptance criteria:\n\n- [ ] Tax is part of the total"
    )
    assert ticket.acceptance_criteria == ("Tax is part of the total",)
    assert (ticket.kind, ticket.status) == (TicketKind.BUG, StatusCategory.TO_DO)
    assert (ticket.labels, ticket.priority, ticket.reporter) == (("money",), "High", "Ada Lovelace")
    assert ticket.links == ("is blocked by SHOP-1: Tax table", "relates to SHOP-2")
    assert ticket.url == f"{cloud.url}/browse/{KEY}"
    [comment] = ticket.comments
    assert (comment.author, comment.body) == ("Ada Lovelace", "Only in Norway.")
    assert comment.created_at == datetime(2026, 3, 4, 4, 6, 7, tzinfo=UTC)


def test_a_ticket_of_server():
    server = JiraServer(cloud=False)
    issue = server.add_issue(
        description="Totals ignore *tax*.\r\n\r\nh2. Acceptance criteria\r\n# Tax is {{added}}\r\n",
        reporter={"name": "ada", "displayName": "Ada"},
    )
    server.add_comment(issue, "[~bob] said _no_", author={"name": "ada"})
    ticket = tracker_of(server).ticket(KEY)
    server.close()
    assert (
        ticket.description
        == "Totals ignore **tax**.\n\n## Acceptance criteria\n\n1. Tax is `added`"
    )
    assert ticket.acceptance_criteria == ("Tax is `added`",)
    assert ticket.reporter == "Ada"
    assert [(one.author, one.body) for one in ticket.comments] == [("ada", "@bob said *no*")]


def test_a_ticket_in_which_nearly_everything_is_empty(cloud):
    cloud.add_issue(
        summary="  ", issuetype=None, priority=None, reporter=None, labels=None, issuelinks=None
    )
    ticket = tracker_of(cloud).ticket(KEY)
    assert (ticket.title, ticket.description, ticket.kind) == (KEY, "", TicketKind.TASK)
    assert (ticket.reporter, ticket.priority, ticket.labels) == ("", "", ())


def test_all_comments_are_read_page_by_page(cloud):
    issue = cloud.add_issue()
    for number in range(230):
        cloud.add_comment(issue, document(paragraph(f"comment {number}")))
    ticket = tracker_of(cloud).ticket(KEY)
    assert [one.body for one in ticket.comments] == [f"comment {number}" for number in range(230)]


@pytest.mark.parametrize(
    ("status", "category"),
    [
        ("To Do", StatusCategory.TO_DO),
        ("In Progress", StatusCategory.IN_PROGRESS),
        ("Code Review", StatusCategory.IN_REVIEW),
        ("Won't Do", StatusCategory.DONE),
    ],
)
def test_the_status_is_that_of_its_category(cloud, status, category):
    cloud.add_issue()
    cloud.move(KEY, status)
    assert tracker_of(cloud).ticket(KEY).status is category


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Incident", TicketKind.BUG),
        ("User Story", TicketKind.FEATURE),
        ("Documentation", TicketKind.DOCUMENTATION),
        ("Sub-task", TicketKind.TASK),
    ],
)
def test_the_kind_follows_from_the_issue_type(cloud, name, kind):
    cloud.add_issue(issuetype={"name": name})
    assert tracker_of(cloud).ticket(KEY).kind is kind


@pytest.mark.parametrize("key", ["../../../secret?x=", "SHOP-7/comment", "SHOP 7", "", "SHOP-7\n"])
def test_what_is_no_key_is_refused_before_any_call(cloud, key):
    tracker = tracker_of(cloud)
    for attempt in (
        lambda: tracker.ticket(key),
        lambda: tracker.comment(key, "x", marker="m"),
        lambda: tracker.transition(key, StatusCategory.DONE),
    ):
        with pytest.raises(NotFound, match="in Jira"):
            attempt()
    assert cloud.requests == []


def test_a_missing_ticket(cloud):
    with pytest.raises(NotFound, match=r"'SHOP-8'.*does not exist or you do not have permission"):
        tracker_of(cloud).ticket("SHOP-8")


def test_a_wrong_token(cloud):
    cloud.add_issue()
    with pytest.raises(AccessDenied, match="status 401"):
        JiraTracker(open_jira(cloud.url, "wrong-token")).ticket(KEY)


def test_a_comment_is_written_once_and_then_replaced_in_place(jira):
    jira.add_issue()
    tracker = tracker_of(jira)
    first = tracker.comment(KEY, BODY, marker=MARKER)
    second = tracker.comment(KEY, BODY, marker=MARKER)
    third = tracker_of(jira).comment(KEY, "Now *merged*.", marker=MARKER)
    assert (first.found, second.found, third.found) == (False, True, True)
    assert first.value == second.value == third.value
    assert first.value == f"{jira.url}/browse/{KEY}?focusedCommentId=10000"
    assert (len(jira.seen("POST")), len(jira.seen("PUT"))) == (1, 1)
    assert tracker.ticket(KEY).comments[0].body == "Now *merged*."


def test_each_marker_has_a_comment_of_its_own(jira):
    jira.add_issue()
    tracker = tracker_of(jira)
    tracker.comment(KEY, "one", marker="a")
    assert not tracker.comment(KEY, "two", marker="b").found
    assert len(comments_of(jira)) == 2


def test_the_marker_is_not_in_the_text(jira):
    jira.add_issue()
    tracker_of(jira).comment(KEY, BODY, marker=MARKER)
    assert MARKER not in str(comments_of(jira)[0]["body"])


def test_a_comment_among_hundreds_is_found(cloud):
    issue = cloud.add_issue()
    for number in range(150):
        cloud.add_comment(issue, document(paragraph(str(number))))
    tracker_of(cloud).comment(KEY, "x", marker=MARKER)
    assert tracker_of(cloud).comment(KEY, "x", marker=MARKER).found


def test_a_comment_of_somebody_else_with_our_marker_is_left_alone(cloud):
    issue = cloud.add_issue()
    mark = {"key": "mergewright", "value": {"marker": MARKER}}
    cloud.add_comment(issue, document(paragraph("trap")), author=ADA, properties=[mark])
    assert not tracker_of(cloud).comment(KEY, "x", marker=MARKER).found
    assert [comment["author"] for comment in issue.comments] == [ADA, BOT]


def test_a_comment_whose_answer_got_lost_is_not_written_twice(jira):
    jira.add_issue()
    jira.faults = [None, Answer(drop=True, acts=True)]
    tracker = tracker_of(jira)
    with pytest.raises(ServiceUnavailable, match="comment on the ticket 'SHOP-7'"):
        tracker.comment(KEY, "x", marker=MARKER)
    assert tracker.comment(KEY, "x", marker=MARKER).found
    assert len(jira.seen("POST")) == len(comments_of(jira)) == 1


def test_a_review_is_reached_by_way_of_progress_and_only_once(cloud):
    cloud.add_issue()
    tracker = tracker_of(cloud)
    first = tracker.transition(KEY, StatusCategory.IN_REVIEW)
    assert first == (StatusCategory.IN_REVIEW, False)
    assert cloud.status_of(KEY) == "Code Review"
    assert tracker.transition(KEY, StatusCategory.IN_REVIEW) == (StatusCategory.IN_REVIEW, True)
    assert len(cloud.seen("POST")) == 2


def test_a_workflow_without_reviews_keeps_the_ticket_in_progress(cloud):
    cloud.add_issue()
    cloud.workflow["In Progress"] = ["Done"]
    tracker = tracker_of(cloud)
    expected = StatusCategory.IN_PROGRESS
    assert tracker.transition(KEY, StatusCategory.IN_REVIEW) == (expected, False)
    assert tracker.transition(KEY, StatusCategory.IN_REVIEW) == (expected, True)


def test_done_is_not_cancelled(cloud):
    cloud.add_issue()
    cloud.move(KEY, "Code Review")
    assert tracker_of(cloud).transition(KEY, StatusCategory.DONE) == (StatusCategory.DONE, False)
    assert cloud.status_of(KEY) == "Done"


def test_no_way_to_a_status_says_which_ways_there_are(cloud):
    cloud.add_issue()
    cloud.workflow["To Do"] = ["Blocked", "Won't Do"]
    with pytest.raises(Rejected) as caught:
        tracker_of(cloud).transition(KEY, StatusCategory.DONE)
    assert caught.value.message == (
        "The ticket 'SHOP-7' cannot go from 'To Do' to 'done': no transition leads there. There "
        "are: 'Go to Blocked' (to 'Blocked'); \"Go to Won't Do\" (to \"Won't Do\")."
    )
    assert cloud.status_of(KEY) == "To Do"


def test_a_transition_that_needs_a_field_is_not_tried(cloud):
    cloud.add_issue()
    cloud.move(KEY, "Code Review")
    cloud.required["Done"] = {
        "resolution": {"name": "Resolution", "required": True, "hasDefaultValue": False},
        "customfield_1": {"name": "Team", "required": True, "hasDefaultValue": True},
        "comment": {"name": "Comment", "required": False},
    }
    with pytest.raises(Rejected, match=r"'Go to Done' \(to 'Done', needs 'Resolution'\)"):
        tracker_of(cloud).transition(KEY, StatusCategory.DONE)
    assert cloud.seen("POST") == []


def test_a_transition_that_jira_refuses(cloud):
    cloud.add_issue()
    cloud.faults = [None, None, fault(400, resolution="Resolution is required.")]
    with pytest.raises(Rejected, match=r"move the ticket 'SHOP-7' .*Resolution is required"):
        tracker_of(cloud).transition(KEY, StatusCategory.IN_PROGRESS)
