"""Making a ticket that a person asks for: what is asked for, and what came of it."""

from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from pydantic import Field

from mergewright.domain.profile_name import PROFILE_NAME, ProfileName
from mergewright.domain.ticket import TicketDraft, TicketKey, TicketKind, TicketLevel
from mergewright.domain.value import Value

WORKFLOW = "ticket_new"
STAGE = "ticket-new"
"""Stage of all events about making a ticket."""

TICKET = "ticket"
"""The effect that a ticket is made."""
RELATION = "ticket relation"
"""The effect that a ticket is linked to another one."""


class AskedKind(StrEnum):
    """What a person calls the ticket that is to be made."""

    EPIC = "epic"
    STORY = "story"
    TASK = "task"
    BUG = "bug"
    SUBTASK = "subtask"


class _Meaning(NamedTuple):
    level: TicketLevel
    kind: TicketKind
    issue_type: str = ""
    """The tracker's own type that must be there; of an epic and a subtask the level says it."""


_MEANINGS = MappingProxyType(
    {
        AskedKind.EPIC: _Meaning(TicketLevel.EPIC, TicketKind.FEATURE),
        AskedKind.STORY: _Meaning(TicketLevel.STANDARD, TicketKind.FEATURE, "Story"),
        AskedKind.TASK: _Meaning(TicketLevel.STANDARD, TicketKind.TASK, "Task"),
        AskedKind.BUG: _Meaning(TicketLevel.STANDARD, TicketKind.BUG, "Bug"),
        AskedKind.SUBTASK: _Meaning(TicketLevel.SUBTASK, TicketKind.TASK),
    }
)


class TicketNewRequest(Value):
    """Make a ticket, and link it to others."""

    title: str = Field(
        title="Title",
        max_length=250,
        pattern=r"\S",
        description="One line that says what is wanted.",
        json_schema_extra={"position": 0},
    )
    kind: AskedKind = Field(
        default=AskedKind.TASK,
        title="Kind",
        description="epic, story, task, bug or subtask.",
        json_schema_extra={"position": 1},
    )
    description: str = Field(
        default="",
        title="Description",
        max_length=30_000,
        description="Markdown: what should be different, and why.",
        json_schema_extra={"position": 2},
    )
    project: str = Field(
        default="",
        title="Project",
        pattern=r"^([A-Za-z][A-Za-z0-9_]{0,31})?$",
        description="Key of the project; empty takes the parent's, or else the profile's.",
        json_schema_extra={"position": 3},
    )
    parent: TicketKey | None = Field(
        default=None,
        title="Parent",
        description="Key of the epic of a story, or of the story of a subtask.",
        json_schema_extra={"position": 4},
    )
    links: tuple[TicketKey, ...] = Field(
        default=(),
        title="Links",
        description="Keys of other tickets that it is linked to.",
        json_schema_extra={"position": 5},
    )
    link_as: str = Field(
        default="relates to",
        title="Linked as",
        min_length=1,
        max_length=100,
        description="What the links say: blocks, is blocked by, relates to.",
        json_schema_extra={"position": 6},
    )
    labels: tuple[str, ...] = Field(
        default=(), title="Labels", description="Its labels.", json_schema_extra={"position": 7}
    )
    components: tuple[str, ...] = Field(
        default=(),
        title="Components",
        description="Its components.",
        json_schema_extra={"position": 8},
    )
    profile: ProfileName = Field(
        default="local",
        title="Delivery profile",
        pattern=PROFILE_NAME,
        description="Whose tracker it is made in.",
        json_schema_extra={"position": 9},
    )
    fresh: bool = Field(
        default=False,
        title="Another one",
        description="Make another ticket although the same one was made before.",
        json_schema_extra={"position": 10},
    )
    dry_run: bool = Field(
        default=False,
        title="Dry run",
        description="Look whether it could be made, and make nothing.",
        json_schema_extra={"position": 11},
    )

    def draft(self, default_project: str) -> TicketDraft:
        """Return the ticket that is to be made.

        Args:
            default_project: The project where neither this nor the parent says one.
        """
        above = self.parent.rpartition("-")[0] if self.parent else ""
        meaning = _MEANINGS[self.kind]
        return TicketDraft(
            project=(self.project or above or default_project).upper(),
            title=" ".join(self.title.split()),
            description=self.description,
            level=meaning.level,
            kind=meaning.kind,
            issue_type=meaning.issue_type,
            parent=self.parent,
            labels=self.labels,
            components=self.components,
        )


class TicketMade(Value):
    """What came of making a ticket."""

    draft: TicketDraft
    run_id: str = ""
    """The run whose effects it is: `mergewright undo` takes it back by this."""
    key: str = ""
    """Empty in a dry run."""
    url: str = ""
    is_new: bool = False
    """Whether this very command made it."""
    relations: tuple[str, ...] = ()
    """What its links say."""
    dry_run: bool = False
