"""The ports: what a workflow needs from the outside, whoever provides it.

Every method that changes something looks first: called twice with the same arguments it changes
nothing the second time and returns what is there.

Methods that take something back return a `Compensation`. They remove only what is as we left it:
what someone else has changed since is kept, and the reason says so. With `rehearse` they look, say
what would come of it, and change nothing.
"""

from typing import Protocol, runtime_checkable

from mergewright.clients.code_host import CodeHost, DraftMarking, ThreadReplying
from mergewright.clients.outcomes import Compensation, Effect
from mergewright.clients.ticket_ports import (
    AttachmentReading,
    TicketLinking,
    TicketMaking,
    TicketSearching,
)
from mergewright.domain.notice import Notice
from mergewright.domain.page import Page, PageDraft
from mergewright.domain.ticket import StatusCategory, Ticket

__all__ = [
    "AttachmentReading",
    "CodeHost",
    "Compensation",
    "DraftMarking",
    "Effect",
    "Messenger",
    "NoteTaking",
    "ThreadReplying",
    "TicketLinking",
    "TicketMaking",
    "TicketSearching",
    "Tracker",
    "Wiki",
]


class Tracker(Protocol):
    """Where tickets are; what some of them offer beyond this is in `ticket_ports`."""

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


class Wiki(Protocol):
    """Where documentation pages are."""

    def publish(self, draft: PageDraft) -> Effect[Page]:
        """Write a page; the same body makes no new version.

        With sections, only these are written on a page that is there. What others wrote to the
        page is kept, or the draft is refused with who wrote what.

        Args:
            draft: What to publish, and with which parents, labels, attachments and access.
        """
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

    def send(self, notice: Notice, *, marker: str, thread: str = "") -> Effect[str]:
        """Tell people once per marker, where the medium can know; return a reference.

        Args:
            notice: What to tell.
            marker: What makes two calls the same message.
            thread: Reference of the run's first message, for what belongs below it; one of
                another messenger is no hindrance, the message then stands alone.
        """
        ...

    def update(self, reference: str, notice: Notice) -> Effect[str]:
        """Replace what a message says, where the medium can; elsewhere it stays as it is.

        Args:
            reference: What `send` returned.
            notice: What it is to say.
        """
        ...


@runtime_checkable
class NoteTaking(Protocol):
    """What remembers what went wrong without being an error, for whoever writes it down."""

    def take_notes(self) -> tuple[str, ...]:
        """Return what went wrong since the last call, and forget it."""
        ...
