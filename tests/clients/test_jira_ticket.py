"""What a ticket keeps of an issue, whatever is missing or null."""

from mergewright.clients.jira_issue import Issue, IssueComment
from mergewright.clients.jira_ticket import ticket_of
from mergewright.domain.ticket import TicketKind

CREATED = "2026-03-04T05:06:07.000+0000"


def test_an_issue_of_nothing_but_nulls_is_a_ticket():
    names = ("summary", "description", "issuetype", "status", "labels", "priority", "reporter")
    issue = Issue.model_validate({"key": "A-1", "fields": dict.fromkeys(names)})
    ticket = ticket_of(issue, (), site="")
    assert (ticket.key, ticket.title, ticket.description) == ("A-1", "A-1", "")


def test_a_long_title_is_cut_and_put_on_one_line():
    issue = Issue.model_validate({"key": "A-1", "fields": {"summary": "a\n" * 400}})
    assert ticket_of(issue, (), site="").title == ("a " * 400)[:300]


def test_the_type_is_read_in_any_language():
    kind = {"name": "Fehler", "untranslatedName": "Bug"}
    issue = Issue.model_validate({"key": "A-1", "fields": {"issuetype": kind}})
    assert ticket_of(issue, (), site="").kind is TicketKind.BUG


def test_a_comment_of_nobody():
    comment = IssueComment.model_validate({"id": "1", "created": CREATED, "author": None})
    issue = Issue.model_validate({"key": "A-1", "fields": {}})
    assert ticket_of(issue, (comment,), site="").comments[0].author == "anonymous"
