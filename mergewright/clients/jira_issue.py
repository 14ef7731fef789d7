"""What Jira's answers about issues hold.

Source: issue, comment and status forms of Jira Cloud's REST v3 description (2026-11) and of Jira
Server 9.12's v2 pages; status categories have the same keys in every language.
"""

from typing import Any

from pydantic import AliasChoices, AwareDatetime, ConfigDict, Field

from mergewright.clients.adf_markdown import to_markdown
from mergewright.clients.answer_forms import Form
from mergewright.clients.wiki_reading import wiki_to_markdown
from mergewright.domain.ticket import StatusCategory

FIELDS = (
    "summary,description,issuetype,status,labels,priority,reporter,issuelinks,"
    "parent,subtasks,components,attachment,watches"
)
SUMMARY_FIELDS = "summary,issuetype,status"
MARKER_PROPERTY = "mergewright"

_CATEGORIES = {"indeterminate": StatusCategory.IN_PROGRESS, "done": StatusCategory.DONE}
_REVIEW = "review"


class Answer(Form):
    """Something in an answer of Jira; an id may be a number."""

    model_config = ConfigDict(coerce_numbers_to_str=True)


class Person(Answer):
    """Somebody with an account; which of the names are there depends on Jira and on privacy."""

    display_name: str = Field(default="", alias="displayName")
    account: str = Field(default="", validation_alias=AliasChoices("accountId", "key", "name"))

    @property
    def shown_name(self) -> str:
        """What people call them."""
        return self.display_name or self.account or "unknown"


class Named(Answer):
    """A priority or an issue type."""

    name: str = ""
    untranslated: str = Field(default="", alias="untranslatedName")
    level: int = Field(default=0, alias="hierarchyLevel")
    """Of an issue type on Cloud: an epic is 1, a subtask -1."""

    @property
    def is_epic(self) -> bool:
        """Whether it is the type of an epic."""
        return self.level == 1 or "epic" in f"{self.untranslated} {self.name}".casefold()


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
    """What is known about another issue: the end of a link, a parent, a subtask."""

    summary: str = ""
    status: Status = Field(default_factory=Status)
    kind: Named | None = Field(default=None, alias="issuetype")


class LinkedIssue(Answer):
    """Another issue, in short."""

    key: str = ""
    fields: LinkedFields = Field(default_factory=LinkedFields)


class LinkType(Answer):
    """What a link means, read from either end."""

    name: str = ""
    inward: str = "relates to"
    outward: str = "relates to"


class IssueLink(Answer):
    """A link between two issues: one end is this one."""

    id: str = ""
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


class StoredFile(Answer):
    """A file that hangs on an issue."""

    id: str
    name: str = Field(default="", alias="filename")
    media_type: str = Field(default="", alias="mimeType")
    size_bytes: int = Field(default=0, alias="size")
    author: Person | None = None


class Watching(Answer):
    """How many people watch an issue."""

    count: int = Field(default=0, alias="watchCount")


class Fields(Answer):
    """The fields that are asked for; those of a project's own are among the extra ones."""

    model_config = ConfigDict(extra="allow")

    summary: str = ""
    description: Any = None
    kind: Named | None = Field(default=None, alias="issuetype")
    status: Status = Field(default_factory=Status)
    labels: tuple[str, ...] = ()
    priority: Named | None = None
    reporter: Person | None = None
    creator: Person | None = None
    links: tuple[IssueLink, ...] = Field(default=(), alias="issuelinks")
    parent: LinkedIssue | None = None
    subtasks: tuple[LinkedIssue, ...] = ()
    components: tuple[Named, ...] = ()
    files: tuple[StoredFile, ...] = Field(default=(), alias="attachment")
    watching: Watching = Field(default_factory=Watching, alias="watches")

    def own(self, field: str) -> object:
        """Return the value of a field by its id, as `customfield_10016`; None when it is empty."""
        return (self.model_extra or {}).get(field)


class Change(Answer):
    """Something that somebody changed."""

    author: Person | None = None


class Changes(Answer):
    """What was changed since an issue was made."""

    histories: tuple[Change, ...] = ()


class Issue(Answer):
    """An issue."""

    key: str
    fields: Fields
    changes: Changes = Field(default_factory=Changes, alias="changelog")


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


def text_of(body: object) -> str:
    """Return a rich text of Jira as Markdown: a document on Cloud, wiki markup on Server."""
    return wiki_to_markdown(body) if isinstance(body, str) else to_markdown(body)
