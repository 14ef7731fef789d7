"""What a person edits in the Prefect UI: credentials, services and delivery profiles."""

from blocks.credentials import AnthropicCredentials
from blocks.profile import DeliveryProfile
from blocks.services import ConsoleMessenger, PageFolder, PullRequestFolder, TicketFolder

__all__ = [
    "AnthropicCredentials",
    "ConsoleMessenger",
    "DeliveryProfile",
    "PageFolder",
    "PullRequestFolder",
    "TicketFolder",
]
