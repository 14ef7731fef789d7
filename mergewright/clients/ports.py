"""The ports: what a workflow needs from the outside, whoever provides it.

Every method that changes something looks first: called twice with the same arguments it changes
nothing the second time and returns what is there.
"""

from typing import Generic, NamedTuple, Protocol, TypeVar

from mergewright.domain.notice import Notice
from mergewright.domain.page import Page, PageDraft
from mergewright.domain.pull_request import PullRequest, PullRequestDraft
from mergewright.domain.ticket import StatusCategory, Ticket

T = TypeVar("T")


class Effect(NamedTuple, Generic[T]):
    """What an outside change left behind."""

    value: T
    found: bool
    """Whether it was there already."""


class Tracker(Protocol):
    """Where tickets are."""

    def ticket(self, name: str) -> Ticket:
        """Return the ticket with this key, or the one in this file.

        Raises:
            NotFound: There is no such ticket.
            Rejected: The ticket exists and cannot be read as one.
        """
        ...

    def comment(self, key: str, body: str, *, marker: str) -> Effect[str]:
        """Write one comment per marker, replacing an earlier one; return where it is."""
        ...

    def transition(self, key: str, status: StatusCategory) -> Effect[StatusCategory]:
        """Move the ticket to a status of this category."""
        ...


class CodeHost(Protocol):
    """Where pull requests are."""

    def pull_requests(self, repository: str, ticket_key: str) -> tuple[PullRequest, ...]:
        """Return the pull requests that were opened for a ticket."""
        ...

    def open_pull_request(self, draft: PullRequestDraft) -> Effect[PullRequest]:
        """Open a pull request, or update the open one with the same head."""
        ...


class Wiki(Protocol):
    """Where documentation pages are."""

    def publish(self, draft: PageDraft) -> Effect[Page]:
        """Write a page; the same body makes no new version."""
        ...


class Messenger(Protocol):
    """Where people are told."""

    def send(self, notice: Notice, *, marker: str) -> Effect[str]:
        """Tell people once per marker, where the medium can know; return a reference."""
        ...
