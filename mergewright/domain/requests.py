"""What a person asks a workflow for: one parameter model per flow, shown as a form."""

import re
from enum import StrEnum

from pydantic import ConfigDict, Field, field_validator

from mergewright.domain.profile_name import PROFILE_NAME, ProfileName
from mergewright.domain.value import Value

DEFAULT_BASE = "main"
MODEL_PATTERN = r"^$|^[a-z0-9_]+:.+$"


class ApprovalPoint(StrEnum):
    """Where a run stops and asks a person."""

    PLAN = "plan"
    CHANGE = "change"
    """After the checks and the review."""
    PUBLISH = "publish"
    """Right before anything is seen by others."""


class OnFailure(StrEnum):
    """What becomes of what a run did outside when it fails."""

    KEEP = "keep"
    UNDO = "undo"


def without_credential(address: str) -> str:
    """Return a repository's address.

    Raises:
        ValueError: It carries a credential.
    """
    found = re.match(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<user>[^/?#]*)@", address)
    if found and (":" in found["user"] or found["scheme"].lower() != "ssh"):
        raise ValueError(
            "the address carries a credential: take it out, and keep it in the profile"
        )
    return address


class DeliveryRequest(Value):
    """What every workflow that delivers a change is asked for."""

    # What is refused may be a password: no error repeats it.
    model_config = ConfigDict(hide_input_in_errors=True)

    ticket: str = Field(
        title="Ticket",
        min_length=1,
        max_length=500,
        description=(
            "Key in the profile's tracker, as SHOP-7, or path of a Markdown file with front matter."
        ),
        json_schema_extra={"position": 0},
    )
    repository: str = Field(
        default="",
        title="Repository",
        max_length=1000,
        description=(
            "Path or URL of the git repository to change; empty takes the one that the profile's"
            " table has for the ticket."
        ),
        json_schema_extra={"position": 10},
    )
    base: str = Field(
        default=DEFAULT_BASE,
        title="Base branch",
        min_length=1,
        max_length=200,
        description=(
            "Branch that the pull request is meant for. Left as it is, with no repository named: the"
            " one of the profile's table."
        ),
        json_schema_extra={"position": 20},
    )
    profile: ProfileName = Field(
        default="local",
        title="Delivery profile",
        pattern=PROFILE_NAME,
        description=(
            "Your team's tracker, code host, wiki, messengers, models and policy; local needs no"
            " account."
        ),
        json_schema_extra={"position": 30},
    )
    budget_usd: float = Field(
        default=3.0,
        title="Budget in USD",
        gt=0,
        le=1000,
        description="The run never spends more on model calls than this; at most 1000.",
        json_schema_extra={"position": 40},
    )
    approve: tuple[ApprovalPoint, ...] = Field(
        default=(),
        title="Ask for approval",
        description=(
            "Stop and ask a person about the plan, about the change, before anything is published,"
            " or at several of these."
        ),
        json_schema_extra={"position": 50},
    )
    model: str = Field(
        default="",
        title="Model",
        pattern=MODEL_PATTERN,
        description=(
            "One for every agent, as anthropic:NAME, or recorded:CASSETTE; empty takes the profile's,"
            " by how hard the work is."
        ),
        json_schema_extra={"position": 60},
    )
    max_repair_rounds: int = Field(
        default=2,
        title="Repair rounds",
        ge=0,
        le=5,
        description=(
            "How often failed checks or review findings go back to the implementation agent: 0 to 5."
        ),
        json_schema_extra={"position": 70},
    )
    dry_run: bool = Field(
        default=False,
        title="Dry run",
        description="Do the work and run the gates, but publish nothing.",
        json_schema_extra={"position": 80},
    )
    fresh: bool = Field(
        default=False,
        title="Start afresh",
        description="Do not continue an interrupted run of the same request.",
        json_schema_extra={"position": 90},
    )
    accept_drift: bool = Field(
        default=False,
        title="Accept drift",
        description=(
            "Go on with an interrupted run although prompts, models, policy or version changed."
        ),
        json_schema_extra={"position": 100},
    )
    on_failure: OnFailure = Field(
        default=OnFailure.KEEP,
        title="On failure",
        description="What becomes of what was published when the run fails: keep it, or undo it.",
        json_schema_extra={"position": 110},
    )
    requested_by: str = Field(
        default="",
        title="Requested by",
        max_length=200,
        description=(
            "Who asks for it, as Ada Moreau <ada@example.org>; empty is who starts it, where that is"
            " known. Some approvals must be given by somebody else."
        ),
        json_schema_extra={"position": 120},
    )

    @field_validator("repository")
    @classmethod
    def _without_credential(cls, address: str) -> str:
        return without_credential(address)

    def identity(self) -> dict[str, str]:
        """What tells two requests of this workflow apart besides what all workflows have."""
        return {}

    def with_table_base(self, base: str) -> dict[str, str]:
        """What becomes of the request where the profile's table names a base for the ticket."""
        return {"base": base} if self.base == DEFAULT_BASE else {}

    def policy_name(self) -> str:
        """Workflow whose policy holds, where it is not the flow's own; else empty."""
        return ""


class StandardDevRequest(DeliveryRequest):
    """Take a ticket to a reviewed pull request."""


class FollowUpRequest(Value):
    """Answer people's review comments on the pull request of a run."""

    run_id: str = Field(
        title="Run",
        pattern=r"^[a-z0-9][a-z0-9-]{2,80}$",
        description="Id of the run that opened the pull request, or of a later follow-up.",
        json_schema_extra={"position": 0},
    )
    budget_usd: float = Field(
        default=3.0,
        title="Budget in USD",
        gt=0,
        le=1000,
        description="The follow-up never spends more on model calls than this; at most 1000.",
        json_schema_extra={"position": 1},
    )
    approve: tuple[ApprovalPoint, ...] = Field(
        default=(),
        title="Ask for approval",
        description=(
            "Stop and ask a person about the change, or before anything is published; there is no"
            " plan to ask about."
        ),
        json_schema_extra={"position": 2},
    )
    profile: ProfileName = Field(
        default="",
        title="Delivery profile",
        pattern=rf"^$|{PROFILE_NAME}",
        description="Left as it is: that of the run.",
        json_schema_extra={"position": 3},
    )
    model: str = Field(
        default="",
        title="Model",
        pattern=MODEL_PATTERN,
        description="One for every agent, as anthropic:NAME; empty takes that of the run.",
        json_schema_extra={"position": 4},
    )
    max_repair_rounds: int = Field(
        default=2,
        title="Repair rounds",
        ge=1,
        le=5,
        description=(
            "How often the implementation agent may work on it, the first time included: 1 to 5."
        ),
        json_schema_extra={"position": 5},
    )
    dry_run: bool = Field(
        default=False,
        title="Dry run",
        description="Do the work and run the gates, but push and answer nothing.",
        json_schema_extra={"position": 6},
    )
    fresh: bool = Field(
        default=False,
        title="Start afresh",
        description="Do not continue an interrupted follow-up of the same run.",
        json_schema_extra={"position": 7},
    )
    accept_drift: bool = Field(
        default=False,
        title="Accept drift",
        description=(
            "Go on with an interrupted follow-up although prompts, models, policy or version changed."
        ),
        json_schema_extra={"position": 8},
    )
    requested_by: str = Field(
        default="",
        title="Requested by",
        max_length=200,
        description="Who asks for it, as Ada Moreau <ada@example.org>; empty is who starts it.",
        json_schema_extra={"position": 9},
    )


class FollowUpWork(DeliveryRequest):
    """A follow-up as the run that it goes on with tells it."""

    # What a flow's own request has beyond all others' is of no use here.
    model_config = ConfigDict(extra="ignore")

    follows: str
    """Id of that run."""
    policy: str = ""
    """Workflow whose policy holds for it: that of the run it goes on with."""

    def identity(self) -> dict[str, str]:
        """What tells two follow-ups apart: whose pull request they go on with."""
        return {"follows": self.follows}

    def policy_name(self) -> str:
        """Workflow of the run that it goes on with."""
        return self.policy
