import pytest

from mergewright.domain.ticket import Ticket
from mergewright.safety.repository_policy import RepositoryPolicy
from tasks._addresses import is_reached_by_others
from tasks._decisions import labels_of, milestone_of


def ticket(**changes):
    fields = {"key": "T-1", "title": "t", "description": "d", "kind": "bug"}
    return Ticket.model_validate(fields | changes)


@pytest.mark.parametrize(
    ("fields", "policy", "labels"),
    [
        ({}, "", ("bug",)),
        ({"kind": "task"}, "", ()),
        ({"labels": ("In review", "ui")}, "", ("ui", "bug")),
        ({"labels": ("Bug", "ui")}, "", ("Bug", "ui")),
        ({}, "labels: {kinds: {bug: ''}}", ()),
        ({"kind": "feature"}, "labels: {kinds: {feature: enhancement}}", ("enhancement",)),
        ({}, "labels: {paths: {'docs/**': docs, '*.py': python}}", ("bug", "python")),
        ({"labels": ("x" * 51, " two  words ")}, "", ("two words", "bug")),
    ],
)
def test_labels_come_from_ticket_kind_and_paths(fields, policy, labels):
    known = RepositoryPolicy.parse(policy)
    assert labels_of(ticket(**fields), ("src/a.py", "README.md"), known) == labels


@pytest.mark.parametrize(
    ("link", "title"),
    [
        ("in the milestone '2.0'", "2.0"),
        ('in the milestone "Ada\'s"', "Ada's"),
        ("blocks T-2", ""),
    ],
)
def test_the_milestone_is_that_of_the_issue(link, title):
    assert milestone_of(ticket(links=("part of T-3", link))) == title


@pytest.mark.parametrize(
    ("address", "reached"),
    [
        ("https://prefect.example.org/runs/flow-run/1", True),
        ("http://10.0.0.7:4200/runs/flow-run/1", True),
        ("http://127.0.0.1:4200/runs/flow-run/1", False),
        ("http://localhost:4200/runs/flow-run/1", False),
        ("http://[::1]:4200/", False),
        ("", False),
    ],
)
def test_an_address_of_this_machine_alone_helps_nobody_else(address, reached):
    assert is_reached_by_others(address) is reached
