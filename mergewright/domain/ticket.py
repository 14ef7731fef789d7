"""What is asked for: a ticket, wherever it is kept."""

import re
import unicodedata
from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, Field, StringConstraints

from mergewright.domain.value import Value

TicketKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,31}-[0-9]{1,9}$")]

MAX_SLUG_LENGTH = 40


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
