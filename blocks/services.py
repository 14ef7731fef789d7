"""Service blocks: each connects to one port of `mergewright.clients.ports`.

The embedded services keep plain files below the home folder, so that a lone developer needs no
account; an empty folder field means the default below `MERGEWRIGHT_HOME`.
"""

from abc import ABC, abstractmethod
from pathlib import Path

from prefect.blocks.core import Block
from prefect_slack import SlackCredentials
from pydantic import Field

from blocks.credentials import DOCUMENTATION_URL, WEB_ADDRESS, AtlassianCredentials
from mergewright.clients.console import Console
from mergewright.clients.folder_tracker import FolderTracker
from mergewright.clients.folder_wiki import FolderWiki
from mergewright.clients.local_forge import LocalForge
from mergewright.clients.ports import CodeHost, Messenger, Tracker, Wiki
from mergewright.settings import settings

FOLDER_DESCRIPTION = "Folder to keep them in; empty means a folder below the Mergewright home."


def _folder(configured: str, default: str) -> Path:
    return Path(configured).expanduser() if configured else settings().home / default


class TrackerService(Block, ABC):
    """Where tickets are."""

    @abstractmethod
    def connect(self) -> Tracker:
        """Return a client."""


class CodeHostService(Block, ABC):
    """Where pull requests are."""

    @abstractmethod
    def connect(self) -> CodeHost:
        """Return a client."""


class WikiService(Block, ABC):
    """Where documentation pages are."""

    @abstractmethod
    def connect(self) -> Wiki:
        """Return a client."""


class MessengerService(Block, ABC):
    """Where people are told."""

    @abstractmethod
    def connect(self) -> Messenger:
        """Return a client."""


class TicketFolder(TrackerService):
    """Tickets as Markdown files with front matter in a folder."""

    _block_type_name = "Mergewright Ticket Folder"
    _block_type_slug = "mergewright-ticket-folder"
    _documentation_url = DOCUMENTATION_URL
    _description = "Tickets as Markdown files with front matter in a folder."

    folder: str = Field(default="", description=FOLDER_DESCRIPTION)

    def connect(self) -> Tracker:
        """Return a client of the folder."""
        return FolderTracker(_folder(self.folder, "tickets"))


class PullRequestFolder(CodeHostService):
    """Pull requests as Markdown files beside the repository."""

    _block_type_name = "Mergewright Pull Request Folder"
    _block_type_slug = "mergewright-pull-request-folder"
    _documentation_url = DOCUMENTATION_URL
    _description = "Pull requests as Markdown files beside a local repository."

    folder: str = Field(
        default="",
        description=(
            "Folder to keep pull requests in; empty means beside a local repository, "
            "and below the Mergewright home for a remote one."
        ),
    )

    def connect(self) -> CodeHost:
        """Return a client of the folder."""
        return LocalForge(
            Path(self.folder).expanduser() if self.folder else None,
            fallback=settings().home / "pull-requests",
        )


class PageFolder(WikiService):
    """Documentation pages as Markdown files with versions in a folder."""

    _block_type_name = "Mergewright Page Folder"
    _block_type_slug = "mergewright-page-folder"
    _documentation_url = DOCUMENTATION_URL
    _description = "Documentation pages as Markdown files with versions in a folder."

    folder: str = Field(default="", description=FOLDER_DESCRIPTION)

    def connect(self) -> Wiki:
        """Return a client of the folder."""
        return FolderWiki(_folder(self.folder, "pages"))


class ConsoleMessenger(MessengerService):
    """Messages on the console, kept as mail files in a folder."""

    _block_type_name = "Mergewright Console Messenger"
    _block_type_slug = "mergewright-console-messenger"
    _documentation_url = DOCUMENTATION_URL
    _description = "Messages on the console, kept as mail files in a folder."

    mailbox: str = Field(default="", description=FOLDER_DESCRIPTION)

    def connect(self) -> Messenger:
        """Return a client that prints where a person reads, and keeps mail files in any case."""
        return Console(_folder(self.mailbox, "mailbox"))


class JiraProject(TrackerService):
    """Tickets in Jira."""

    _block_type_name = "Mergewright Jira Project"
    _block_type_slug = "mergewright-jira-project"
    _documentation_url = DOCUMENTATION_URL
    _description = "Tickets in Jira, on Cloud or on a server of one's own."

    credentials: AtlassianCredentials = Field(description="Where Jira is and who we are there.")

    def connect(self) -> Tracker:
        """Return a client of Jira."""
        from mergewright.clients.jira import JiraTracker  # noqa: PLC0415 - only callers pay

        return JiraTracker(self.credentials.get_client())


class SlackChannelMessenger(MessengerService):
    """Messages in a Slack channel."""

    _block_type_name = "Mergewright Slack Channel"
    _block_type_slug = "mergewright-slack-channel"
    _documentation_url = DOCUMENTATION_URL
    _description = "Messages in a Slack channel."

    credentials: SlackCredentials = Field(description="Bot token with the scope chat:write.")
    channel: str = Field(min_length=1, description="Name or id of the channel, as #deliveries.")
    base_url: str = Field(
        default="https://slack.com/api/",
        pattern=WEB_ADDRESS,
        description="Address of Slack's Web API, for a proxy or a test server.",
    )

    def connect(self) -> Messenger:
        """Return a client of the channel."""
        from mergewright.clients.slack import SlackChannel  # noqa: PLC0415 - only callers pay

        token = self.credentials.token.get_secret_value()
        return SlackChannel(token, self.channel, base_url=self.base_url)
