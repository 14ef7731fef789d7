"""What a person edits in the Prefect UI: credentials, services and delivery profiles."""

from blocks.credentials import AnthropicCredentials, AtlassianCredentials
from blocks.profile import DeliveryProfile
from blocks.services import (
    ConsoleMessenger,
    JiraProject,
    PageFolder,
    PullRequestFolder,
    SlackChannelMessenger,
    TicketFolder,
)

__all__ = [
    "AnthropicCredentials",
    "AtlassianCredentials",
    "ConsoleMessenger",
    "DeliveryProfile",
    "JiraProject",
    "PageFolder",
    "PullRequestFolder",
    "SlackChannelMessenger",
    "TicketFolder",
]
