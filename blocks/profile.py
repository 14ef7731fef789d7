"""The delivery profile: one of each service, the models, the budget and the policy of a team."""

from collections.abc import Mapping
from typing import Self

from prefect.blocks.core import Block
from prefect.client.schemas.objects import BlockDocument
from prefect_github import GitHubCredentials
from pydantic import Field, PositiveFloat

from blocks.credentials import DOCUMENTATION_URL, AnthropicCredentials
from blocks.services import (
    ConsoleMessenger,
    JiraProject,
    PageFolder,
    PullRequestFolder,
    SlackChannelMessenger,
    TicketFolder,
)
from mergewright.errors import BlockMissing
from mergewright.routing.tiers import DEFAULT_ROUTES, Tier
from mergewright.safety.policy import ChangePolicy


class DeliveryProfile(Block):
    """One of each service, the models, the budget and the policy that a team's runs use."""

    _block_type_name = "Mergewright Delivery Profile"
    _block_type_slug = "mergewright-delivery-profile"
    _documentation_url = DOCUMENTATION_URL
    _description = "Tracker, code host, wiki, messenger, models, budget and policy of a team."

    tracker: TicketFolder | JiraProject = Field(
        default_factory=TicketFolder, description="Where tickets are."
    )
    code_host: PullRequestFolder = Field(
        default_factory=PullRequestFolder, description="Where pull requests are."
    )
    wiki: PageFolder = Field(
        default_factory=PageFolder, description="Where documentation pages are."
    )
    messenger: ConsoleMessenger | SlackChannelMessenger = Field(
        default_factory=ConsoleMessenger, description="Where people are told."
    )
    anthropic: AnthropicCredentials | None = Field(
        default=None,
        description="Key for model calls; empty takes ANTHROPIC_API_KEY from the environment.",
    )
    github: GitHubCredentials | None = Field(
        default=None,
        description="Token to fetch and push a private repository on github.com with.",
    )
    strong_model: str = Field(
        default=DEFAULT_ROUTES[Tier.STRONG], description="provider:model for the hardest work."
    )
    standard_model: str = Field(
        default=DEFAULT_ROUTES[Tier.STANDARD], description="provider:model for most work."
    )
    light_model: str = Field(
        default=DEFAULT_ROUTES[Tier.LIGHT], description="provider:model for simple work."
    )
    stage_cap_usd: PositiveFloat | None = Field(
        default=None, description="A single stage never spends more than this on model calls."
    )
    require_tests: bool = Field(
        default=True, description="Refuse a repository without tests: nothing would prove a change."
    )
    salvage: bool = Field(
        default=True,
        description=(
            "When a run fails after it has changed something, push the change so far as a branch"
            " wip/..., if the guard lets it pass, and tell the ticket why it failed."
        ),
    )
    author: str = Field(
        default="Mergewright <mergewright@localhost>",
        pattern=r"^[^<>\n]+ <[^<>\s]+@[^<>\s]+>$",
        description="Author of commits, as 'Name <mail>'.",
    )
    change_policy: ChangePolicy = Field(
        default_factory=ChangePolicy, description="What a change may touch and how large it may be."
    )

    @classmethod
    def _from_block_document(cls, block_document: BlockDocument) -> Self:
        """Load a profile; each service that it names becomes a block of its own type.

        The server gives the data of a named block without its type, and the first type of a field
        whose fields all have defaults takes any data. Source: prefect 3.8.8, run 2026-11-20.
        """
        for field, reference in block_document.block_document_references.items():
            block_type = reference["block_document"]["block_type"]
            block_document.data[field]["block_type_slug"] = block_type["slug"]
        return super()._from_block_document(block_document)

    @property
    def routes(self) -> Mapping[Tier, str]:
        """Which model does which tier's work."""
        return {
            Tier.STRONG: self.strong_model,
            Tier.STANDARD: self.standard_model,
            Tier.LIGHT: self.light_model,
        }


def load_profile(name: str) -> DeliveryProfile:
    """Load a delivery profile by name; `local` needs no set-up.

    Raises:
        BlockMissing: There is no profile of this name.
    """
    try:
        profile = DeliveryProfile.load(name)
    except ValueError as error:
        if name == "local":
            return ensure_local_profile()
        raise BlockMissing(
            f"There is no delivery profile {name!r}.",
            hint="Make one in the Prefect UI under Blocks, or use the profile 'local'.",
        ) from error
    if not isinstance(profile, DeliveryProfile):  # pragma: no cover - load is sync in sync code
        raise BlockMissing(f"The block {name!r} is not a delivery profile.")
    return profile


def ensure_local_profile() -> DeliveryProfile:
    """Save the profile `local` with embedded services, if it is not there, and return it."""
    profile = DeliveryProfile()
    profile.save("local", overwrite=True)
    return profile
