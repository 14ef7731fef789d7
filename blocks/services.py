"""Service blocks: each connects to one port of `mergewright.clients.ports`.

The embedded services keep plain files below the home folder, so that a lone developer needs no
account; an empty folder field means the default below `MERGEWRIGHT_HOME`.
"""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING

from prefect.blocks.core import Block
from prefect_slack import SlackCredentials
from pydantic import Field

from blocks.credentials import DOCUMENTATION_URL, WEB_ADDRESS
from blocks.folders import check_folder, folder_of
from mergewright.clients.console import Console
from mergewright.clients.folder_search import OPEN
from mergewright.clients.folder_tracker import FolderTracker
from mergewright.clients.folder_wiki import FolderWiki
from mergewright.clients.git import Credential
from mergewright.clients.local_forge import LocalForge
from mergewright.clients.ports import CodeHost, Messenger, TicketSearching, Tracker, Wiki
from mergewright.clients.secrets import reveal
from mergewright.domain.access import Access
from mergewright.errors import SettingInvalid
from mergewright.settings import settings

if TYPE_CHECKING:
    from mergewright.clients.slack import SlackChannel

FOLDER_DESCRIPTION = "Folder to keep them in; empty means a folder below the Mergewright home."


class TrackerService(Block, ABC):
    """Where tickets are."""

    @abstractmethod
    def connect(self) -> Tracker:
        """Return a client."""

    def connect_searching(self) -> TicketSearching:
        """Return a client that finds tickets.

        Raises:
            SettingInvalid: The tracker cannot be searched from here.
        """
        tracker = self.connect()
        if not isinstance(tracker, TicketSearching):
            raise SettingInvalid(
                f"A tracker of the type {type(self).__name__!r} cannot be searched from here.",
                hint="Search there, and read one ticket with: mergewright tickets show KEY",
            )
        return tracker

    @property
    def open_tickets_query(self) -> str:
        """The query, in the tracker's own language, that finds what is not done; empty if none."""
        return ""

    @property
    def default_project(self) -> str:
        """Key of the project that new tickets belong to unless somebody says another."""
        return ""


class CodeHostService(Block, ABC):
    """Where pull requests are."""

    @abstractmethod
    def connect(self) -> CodeHost:
        """Return a client."""

    def git_credential(self, repository: str) -> Credential | None:
        """Return what git proves itself with at a repository; None where it needs nothing of ours.

        A short-lived token is made now: ask when it is about to be used.

        Raises:
            ServiceError: The service did not make a token.
        """
        _ = repository
        return None


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
        return FolderTracker(folder_of(self.folder, "tickets"))

    @property
    def open_tickets_query(self) -> str:
        """The query that finds what is not done."""
        return f"status:{OPEN}"

    def check(self) -> Access:
        """Say whose folder it is.

        Raises:
            SettingInvalid: It cannot be written to.
        """
        return check_folder(folder_of(self.folder, "tickets"))


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

    def check(self) -> Access:
        """Say whose folder it is; without one of its own, that for remote repositories.

        Raises:
            SettingInvalid: It cannot be written to.
        """
        return check_folder(folder_of(self.folder, "pull-requests"))


class PageFolder(WikiService):
    """Documentation pages as Markdown files with versions in a folder."""

    _block_type_name = "Mergewright Page Folder"
    _block_type_slug = "mergewright-page-folder"
    _documentation_url = DOCUMENTATION_URL
    _description = "Documentation pages as Markdown files with versions in a folder."

    folder: str = Field(default="", description=FOLDER_DESCRIPTION)

    def connect(self) -> Wiki:
        """Return a client of the folder."""
        return FolderWiki(folder_of(self.folder, "pages"))

    def check(self) -> Access:
        """Say whose folder it is.

        Raises:
            SettingInvalid: It cannot be written to.
        """
        return check_folder(folder_of(self.folder, "pages"))


class ConsoleMessenger(MessengerService):
    """Messages on the console, kept as mail files in a folder."""

    _block_type_name = "Mergewright Console Messenger"
    _block_type_slug = "mergewright-console-messenger"
    _documentation_url = DOCUMENTATION_URL
    _description = "Messages on the console, kept as mail files in a folder."

    mailbox: str = Field(default="", description=FOLDER_DESCRIPTION)

    def connect(self) -> Messenger:
        """Return a client that prints where a person reads, and keeps mail files in any case."""
        return Console(folder_of(self.mailbox, "mailbox"))

    def check(self) -> Access:
        """Say whose folder it is.

        Raises:
            SettingInvalid: It cannot be written to.
        """
        return check_folder(folder_of(self.mailbox, "mailbox"))


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

    mentions: dict[str, str] = Field(
        default_factory=dict,
        description=(
            "Slack's member id (U...) or group id (S...) by mail address or name in the tracker; "
            "nobody else is ever mentioned."
        ),
    )
    interactive: bool = Field(
        default=False,
        description=(
            "Whether the app's interactivity address leads to Mergewright: "
            "approvals are then asked for with buttons."
        ),
    )

    def connect(self) -> "SlackChannel":
        """Return a client of the channel.

        Raises:
            SettingInvalid: An id in `mentions` is none.
            MergewrightError: The token is a reference that leads to none.
        """
        from mergewright.clients.slack import SlackChannel  # noqa: PLC0415 - only callers pay

        return SlackChannel(
            reveal(self.credentials.token),
            self.channel,
            base_url=self.base_url,
            mentions=self.mentions,
            with_buttons=self.interactive,
        )

    def check(self) -> Access:
        """Say who the app is, that it can post to the channel, and which scopes it lacks.

        Raises:
            AccessDenied: The token is wrong, lacks a scope, or the app is not in the channel.
            NotFound: There is no such channel, or the app cannot see it.
            ServiceError: Slack refused or did not answer.
        """
        return self.connect().check()
