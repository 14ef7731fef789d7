"""Links of a ticket in a folder: to where its work is, and to other tickets."""

from mergewright.clients.documents import Document, locked, read_document, write_file
from mergewright.clients.folder_tickets import FolderTickets
from mergewright.clients.front_matter import replace_list
from mergewright.clients.outcomes import Compensation, Effect
from mergewright.clients.ticket_file import EXAMPLE, OUTSIDE_LINKS
from mergewright.errors import Rejected

GONE = Compensation("already", "The ticket is not there any more.")

_OTHERS_VIEW = {"blocks": "is blocked by", "is blocked by": "blocks", "relates to": "relates to"}
"""How a link reads from its other end."""


class FolderLinks(FolderTickets):
    """Links in the front matter of tickets."""

    def link(self, key: str, url: str, title: str, *, marker: str) -> Effect[str]:
        """Link the ticket to an address, once per marker; return the address.

        Raises:
            NotFound: There is no such ticket.
            AccessDenied: Its file may not be read or written.
            Rejected: Its file is no longer a ticket, or its links cannot be changed in place.
            ServiceUnavailable: The disk is full or failed.
        """
        path, wanted = self._path(key), _link(url, title, marker)
        with locked(self.folder):
            document = read_document(path, hint=EXAMPLE)
            links = _links(document)
            there = next((one for one in links if one.get("marker") == marker), None)
            if there != wanted:
                others = [one for one in links if one is not there]
                write_file(path, replace_list(document, OUTSIDE_LINKS, [*others, wanted]))
        return Effect(url, found=there is not None)

    def unlink(
        self, key: str, url: str, title: str, *, marker: str, rehearse: bool = False
    ) -> Compensation:
        """Take a link off the ticket, if it leads where we let it lead.

        Raises:
            AccessDenied: The ticket's file may not be read or written.
            Rejected: Its file is no longer a ticket, or its links cannot be changed in place.
            ServiceUnavailable: The disk is full or failed.
        """
        path = self._existing(key)
        if path is None:
            return GONE
        with locked(self.folder):
            document = read_document(path, hint=EXAMPLE)
            links = _links(document)
            there = next((one for one in links if one.get("marker") == marker), None)
            if there is None:
                return Compensation("already", "The link is not there any more.")
            if there != _link(url, title, marker):
                return Compensation("kept", "It was changed since.", path.as_uri())
            if not rehearse:
                others = [one for one in links if one is not there]
                write_file(path, replace_list(document, OUTSIDE_LINKS, others))
        return Compensation("undone", "Nobody had changed it.")

    def check_relation(self, other: str, kind: str) -> None:
        """See that a ticket could be linked to another one.

        Raises:
            NotFound: There is no such ticket.
            AccessDenied: The folder may not be read.
            Rejected: There is no such kind of link.
            ServiceUnavailable: The disk failed.
        """
        self._path(other)
        if kind not in _OTHERS_VIEW:
            raise Rejected(
                f"No link says {kind!r} between two tickets.",
                hint=f"Link two tickets by one of: {', '.join(_OTHERS_VIEW)}.",
            )

    def relate(self, key: str, other: str, kind: str) -> Effect[str]:
        """Link a ticket to another one, once; return what the link says.

        Args:
            key: Key of the ticket that the sentence begins with.
            other: Key of the other ticket.
            kind: What is said between them: `blocks`, `is blocked by`, `relates to`.

        Raises:
            NotFound: One of the tickets is not there.
            AccessDenied: A file may not be read or written.
            Rejected: There is no such kind of link, or its links cannot be changed in place.
            ServiceUnavailable: The disk is full or failed.
        """
        if kind not in _OTHERS_VIEW or key == other:
            raise Rejected(
                f"The tickets {key!r} and {other!r} cannot be linked by {kind!r}.",
                hint=f"Link two tickets by one of: {', '.join(_OTHERS_VIEW)}.",
            )
        ends = ((key, f"{kind} {other}"), (other, f"{_OTHERS_VIEW[kind]} {key}"))
        paths = [self._path(end) for end, _ in ends]
        changed = False
        with locked(self.folder):
            for path, (_, says) in zip(paths, ends, strict=True):
                document = read_document(path, hint=EXAMPLE)
                links = _texts(document)
                if says not in links:
                    write_file(path, replace_list(document, "links", [*links, says]))
                    changed = True
        return Effect(f"{key} {kind} {other}", found=not changed)

    def unrelate(self, key: str, other: str, kind: str, *, rehearse: bool = False) -> Compensation:
        """Take the link between two tickets away.

        Raises:
            AccessDenied: A file may not be read or written.
            Rejected: A file is no longer a ticket, or its links cannot be changed in place.
            ServiceUnavailable: The disk is full or failed.
        """
        ends = ((key, f"{kind} {other}"), (other, f"{_OTHERS_VIEW.get(kind, kind)} {key}"))
        was_there = False
        with locked(self.folder):
            for end, says in ends:
                path = self._existing(end)
                document = None if path is None else read_document(path, hint=EXAMPLE)
                if path is None or document is None or says not in _texts(document):
                    continue
                was_there = True
                others = [one for one in _texts(document) if one != says]
                if not rehearse:
                    write_file(path, replace_list(document, "links", others))
        if not was_there:
            return Compensation("already", "The link is not there any more.")
        return Compensation("undone", "A link cannot be changed, so nobody had changed it.")


def _link(url: str, title: str, marker: str) -> dict[str, str]:
    return {"marker": marker, "title": " ".join(title.split()), "url": url}


def _links(document: Document) -> list[dict[str, str]]:
    held = document.fields.get(OUTSIDE_LINKS)
    found = held if isinstance(held, list) else []
    return [{str(name): str(one[name]) for name in one} for one in found if isinstance(one, dict)]


def _texts(document: Document) -> list[str]:
    held = document.fields.get("links")
    return [str(one) for one in held] if isinstance(held, list) else []
