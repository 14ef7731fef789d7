"""The ports: what a workflow needs from the outside, whoever provides it.

Every method that changes something looks first: called twice with the same arguments it changes
nothing the second time and returns what is there.

Methods that take something back return a `Compensation`. They remove only what is as we left it:
what someone else has changed since is kept, and the reason says so. With `rehearse` they look, say
what would come of it, and change nothing.
"""

from typing import Generic, NamedTuple, Protocol, TypeVar

from mergewright.domain.notice import Notice
from mergewright.domain.page import Page, PageDraft
from mergewright.domain.pull_request import PullRequest, PullRequestDraft
from mergewright.domain.ticket import StatusCategory, Ticket
from mergewright.domain.undo import UndoOutcome

T = TypeVar("T")


class Effect(NamedTuple, Generic[T]):
    """What an outside change left behind."""

    value: T
    found: bool
    """Whether it was there already."""


class Compensation(NamedTuple):
    """What came of taking an effect back."""

    outcome: UndoOutcome
    reason: str
    """Why it came out so: one sentence for a person."""
    reference: str = ""
    """Where to look."""


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

    def own_comment(self, key: str, *, marker: str) -> str | None:
        """Return the text of the comment with this marker, or None when there is none."""
        ...

    def remove_comment(
        self,
        key: str,
        *,
        marker: str,
        body: str,
        earlier: str | None = None,
        rehearse: bool = False,
    ) -> Compensation:
        """Remove the comment with this marker, or put its earlier text back.

        Args:
            key: Key of the ticket.
            marker: The marker that the comment was written with.
            body: The text that we gave it: with any other text it is kept.
            earlier: What it said before; None when there was no such comment.
            rehearse: Only say what would come of it.
        """
        ...

    def transition_back(
        self, key: str, *, made: StatusCategory, before: StatusCategory, rehearse: bool = False
    ) -> Compensation:
        """Move the ticket back.

        Args:
            key: Key of the ticket.
            made: Where we moved it to: from any other status it is not moved.
            before: Where it was before.
            rehearse: Only say what would come of it.
        """
        ...


class CodeHost(Protocol):
    """Where pull requests are."""

    def pull_requests(self, repository: str, ticket_key: str) -> tuple[PullRequest, ...]:
        """Return the pull requests that were opened for a ticket."""
        ...

    def open_pull_request(self, draft: PullRequestDraft) -> Effect[PullRequest]:
        """Open a pull request, or update the open one with the same head."""
        ...

    def close_pull_request(
        self,
        repository: str,
        number: int,
        *,
        head_commit: str,
        reason: str,
        rehearse: bool = False,
    ) -> Compensation:
        """Close a pull request without merging it.

        Args:
            repository: Path or URL of the repository.
            number: Number of the pull request.
            head_commit: The commit that we offered: with any other it stays open.
            reason: What its readers are told.
            rehearse: Only say what would come of it.
        """
        ...


class Wiki(Protocol):
    """Where documentation pages are."""

    def publish(self, draft: PageDraft) -> Effect[Page]:
        """Write a page; the same body makes no new version."""
        ...

    def page(self, draft: PageDraft) -> Page | None:
        """Return the page as it is that a draft would be published to, or None."""
        ...

    def restore(
        self, draft: PageDraft, *, version: int, before: int | None, rehearse: bool = False
    ) -> Compensation:
        """Bring back what a page was before, as a new version; remove it if it was not there.

        Args:
            draft: What we published.
            version: The version that became: with a newer one, or another text, the page is kept.
            before: The version to bring back; None when there was no page.
            rehearse: Only say what would come of it.
        """
        ...


class Messenger(Protocol):
    """Where people are told. What they were told is not taken back: they are sent a correction."""

    def send(self, notice: Notice, *, marker: str) -> Effect[str]:
        """Tell people once per marker, where the medium can know; return a reference."""
        ...
