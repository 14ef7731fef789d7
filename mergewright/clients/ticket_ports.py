"""What a tracker may offer beyond reading, commenting and moving tickets.

A tracker need not do any of this: ask with `isinstance(tracker, TicketLinking)`. What is offered
follows the rules of all ports: looked up before it is made, and taken back only if it is as we
left it.
"""

from typing import Protocol, runtime_checkable

from mergewright.clients.outcomes import Compensation, Effect
from mergewright.domain.ticket import TicketDraft, TicketSummary


@runtime_checkable
class AttachmentReading(Protocol):
    """Where the files that hang on a ticket can be read."""

    def attachment(self, key: str, name: str) -> bytes:
        """Return what is in an attachment, up to what a model can take.

        Raises:
            NotFound: There is no such ticket or attachment.
            Rejected: It is too large.
        """
        ...


@runtime_checkable
class TicketLinking(Protocol):
    """Where a ticket can lead to its pull request and its run."""

    def link(self, key: str, url: str, title: str, *, marker: str) -> Effect[str]:
        """Link the ticket to an address, once per marker; return the address."""
        ...

    def unlink(
        self, key: str, url: str, title: str, *, marker: str, rehearse: bool = False
    ) -> Compensation:
        """Take a link off the ticket, if it leads where we let it lead."""
        ...


@runtime_checkable
class TicketMaking(Protocol):
    """Where tickets can be made and linked to each other."""

    def check_draft(self, draft: TicketDraft) -> None:
        """See that a ticket could be made, as far as that can be seen before; make none.

        Raises:
            ServiceError: Project, parent or type are not there, or the account may not.
        """
        ...

    def check_relation(self, other: str, kind: str) -> None:
        """See that a ticket could be linked to another one.

        Args:
            other: Key of the other ticket.
            kind: What is to be said between them, as for `relate`.

        Raises:
            ServiceError: The other ticket, or such a kind of link, is not there.
        """
        ...

    def create(self, draft: TicketDraft, *, marker: str) -> Effect[str]:
        """Make a ticket, once per marker; return its key."""
        ...

    def find_made(self, draft: TicketDraft, *, marker: str) -> str | None:
        """Return the key of the ticket that was made with a marker, if one was."""
        ...

    def remove_created(
        self, key: str, draft: TicketDraft, *, marker: str, rehearse: bool = False
    ) -> Compensation:
        """Delete or close a ticket that we made, if nobody else has worked on it.

        Args:
            key: Key of the ticket.
            draft: What we made it from: with any other text it is kept.
            marker: The marker that it was made with.
            rehearse: Only say what would come of it.
        """
        ...

    def relate(self, key: str, other: str, kind: str) -> Effect[str]:
        """Link a ticket to another one, once; return what the link says.

        Args:
            key: Key of the ticket that the sentence begins with.
            other: Key of the other ticket.
            kind: What is said between them: `blocks`, `is blocked by`, `relates to`.
        """
        ...

    def unrelate(self, key: str, other: str, kind: str, *, rehearse: bool = False) -> Compensation:
        """Take the link between two tickets away."""
        ...


@runtime_checkable
class TicketSearching(Protocol):
    """Where tickets can be searched for."""

    def search(self, query: str, *, limit: int = 50) -> tuple[TicketSummary, ...]:
        """Return the tickets that a query in the tracker's own language finds.

        Raises:
            Rejected: The query is wrong.
        """
        ...
