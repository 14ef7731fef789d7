"""Making Mergewright's blocks known to a Prefect server."""

from prefect.blocks.core import Block
from prefect_github import GitHubCredentials
from prefect_slack import SlackCredentials

from blocks.credentials import AnthropicCredentials, AtlassianCredentials
from blocks.profile import DeliveryProfile, load_profile
from blocks.services import (
    ConsoleMessenger,
    JiraProject,
    PageFolder,
    PullRequestFolder,
    SlackChannelMessenger,
    TicketFolder,
)

BLOCK_TYPES: tuple[type[Block], ...] = (
    AnthropicCredentials,
    AtlassianCredentials,
    GitHubCredentials,
    SlackCredentials,
    TicketFolder,
    JiraProject,
    PullRequestFolder,
    PageFolder,
    ConsoleMessenger,
    SlackChannelMessenger,
    DeliveryProfile,
)


def register_blocks() -> list[str]:
    """Register every block type and make the profile `local`; return the types' names."""
    for block_type in BLOCK_TYPES:
        block_type.register_type_and_schema()
    load_profile("local")
    return [str(block_type._block_type_name or block_type.__name__) for block_type in BLOCK_TYPES]  # noqa: SLF001 - Prefect's documented class variable
