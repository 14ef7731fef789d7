"""A Jira issue as a ticket: what of it a ticket keeps."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from mergewright.clients.jira_issue import Issue, IssueComment, LinkedIssue, Named, text_of
from mergewright.clients.ticket_file import criteria_of, is_key
from mergewright.domain.ticket import Comment, Ticket, TicketKind, TicketSummary

MAX_TITLE_CHARACTERS = 300

_KINDS = (
    (TicketKind.BUG, ("bug", "defect", "incident", "fault", "error", "problem")),
    (TicketKind.DOCUMENTATION, ("doc",)),
    (TicketKind.FEATURE, ("story", "feature", "improvement", "enhancement", "epic")),
)


def ticket_of(
    issue: Issue,
    comments: tuple[IssueComment, ...],
    *,
    site: str,
    values: Mapping[str, Any] = MappingProxyType({}),
) -> Ticket:
    """Return the ticket that an issue is.

    Args:
        issue: The issue.
        comments: Its comments in their order.
        site: Address of Jira.
        values: What the project's own fields say, by the names of a ticket's fields.
    """
    fields = issue.fields
    description = text_of(fields.description)
    criteria = (*values.get("acceptance_criteria", ()), *criteria_of(description))
    parent = summary_of(fields.parent, site=site) if fields.parent else None
    is_of_epic = fields.parent and fields.parent.fields.kind and fields.parent.fields.kind.is_epic
    facts: dict[str, Any] = {
        "parent": parent,
        "epic": parent if is_of_epic else None,
        **values,
        "acceptance_criteria": tuple(dict.fromkeys(criteria)),
    }
    return Ticket(
        key=issue.key,
        title=(" ".join(fields.summary.split()) or issue.key)[:MAX_TITLE_CHARACTERS],
        description=description,
        kind=kind_of(fields.kind),
        status=fields.status.stands_for,
        labels=fields.labels,
        priority=fields.priority.name if fields.priority else "",
        reporter=fields.reporter.shown_name if fields.reporter else "",
        links=tuple(link.text for link in fields.links if link.text),
        comments=tuple(_comment_of(comment) for comment in comments),
        url=f"{site}/browse/{issue.key}",
        subtasks=tuple(filter(None, (summary_of(one, site=site) for one in fields.subtasks))),
        components=tuple(one.name for one in fields.components if one.name),
        **facts,
    )


def summary_of(issue: LinkedIssue, *, site: str) -> TicketSummary | None:
    """Return another issue in short; None when nothing of it may be seen."""
    if not is_key(issue.key):
        return None
    return TicketSummary(
        key=issue.key,
        title=" ".join(issue.fields.summary.split())[:MAX_TITLE_CHARACTERS],
        kind=kind_of(issue.fields.kind),
        status=issue.fields.status.stands_for,
        url=f"{site}/browse/{issue.key}",
    )


def _comment_of(comment: IssueComment) -> Comment:
    author = comment.author.shown_name if comment.author else "anonymous"
    return Comment(author=author, body=text_of(comment.body), created_at=comment.created_at)


def kind_of(issue_type: Named | None) -> TicketKind:
    """Return what sort of change an issue type stands for."""
    names = f"{issue_type.untranslated} {issue_type.name}".casefold() if issue_type else ""
    for kind, words in _KINDS:
        if any(word in names for word in words):
            return kind
    return TicketKind.TASK
