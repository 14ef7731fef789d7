"""What Jira's answers hold, with everything that may be missing or null."""

import pytest

from mergewright.clients.jira_issue import Issue, IssueComment, IssueLink, Person, ticket_of
from mergewright.domain.ticket import TicketKind

CREATED = "2026-03-04T05:06:07.000+0000"


def test_an_issue_of_nothing_but_nulls_is_a_ticket():
    names = ("summary", "description", "issuetype", "status", "labels", "priority", "reporter")
    issue = Issue.model_validate({"key": "A-1", "fields": dict.fromkeys(names)})
    ticket = ticket_of(issue, (), url="")
    assert (ticket.key, ticket.title, ticket.description) == ("A-1", "A-1", "")


def test_a_long_title_is_cut_and_put_on_one_line():
    issue = Issue.model_validate({"key": "A-1", "fields": {"summary": "a\n" * 400}})
    assert ticket_of(issue, (), url="").title == ("a " * 400)[:300]


def test_the_type_is_read_in_any_language():
    kind = {"name": "Fehler", "untranslatedName": "Bug"}
    issue = Issue.model_validate({"key": "A-1", "fields": {"issuetype": kind}})
    assert ticket_of(issue, (), url="").kind is TicketKind.BUG


@pytest.mark.parametrize(
    ("about", "account"),
    [
        ({"accountId": "1", "name": None}, "1"),
        ({"key": "JIRAUSER1", "name": "ada"}, "JIRAUSER1"),
        ({"name": "ada"}, "ada"),
        ({}, ""),
    ],
)
def test_an_account_of_cloud_or_server(about, account):
    assert Person.model_validate(about).account == account


@pytest.mark.parametrize(
    ("properties", "marker"),
    [
        (None, ""),
        ([{"key": "other", "value": {"marker": "x"}}], ""),
        ([{"key": "mergewright", "value": "x"}], ""),
        ([{"key": "mergewright", "value": {"marker": "x"}}], "x"),
    ],
)
def test_the_marker_of_a_comment(properties, marker):
    comment = {"id": "1", "created": CREATED, "properties": properties}
    assert IssueComment.model_validate(comment).marker == marker


def test_a_comment_of_nobody():
    comment = IssueComment.model_validate({"id": "1", "created": CREATED, "author": None})
    issue = Issue.model_validate({"key": "A-1", "fields": {}})
    assert ticket_of(issue, (comment,), url="").comments[0].author == "anonymous"


def test_a_link_without_its_other_end():
    assert IssueLink.model_validate({"type": {"name": "Blocks"}}).text == ""
