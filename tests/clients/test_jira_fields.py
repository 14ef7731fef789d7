"""What a ticket says beyond its text: fields of the site's own, parents, watchers, check."""

import pytest

from mergewright.domain.ticket import StatusCategory, TicketKind
from mergewright.errors import AccessDenied, NotFound, SettingInvalid
from tests.clients.jira_server import BOT, JiraServer, document, fault, paragraph, tracker_of

KEY = "SHOP-7"
MAP = {
    "acceptance_criteria": "acceptance criteria",
    "story_points": "Story Points",
    "team": "customfield_10030",
    "severity": "customfield_10041",
}
EPIC = {
    "key": "SHOP-1",
    "fields": {
        "summary": "New  checkout",
        "issuetype": {"name": "Vorhaben", "hierarchyLevel": 1},
        "status": {"name": "Open", "statusCategory": {"key": "indeterminate"}},
    },
}


@pytest.fixture(params=[True, False], ids=["cloud", "server"])
def jira(request):
    server = JiraServer(cloud=request.param)
    yield server
    server.close()


def test_fields_are_found_by_the_names_that_people_gave_them(jira):
    text = document(paragraph("- Tax"), paragraph("Rounded")) if jira.cloud else "* Tax\n* Rounded"
    jira.add_issue(
        customfield_10020=text,
        customfield_10016=5.0,
        customfield_10030={"value": "Payments", "child": {"value": "Nordic"}},
        customfield_10041=[{"value": "High"}, {"name": "Urgent"}],
    )
    ticket = tracker_of(jira, field_map=MAP).ticket(KEY)
    assert ticket.acceptance_criteria[-1] == "Rounded"
    assert len(ticket.acceptance_criteria) == 2
    assert (ticket.story_points, ticket.team) == (5.0, "Payments / Nordic")
    assert ticket.severity == "High, Urgent"


def test_names_are_looked_up_once_and_ids_not_at_all():
    server = JiraServer()
    server.add_issue()
    tracker = tracker_of(server, field_map=MAP)
    tracker.ticket(KEY)
    tracker.ticket(KEY)
    assert sum(one.path.endswith("/field") for one in server.requests) == 1
    tracker_of(server, field_map={"team": "customfield_10030"}).ticket(KEY)
    assert sum(one.path.endswith("/field") for one in server.requests) == 1
    assert len(server.requests) == 2 + 2 + 1 + 2
    server.close()


@pytest.mark.parametrize(
    ("names", "told", "hint"),
    [
        ({"sprint": "Sprint"}, "names 'sprint', which no ticket has", "story_points"),
        ({"story_points": "Storypoint"}, "no field of this name", "Did you mean 'Story Points'"),
        ({"team": "xyzzy"}, "no field of this name", "customfield_10016"),
        ({"severity": "Severity"}, "2 fields of this name", "'customfield_10041'"),
    ],
)
def test_a_field_map_that_is_wrong(jira, names, told, hint):
    jira.add_issue()
    with pytest.raises(SettingInvalid, match=told) as caught:
        tracker_of(jira, field_map=names).ticket(KEY)
    assert hint in caught.value.hint


def test_a_value_that_is_no_number_is_none(jira):
    jira.add_issue(customfield_10016="many")
    assert (
        tracker_of(jira, field_map={"story_points": "Story Points"}).ticket(KEY).story_points
        is None
    )


def test_subtasks_components_and_watchers(jira):
    issue = jira.add_issue(
        watches={"watchCount": 1},
        components=[{"name": "web"}],
        subtasks=[{"key": "SHOP-8", "fields": {"summary": "Table", "issuetype": {"name": "Bug"}}}],
    )
    issue.watchers.append(BOT)
    ticket = tracker_of(jira).ticket(KEY)
    assert (ticket.watchers, ticket.components) == (("Bot",), ("web",))
    [subtask] = ticket.subtasks
    assert (subtask.key, subtask.title, subtask.kind) == ("SHOP-8", "Table", TicketKind.BUG)
    assert subtask.url == f"{jira.url}/browse/SHOP-8"


def test_watchers_that_may_not_be_seen_are_left_out(jira):
    jira.add_issue(watches={"watchCount": 3})
    before = 3 if jira.cloud is False else 2
    jira.faults = [*[None] * before, fault(403, "no")]
    assert tracker_of(jira).ticket(KEY).watchers == ()


def test_the_epic_of_cloud_is_its_parent():
    server = JiraServer()
    server.add_issue(parent=EPIC)
    ticket = tracker_of(server).ticket(KEY)
    server.close()
    assert ticket.epic == ticket.parent
    assert (ticket.epic.key, ticket.epic.title) == ("SHOP-1", "New checkout")
    assert ticket.epic.status is StatusCategory.IN_PROGRESS


def test_the_epic_of_server_is_in_a_field_of_its_own():
    server = JiraServer(cloud=False)
    server.add_issue("SHOP-1", summary="New checkout")
    server.add_issue(customfield_10008="SHOP-1")
    ticket = tracker_of(server).ticket(KEY)
    server.issues.pop("SHOP-1")
    gone = tracker_of(server).ticket(KEY)
    server.close()
    assert (ticket.parent, ticket.epic.key, ticket.epic.title) == (None, "SHOP-1", "New checkout")
    assert gone.epic is None


def test_a_check_says_who_one_is_and_what_is_missing(jira):
    jira.forbidden = {"CREATE_ISSUES"}
    told = tracker_of(jira).check("shop")
    assert (told.account, told.place) == ("Bot", "shop")
    assert told.missing == ("Create Issues: no epics, stories or subtasks can be made",)
    assert tracker_of(jira).check().place == jira.host


def test_a_check_without_what_every_run_needs(jira):
    jira.forbidden = {"ADD_COMMENTS", "LINK_ISSUES"}
    with pytest.raises(AccessDenied, match=r"'Bot' has not the permission 'Add Comments' in"):
        tracker_of(jira).check("SHOP")


def test_a_check_of_a_project_that_does_not_exist(jira):
    with pytest.raises(NotFound, match="No project could be found"):
        tracker_of(jira).check("NOPE")


def test_a_check_tries_the_field_map(jira):
    with pytest.raises(SettingInvalid, match="no field of this name"):
        tracker_of(jira, field_map={"team": "Tribe"}).check()
