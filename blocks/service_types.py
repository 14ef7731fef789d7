"""What may stand in a profile's fields: the services that Mergewright brings, and other packages'."""

from typing import TYPE_CHECKING

from blocks.confluence import ConfluenceSpace
from blocks.github import GitHubCodeHost, GitHubIssueTracker
from blocks.jira import JiraProject
from blocks.messengers import MailMessenger
from blocks.services import (
    CodeHostService,
    ConsoleMessenger,
    MessengerService,
    PageFolder,
    PullRequestFolder,
    SlackChannelMessenger,
    TicketFolder,
    TrackerService,
    WikiService,
)
from blocks.third_party import service_type

if TYPE_CHECKING:
    AnyTracker = TrackerService
    AnyCodeHost = CodeHostService
    AnyWiki = WikiService
    AnyMessenger = MessengerService
else:
    AnyTracker = service_type(TrackerService, TicketFolder, JiraProject, GitHubIssueTracker)
    AnyCodeHost = service_type(CodeHostService, PullRequestFolder, GitHubCodeHost)
    AnyWiki = service_type(WikiService, PageFolder, ConfluenceSpace)
    AnyMessenger = service_type(
        MessengerService, ConsoleMessenger, SlackChannelMessenger, MailMessenger
    )
