"""A Jira issue as a ticket: what Jira's answers hold, and what of it a ticket keeps.

Source: issue, comment and status forms of Jira Cloud's REST v3 description (2026-11) and of Jira
Server 9.12's v2 pages; status categories have the same keys in every language.
"""

from typing import Any

from pydantic import AliasChoices, AwareDatetime, BaseModel, Field, model_validator

from mergewright.clients.adf_markdown import to_markdown
from mergewright.clients.ticket_file import criteria_of
from mergewright.clients.wiki_reading import wiki_to_markdown
from mergewright.domain.ticket import Comment, StatusCategory, Ticket, TicketKind

FIELDS = "summary,description,issuetype,status,labels,priority,reporter,issuelinks"
MARKER_PROPERTY = "mergewright"
MAX_TITLE_CHARACTERS = 300

_CATEGORIES = {"indeterminate": StatusCategory.IN_PROGRESS, "done": StatusCategory.DONE}
_REVIEW = "review"
_KINDS = (
    (TicketKind.BUG, ("bug", "defect", "incident", "fault", "error", "problem")),
    (TicketKind.DOCUMENTATION, ("doc",)),
    (TicketKind.FEATURE, ("story", "feature", "improvement", "enhancement", "epic")),
)


class Answer(BaseModel):
    """Something in an answer of Jira; what is null there is left out."""

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        return {name: held for name, held in value.items() if held is not None}


class Person(Answer):
    """Somebody with an account; which of the names are there depends on Jira and on privacy."""

    display_name: str = Field(default="", alias="displayName")
    account: str = Field(default="", validation_alias=AliasChoices("accountId", "key", "name"))


class Named(Answer):
    """A priority or an issue type."""

    name: str = ""
    untranslated: str = Field(default="", alias="untranslatedName")


class Category(Answer):
    """Jira's category of a status."""

    key: str = ""


class Status(Answer):
    """A status of a workflow."""

    name: str = ""
    category: Category = Field(default_factory=Category, alias="statusCategory")

    @property
    def stands_for(self) -> StatusCategory:
        """Where a ticket in this status stands."""
        found = _CATEGORIES.get(self.category.key, StatusCategory.TO_DO)
        if found is StatusCategory.IN_PROGRESS and _REVIEW in self.name.casefold():
            return StatusCategory.IN_REVIEW
        return found


class LinkedFields(Answer):
    """What is known about the other end of a link."""

    summary: str = ""


class LinkedIssue(Answer):
    """The other end of a link."""

    key: str = ""
    fields: LinkedFields = Field(default_factory=LinkedFields)


class LinkType(Answer):
    """What a link means, read from either end."""

    inward: str = "relates to"
    outward: str = "relates to"


class IssueLink(Answer):
    """A link between two issues: one end is this one."""

    type: LinkType = Field(default_factory=LinkType)
    inward: LinkedIssue | None = Field(default=None, alias="inwardIssue")
    outward: LinkedIssue | None = Field(default=None, alias="outwardIssue")

    @property
    def text(self) -> str:
        """What a person reads: `blocks ABC-2: its title`."""
        other = self.outward or self.inward
        if other is None or not other.key:
            return ""
        meaning = self.type.outward if self.outward else self.type.inward
        title = " ".join(other.fields.summary.split())
        return f"{meaning} {other.key}: {title}" if title else f"{meaning} {other.key}"


class Fields(Answer):
    """The fields that are asked for."""

    summary: str = ""
    description: Any = None
    kind: Named | None = Field(default=None, alias="issuetype")
    status: Status = Field(default_factory=Status)
    labels: tuple[str, ...] = ()
    priority: Named | None = None
    reporter: Person | None = None
    links: tuple[IssueLink, ...] = Field(default=(), alias="issuelinks")


class Issue(Answer):
    """An issue."""

    key: str
    fields: Fields


class Property(Answer):
    """A value that an application keeps with a comment; people do not see it."""

    key: str = ""
    value: Any = None


class IssueComment(Answer):
    """A comment."""

    id: str
    author: Person | None = None
    body: Any = None
    created_at: AwareDatetime = Field(alias="created")
    properties: tuple[Property, ...] = ()

    @property
    def marker(self) -> str:
        """The marker we gave it; empty when it has none."""
        for kept in self.properties:
            if kept.key == MARKER_PROPERTY and isinstance(kept.value, dict):
                return str(kept.value.get("marker", ""))
        return ""


class CommentPage(Answer):
    """Some of an issue's comments."""

    comments: tuple[IssueComment, ...]
    total: int = 0


def ticket_of(issue: Issue, comments: tuple[IssueComment, ...], *, url: str) -> Ticket:
    """Return the ticket that an issue is.

    Args:
        issue: The issue.
        comments: Its comments in their order.
        url: Where a person finds it.
    """
    fields = issue.fields
    description = text_of(fields.description)
    return Ticket(
        key=issue.key,
        title=(" ".join(fields.summary.split()) or issue.key)[:MAX_TITLE_CHARACTERS],
        description=description,
        kind=_kind_of(fields.kind),
        status=fields.status.stands_for,
        acceptance_criteria=tuple(dict.fromkeys(criteria_of(description))),
        labels=fields.labels,
        priority=fields.priority.name if fields.priority else "",
        reporter=_name_of(fields.reporter) if fields.reporter else "",
        links=tuple(link.text for link in fields.links if link.text),
        comments=tuple(_comment_of(comment) for comment in comments),
        url=url,
    )


def text_of(body: object) -> str:
    """Return a rich text of Jira as Markdown: a document on Cloud, wiki markup on Server."""
    return wiki_to_markdown(body) if isinstance(body, str) else to_markdown(body)


def _comment_of(comment: IssueComment) -> Comment:
    author = _name_of(comment.author) if comment.author else "anonymous"
    return Comment(author=author, body=text_of(comment.body), created_at=comment.created_at)


def _name_of(person: Person) -> str:
    return person.display_name or person.account or "unknown"


def _kind_of(issue_type: Named | None) -> TicketKind:
    names = f"{issue_type.untranslated} {issue_type.name}".casefold() if issue_type else ""
    for kind, words in _KINDS:
        if any(word in names for word in words):
            return kind
    return TicketKind.TASK
