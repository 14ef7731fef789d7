"""Finding tickets in a folder, and reading the files that hang on them."""

import shlex

from mergewright.clients.attachment_texts import MAX_IMAGE_BYTES
from mergewright.clients.documents import file_errors
from mergewright.clients.folder_tickets import FolderTickets
from mergewright.domain.ticket import StatusCategory, Ticket, TicketSummary
from mergewright.errors import NotFound, Rejected

OPEN = "open"
"""The status of whatever is not done."""
_NAMES = ("status", "kind", "label", "component", "parent", "reporter")


class FolderSearch(FolderTickets):
    """Queries to a folder of tickets."""

    def search(self, query: str, *, limit: int = 50) -> tuple[TicketSummary, ...]:
        """Return the tickets for which all parts of a query hold, in the order of their keys.

        A part is a word of the title or description, or `name:value` with one of the names
        status, kind, label, component, parent, reporter: `label:money status:"to do" total`. Whatever
        is not done has also the status `open`.

        Raises:
            Rejected: The query is empty or wrong, or a ticket cannot be read.
            AccessDenied: A file may not be read.
            ServiceUnavailable: The disk failed.
        """
        parts = _parts(query)
        found: list[TicketSummary] = []
        for key in self.keys():
            ticket = self._read(key)
            if len(found) < limit and all(_holds(ticket, *part) for part in parts):
                found.append(
                    TicketSummary(
                        key=key,
                        title=ticket.title,
                        kind=ticket.kind,
                        status=ticket.status,
                        url=ticket.url,
                    )
                )
        return tuple(found)

    def attachment(self, key: str, name: str) -> bytes:
        """Return what is in a file that hangs on a ticket.

        Raises:
            NotFound: There is no such ticket or file.
            AccessDenied: The file may not be read.
            Rejected: It is too large for a model.
            ServiceUnavailable: The disk failed.
        """
        self._path(key)
        files = {path.name: path for path in self._files(key)}
        if name not in files:
            there = ", ".join(repr(one) for one in files) or "none"
            raise NotFound(
                f"The ticket {key!r} has no attachment {name!r}.", hint=f"It has: {there}."
            )
        with file_errors(files[name], "read"), files[name].open("rb") as file:
            data = file.read(MAX_IMAGE_BYTES + 1)
        if len(data) > MAX_IMAGE_BYTES:
            raise Rejected(
                f"The attachment {name!r} of the ticket {key!r} has more than {MAX_IMAGE_BYTES} "
                "bytes.",
                hint="Attach a smaller one.",
            )
        return data


def _parts(query: str) -> list[tuple[str, str]]:
    try:
        words = shlex.split(query)
    except ValueError as error:
        raise Rejected(
            f"The query {query!r} is wrong: {error}.", hint="Close the quotes."
        ) from error
    if not words:
        raise Rejected(
            "The query for tickets is empty.", hint='Write words, or as in `status:"to do"`.'
        )
    parts = []
    for word in words:
        name, mark, value = word.partition(":")
        if mark and name in _NAMES:
            parts.append((name, value.casefold()))
        elif mark and name.isidentifier() and not value.startswith("//"):
            raise Rejected(
                f"The query {query!r} names {name!r}, which no ticket has.",
                hint=f"There are: {', '.join(_NAMES)}.",
            )
        else:
            parts.append(("", word.casefold()))
    return parts


def _holds(ticket: Ticket, name: str, value: str) -> bool:
    if not name:
        return value in f"{ticket.key} {ticket.title}\n{ticket.description}".casefold()
    held = {
        "status": (ticket.status.value, *([] if ticket.status is StatusCategory.DONE else [OPEN])),
        "kind": (ticket.kind.value,),
        "label": ticket.labels,
        "component": ticket.components,
        "parent": (ticket.parent.key,) if ticket.parent else (),
        "reporter": (ticket.reporter,),
    }
    return value in [one.casefold() for one in held[name]]
