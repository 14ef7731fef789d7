import pytest

from mergewright.clients.jira_issue import Status
from mergewright.clients.jira_transitions import Transition, choose
from mergewright.domain.ticket import StatusCategory
from mergewright.errors import Rejected


def status(name, category="indeterminate"):
    return Status.model_validate({"name": name, "statusCategory": {"key": category}})


def to(name, category="indeterminate", **fields):
    return Transition(id=name, name=f"Go to {name}", to=status(name, category), fields=fields)


def chosen(offered, wanted, now=None):
    now = now or status("Open", "new")
    return choose(offered, key="A-1", now=now, wanted=wanted).id


@pytest.mark.parametrize(
    ("offered", "wanted", "expected"),
    [
        ([to("In Progress"), to("Peer Review")], StatusCategory.IN_REVIEW, "Peer Review"),
        ([to("Waiting for review"), to("QA")], StatusCategory.IN_REVIEW, "Waiting for review"),
        ([to("Testing"), to("In Development")], StatusCategory.IN_REVIEW, "In Development"),
        ([to("Testing"), to("QA")], StatusCategory.IN_PROGRESS, "Testing"),
        ([to("Code Review"), to("Doing")], StatusCategory.IN_PROGRESS, "Doing"),
        ([to("Archived", "done"), to("Closed", "done")], StatusCategory.DONE, "Closed"),
        ([to("Fertig", "done")], StatusCategory.DONE, "Fertig"),
        ([to("Icebox", "new"), to("Backlog", "new")], StatusCategory.TO_DO, "Backlog"),
    ],
)
def test_names_decide_between_statuses_of_a_category(offered, wanted, expected):
    assert chosen(offered, wanted) == expected


@pytest.mark.parametrize(
    ("offered", "wanted"),
    [
        ([to("Won't Do", "done"), to("Cancelled", "done")], StatusCategory.DONE),
        ([to("On hold"), to("Blocked")], StatusCategory.IN_PROGRESS),
        ([to("Review rejected")], StatusCategory.IN_REVIEW),
        ([], StatusCategory.DONE),
    ],
)
def test_a_status_that_means_the_opposite_is_never_taken(offered, wanted):
    with pytest.raises(Rejected, match="no transition leads there") as caught:
        chosen(offered, wanted)
    assert all(one.to.name in caught.value.message for one in offered)


def test_a_transition_without_missing_fields_is_preferred():
    needed = {"name": "Team", "required": True}
    offered = [to("Review", team=needed), to("Second review")]
    assert chosen(offered, StatusCategory.IN_REVIEW) == "Second review"
