"""Looking for tickets that are ready, in trackers that tell nobody: what is asked for, what was seen."""

from typing import Final, Literal

from pydantic import ConfigDict, Field, field_validator

from mergewright.domain.logged_event import BESIDE_RUNS, LoggedEvent
from mergewright.domain.profile_name import PROFILE_NAME, ProfileName
from mergewright.domain.requests import without_credential
from mergewright.domain.value import Value

POLLS: Final = f"{BESIDE_RUNS}tickets-poll"
"""Below which id the log keeps what polls saw."""
BEGINS: Final = "on-event/ticket-ready"
"""Deployment that works on tickets unless another one is named."""
MAX_BEGUN: Final = 50
"""Most tickets that one poll begins."""


class TicketSeen(LoggedEvent):
    """A poll saw a ticket that is ready and is to be begun, or that is ready no more.

    Its natural key is the `event_id` of the run that works on it.
    """

    type: Literal["ticket_seen"] = "ticket_seen"
    profile: str
    query: str
    """What it was found by, and is missed by."""
    ticket: str
    """Key of the ticket."""
    ready: bool
    said: dict[str, str] = Field(default_factory=dict)
    """What whoever works on it reads in place of what an event says."""
    repository: str = ""
    """Where it is worked on, as far as that is known: so many runs there are at once."""


class TicketsPollRequest(Value):
    """Ask a tracker for tickets, and begin the work on those that are ready, once each."""

    # What is refused may be a password: no error repeats it.
    model_config = ConfigDict(hide_input_in_errors=True)

    query: str = Field(
        title="Query",
        min_length=1,
        max_length=2000,
        pattern=r"\S",
        description=(
            "In the tracker's own language: JQL for Jira, search words such as label:ready for"
            " GitHub and for a ticket folder. What it finds and is still to do is ready."
        ),
        json_schema_extra={"position": 0},
    )
    profile: ProfileName = Field(
        default="local",
        title="Delivery profile",
        pattern=PROFILE_NAME,
        description="Name of the delivery profile whose tracker is asked.",
        json_schema_extra={"position": 1},
    )
    repository: str = Field(
        default="",
        title="Repository",
        max_length=1000,
        description=(
            "Path or URL of the git repository to change; empty leaves it to the deployment, or to"
            " the profile's table."
        ),
        json_schema_extra={"position": 2},
    )
    begins: str = Field(
        default=BEGINS,
        title="Begins",
        pattern=r"^on-event/[a-z0-9][a-z0-9-]*$",
        description="Deployment that works on a ticket: its rule says with which workflow.",
        json_schema_extra={"position": 3},
    )
    limit: int = Field(
        default=5,
        title="At most",
        ge=1,
        le=MAX_BEGUN,
        description="How many tickets one poll begins; the next poll begins further ones.",
        json_schema_extra={"position": 4},
    )
    dry_run: bool = Field(
        default=False,
        title="Dry run",
        description="Say what would be begun, and begin nothing.",
        json_schema_extra={"position": 5},
    )

    @field_validator("repository")
    @classmethod
    def _without_credential(cls, address: str) -> str:
        return without_credential(address)


PollOutcome = Literal[
    "begun", "would be begun", "waits", "under way", "worked on", "not ready", "given up"
]
"""`waits`: for a later poll; `worked on`: by a run, and it was nowhere else since; `given up`: what
was to work on it ended several times before it began."""


class PolledTicket(Value):
    """A ticket that a poll found, and what became of it."""

    key: str
    title: str = ""
    outcome: PollOutcome
    reason: str
    """Why, in words."""
    flow_run_id: str = ""
    """Prefect's run that works on it, where one was begun."""


class TicketsPollReport(Value):
    """What one poll found and began."""

    query: str
    profile: str
    dry_run: bool
    tickets: tuple[PolledTicket, ...] = ()
    more: bool = False
    """Whether the query finds more tickets than a poll looks at."""

    @property
    def begun(self) -> tuple[PolledTicket, ...]:
        """Those that were begun, or would be."""
        return tuple(one for one in self.tickets if one.outcome in {"begun", "would be begun"})
