"""What a person edits in the Prefect UI: credentials, services and delivery profiles."""

from blocks.confluence import ConfluenceSpace
from blocks.credentials import AnthropicCredentials, AtlassianCredentials
from blocks.github import GitHubAppCredentials, GitHubCodeHost, GitHubIssueTracker
from blocks.jira import JiraProject
from blocks.messengers import EmailServerCredentials, MailMessenger
from blocks.profile import DeliveryProfile
from blocks.services import (
    ConsoleMessenger,
    PageFolder,
    PullRequestFolder,
    SlackChannelMessenger,
    TicketFolder,
)

__all__ = [
    "AnthropicCredentials",
    "AtlassianCredentials",
    "ConfluenceSpace",
    "ConsoleMessenger",
    "DeliveryProfile",
    "EmailServerCredentials",
    "GitHubAppCredentials",
    "GitHubCodeHost",
    "GitHubIssueTracker",
    "JiraProject",
    "MailMessenger",
    "PageFolder",
    "PullRequestFolder",
    "SlackChannelMessenger",
    "TicketFolder",
]
