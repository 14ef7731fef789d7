"""Making Mergewright's blocks known to a Prefect server."""

from prefect.blocks.core import Block
from prefect_github import GitHubCredentials
from prefect_slack import SlackCredentials

from blocks.confluence import ConfluenceSpace
from blocks.credentials import AnthropicCredentials, AtlassianCredentials
from blocks.github import GitHubAppCredentials, GitHubCodeHost, GitHubIssueTracker
from blocks.jira import JiraProject
from blocks.messengers import EmailServerCredentials, MailMessenger
from blocks.profile import DeliveryProfile, ensure_local_profile
from blocks.services import (
    ConsoleMessenger,
    PageFolder,
    PullRequestFolder,
    SlackChannelMessenger,
    TicketFolder,
)
from blocks.third_party import service_packages

BLOCK_TYPES: tuple[type[Block], ...] = (
    AnthropicCredentials,
    AtlassianCredentials,
    EmailServerCredentials,
    GitHubAppCredentials,
    GitHubCredentials,
    SlackCredentials,
    TicketFolder,
    JiraProject,
    GitHubIssueTracker,
    PullRequestFolder,
    GitHubCodeHost,
    PageFolder,
    ConfluenceSpace,
    ConsoleMessenger,
    SlackChannelMessenger,
    MailMessenger,
    DeliveryProfile,
)


def register_blocks() -> list[str]:
    """Register every block type and make the profile `local`; return the types' names."""
    further = [one.block for one in service_packages() if one.block is not None]
    for block_type in (*further, *BLOCK_TYPES):
        block_type.register_type_and_schema()
    ensure_local_profile()
    return [
        str(block_type._block_type_name or block_type.__name__)  # noqa: SLF001 - Prefect's documented class variable
        for block_type in (*BLOCK_TYPES, *further)
    ]
