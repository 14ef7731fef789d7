"""What is asked for: a ticket, wherever it is kept."""

import re
import unicodedata
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from mergewright.domain.value import Value

TicketKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,31}-[0-9]{1,9}$")]

MAX_SLUG_LENGTH = 40
IMAGE_TYPES = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})
"""Source: platform.claude.com/docs/en/build-with-claude/vision, 2026-11-20."""


class TicketKind(StrEnum):
    """What sort of change a ticket asks for."""

    BUG = "bug"
    FEATURE = "feature"
    TASK = "task"
    DOCUMENTATION = "documentation"


class StatusCategory(StrEnum):
    """Where a ticket stands, whatever its tracker calls its statuses."""

    TO_DO = "to do"
    IN_PROGRESS = "in progress"
    IN_REVIEW = "in review"
    DONE = "done"


class Comment(Value):
    """What somebody said about a ticket."""

    author: str
    body: str
    created_at: AwareDatetime


class TicketSummary(Value):
    """Another ticket in short: a parent, a subtask, one of a list."""

    key: TicketKey
    title: str = ""
    kind: TicketKind = TicketKind.TASK
    status: StatusCategory = StatusCategory.TO_DO
    url: str = ""
    """Where a person finds it."""


class Attachment(Value):
    """A file that hangs on a ticket."""

    name: str
    media_type: str = ""
    size_bytes: int = 0
    text: str = ""
    """What is in it, if it is text and not too long: untrusted."""
    url: str = ""
    """Where a person finds it."""
    picture: str = ""
    """SHA-256 of what agents are shown of it; empty when they are shown no picture."""
    unseen: str = ""
    """Why agents are not shown what is given out as a picture, in words."""

    @property
    def is_image(self) -> bool:
        """Whether it is a picture that a model can look at."""
        return self.media_type in IMAGE_TYPES


class TicketLevel(StrEnum):
    """How large a piece of work a ticket is."""

    EPIC = "epic"
    STANDARD = "standard"
    """A story, task or bug."""
    SUBTASK = "subtask"


class TicketDraft(Value):
    """A ticket that is to be made."""

    project: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,31}$")
    """Key of the project it belongs to."""
    title: str = Field(min_length=1, max_length=250)
    description: str = ""
    """Markdown."""
    level: TicketLevel = TicketLevel.STANDARD
    kind: TicketKind = TicketKind.TASK
    issue_type: str = ""
    """Name of the tracker's own type; empty takes one that fits level and kind."""
    parent: TicketKey | None = None
    """The epic of a story, or the story of a subtask."""
    labels: tuple[str, ...] = ()
    components: tuple[str, ...] = ()


class Ticket(Value):
    """What is asked for, by whom, and when it counts as done."""

    key: TicketKey
    title: str = Field(min_length=1, max_length=300)
    description: str
    """Markdown, as its author wrote it: untrusted."""
    kind: TicketKind = TicketKind.TASK
    status: StatusCategory = StatusCategory.TO_DO
    acceptance_criteria: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    priority: str = ""
    reporter: str = ""
    links: tuple[str, ...] = ()
    comments: tuple[Comment, ...] = ()
    url: str = ""
    """Where a person finds the ticket."""
    parent: TicketSummary | None = None
    """The ticket that this one is a part of."""
    epic: TicketSummary | None = None
    """The epic that this ticket belongs to; the parent may be the same."""
    subtasks: tuple[TicketSummary, ...] = ()
    components: tuple[str, ...] = ()
    story_points: float | None = None
    team: str = ""
    severity: str = ""
    watchers: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    @property
    def slug(self) -> str:
        """The title as a short lower-case part of a branch name."""
        plain = unicodedata.normalize("NFKD", self.title).encode("ascii", "ignore").decode()
        words = re.findall(r"[a-z0-9]+", plain.lower())
        slug = ""
        for word in words:
            longer = f"{slug}-{word}" if slug else word
            if len(longer) > MAX_SLUG_LENGTH:
                break
            slug = longer
        return slug or "change"
