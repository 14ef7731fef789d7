"""Walks along a workflow, against a Jira on loopback."""

import pytest

from mergewright.domain.ticket import StatusCategory
from mergewright.errors import AccessDenied, Rejected
from tests.clients.jira_server import CATEGORIES, JiraServer, fault, tracker_of

KEY = "SHOP-7"
TO_DO, IN_PROGRESS = StatusCategory.TO_DO, StatusCategory.IN_PROGRESS
IN_REVIEW, DONE = StatusCategory.IN_REVIEW, StatusCategory.DONE


@pytest.fixture
def jira():
    server = JiraServer()
    server.add_issue()
    yield server
    server.close()


def moves(server):
    ids = [one.body["transition"]["id"] for one in server.seen("POST")]
    return [list(CATEGORIES)[int(number)] for number in ids]


def test_a_way_over_several_statuses(jira):
    jira.workflow["In Progress"] = ["To Do", "Code Review"]
    assert tracker_of(jira).transition(KEY, DONE) == (DONE, False)
    assert moves(jira) == ["In Progress", "Code Review", "Done"]


def test_the_way_back_from_done(jira):
    jira.move(KEY, "Done")
    jira.workflow["Done"] = ["Code Review", "Won't Do"]
    assert tracker_of(jira).transition(KEY, TO_DO) == (TO_DO, False)
    assert moves(jira) == ["Code Review", "In Progress", "To Do"]


def test_no_way_leads_over_what_is_done(jira):
    jira.workflow["To Do"] = ["Done"]
    jira.workflow["Done"] = ["In Progress"]
    with pytest.raises(Rejected, match="no transition leads there"):
        tracker_of(jira).transition(KEY, IN_PROGRESS)
    assert moves(jira) == []


def test_a_circle_is_left_and_the_ticket_put_back(jira):
    jira.workflow |= {"In Progress": ["Code Review", "To Do"], "Code Review": ["In Progress"]}
    with pytest.raises(Rejected, match=r"no transition leads there.*It was put back to 'To Do'\."):
        tracker_of(jira).transition(KEY, DONE)
    assert jira.status_of(KEY) == "To Do"


def test_a_walk_without_a_way_back_says_where_the_ticket_was_left(jira):
    jira.workflow |= {"In Progress": ["Blocked"], "Blocked": []}
    with pytest.raises(Rejected, match=r"It was left in 'In Progress'\."):
        tracker_of(jira).transition(KEY, DONE)


def test_a_move_that_jira_refuses_in_the_middle_puts_the_ticket_back(jira):
    jira.faults = [*[None] * 5, fault(400, "A workflow validator says no.")]
    with pytest.raises(Rejected, match=r"validator says no.*put back to 'To Do'"):
        tracker_of(jira).transition(KEY, IN_REVIEW)
    assert jira.status_of(KEY) == "To Do"


def test_a_ticket_that_looks_for_a_review_in_vain_stays_where_work_is_done(jira):
    CATEGORIES["Testing"] = "indeterminate"
    jira.workflow |= {
        "In Progress": ["Testing", "To Do"],
        "Testing": ["In Progress"],
        "Code Review": [],
    }
    reached = tracker_of(jira).transition(KEY, IN_REVIEW)
    del CATEGORIES["Testing"]
    assert reached == (IN_PROGRESS, False)
    assert jira.status_of(KEY) == "In Progress"


RESOLUTIONS = [
    {"id": "1", "name": "Won't Do"},
    {"id": "2", "name": "Cannot be fixed"},
    {"id": "3", "name": "Fixed"},
]


def test_required_fields_are_filled_in_by_the_rule(jira):
    jira.move(KEY, "Code Review")
    jira.defaults = {"customfield_3"}
    jira.required["Done"] = {
        "resolution": {
            "name": "Resolution",
            "required": True,
            "schema": {"type": "resolution", "system": "resolution"},
            "allowedValues": RESOLUTIONS,
        },
        "customfield_1": {
            "name": "Team",
            "required": True,
            "schema": {"type": "option"},
            "allowedValues": [{"value": "Payments"}],
        },
        "fixVersions": {
            "name": "Fix versions",
            "required": True,
            "schema": {"type": "array"},
            "allowedValues": [{"id": "9", "name": "1.0"}],
        },
        "customfield_3": {"name": "Risk", "required": True, "hasDefaultValue": True},
        "comment": {"name": "Comment", "required": False},
    }
    assert tracker_of(jira).transition(KEY, DONE) == (DONE, False)
    assert jira.seen("POST")[0].body["fields"] == {
        "resolution": {"id": "3"},
        "customfield_1": {"value": "Payments"},
        "fixVersions": [{"id": "9"}],
    }


def test_a_field_that_only_a_person_can_know_stops_before_anything_is_changed(jira):
    jira.move(KEY, "Code Review")
    values = [{"value": "Nordic"}, {"value": "Baltic"}]
    jira.required["Done"] = {
        "customfield_1": {"name": "Team", "required": True, "allowedValues": values}
    }
    with pytest.raises(Rejected, match=r"needs 'Team' \(one of: Nordic, Baltic\)"):
        tracker_of(jira).transition(KEY, DONE)
    assert moves(jira) == []


def test_a_missing_permission_is_explained(jira):
    jira.forbidden = {"TRANSITION_ISSUES"}
    with pytest.raises(AccessDenied) as caught:
        tracker_of(jira).transition(KEY, IN_PROGRESS)
    assert caught.value.message == (
        "Jira could not move the ticket 'SHOP-7' to 'in progress': the account 'Bot' has not the "
        "permission 'Transition Issues' in the project 'SHOP'."
    )
    assert "administrator of the project 'SHOP'" in caught.value.hint


def test_a_refused_comment_is_explained(jira):
    jira.forbidden = {"ADD_COMMENTS"}
    with pytest.raises(AccessDenied, match=r"comment on .* the permission 'Add Comments'"):
        tracker_of(jira).comment(KEY, "x", marker="m")
    jira.forbidden = set()
    jira.faults = [None, fault(403, "Archived.")]
    with pytest.raises(AccessDenied, match="Archived"):
        tracker_of(jira).comment(KEY, "x", marker="m")
