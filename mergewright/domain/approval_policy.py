"""Who may say yes to what a run asks, how many of them it takes, and until when: a rule as data."""

from datetime import timedelta
from typing import Self

from pydantic import Field, model_validator

from mergewright.domain.value import Value

MOST_NEEDED = 10
NEVER = timedelta(0)


class ApprovalPolicy(Value):
    """Who may approve, how many people must, and how long there is for it."""

    approvers: tuple[str, ...] = ()
    """Names, mail addresses or accounts of people, or groups of the profile's directory; empty is
    anyone."""
    never_requester: bool = False
    """Whether the person who asked for the run may not approve it."""
    needed: int = Field(default=1, ge=1, le=MOST_NEEDED)
    """How many different people must approve; one who rejects is enough."""
    expires_after: timedelta = Field(default=timedelta(days=7), gt=NEVER, le=timedelta(days=365))
    """How long a question may be answered; without an answer the run ends, and can be gone on with."""
    remind_after: timedelta = Field(default=timedelta(days=1), ge=NEVER)
    """After how long without an answer people are told again, each time; zero is never."""
    rounds: int = Field(default=2, ge=0, le=5)
    """How often what was rejected goes back to the agent with the reason before the run ends."""

    @model_validator(mode="after")
    def _can_be_met(self) -> Self:
        names = [name.strip().casefold() for name in self.approvers]
        if "" in names:
            raise ValueError("an approver has an empty name")
        if len(set(names)) < len(names):
            raise ValueError("an approver is named twice")
        return self
