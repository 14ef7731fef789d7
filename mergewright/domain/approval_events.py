"""What the log holds of questions to people and of their answers.

Fields are only ever added, with a default: a question and an answer of an older log mean what they
meant.
"""

from typing import Literal

from pydantic import AwareDatetime, Field

from mergewright.domain.approval_identity import Identity
from mergewright.domain.logged_event import Json, LoggedEvent


class ApprovalRequested(LoggedEvent):
    """A person is asked."""

    type: Literal["approval_requested"] = "approval_requested"
    point: str
    digest: str
    """SHA-256 of what is to be approved: all of it, rules included."""
    subject: str
    """Markdown that shows it."""
    number: int = Field(default=0, ge=0)
    """How often the same was asked before, and nobody answered in time."""
    plan: Json = Field(default_factory=dict)
    """The plan, where it may be edited in the answer."""
    bound: Json = Field(default_factory=dict)
    """What the digest is made of besides the text: digests of plan and diff, costs, target, rules."""
    needed: int = Field(default=1, ge=1)
    """How many different people must approve."""
    approvers: tuple[Identity, ...] | None = None
    """Who may approve; None is anyone."""
    excluded: tuple[Identity, ...] = ()
    """Who may not."""
    expires_at: AwareDatetime | None = None
    """From when on no answer counts; None is never."""
    remind_seconds: float = Field(default=0, ge=0)
    """After how long without an answer people are told again, each time; 0 is never."""


class ApprovalDecided(LoggedEvent):
    """A person answered."""

    type: Literal["approval_decided"] = "approval_decided"
    point: str
    digest: str
    approved: bool
    by: str
    """Who it was, in words."""
    door: str
    """Where the answer was given: `terminal`, `command`, `form` ..."""
    comment: str = ""
    question: str = ""
    """Natural key of the question; empty in answers to questions that were asked only once."""
    person: Identity | None = None
    """Who it was; None where the door did not say, as in older logs."""
    ends: bool = False
    """Whether a no ends the run; else its reason goes back to the agent."""
    plan: Json = Field(default_factory=dict)
    """The plan as the person edited it; empty when they did not."""


class ApprovalAwaited(LoggedEvent):
    """The run let go of its process until a person has answered."""

    type: Literal["approval_awaited"] = "approval_awaited"
    point: str
    digest: str
    flow_run_id: str = ""
    """Prefect's run that is suspended, and goes on with the answer; empty when a person goes on."""


class ApprovalExpired(LoggedEvent):
    """Nobody answered in time; the same question may be asked once more."""

    type: Literal["approval_expired"] = "approval_expired"
    point: str
    digest: str
