"""A tracker that is a folder: one Markdown file per ticket, comments and status kept in it."""

from difflib import get_close_matches
from pathlib import Path

from mergewright.clients.comment_section import (
    as_written,
    find_comment,
    neutralise,
    remove_comment,
    split_comments,
    write_comment,
)
from mergewright.clients.documents import (
    Document,
    file_errors,
    locked,
    parse_document,
    read_document,
    read_text,
    replace_field,
    write_file,
)
from mergewright.clients.folder_making import FolderMaking
from mergewright.clients.folder_search import FolderSearch
from mergewright.clients.front_matter import replace_list
from mergewright.clients.ports import Compensation, Effect
from mergewright.clients.ticket_file import EXAMPLE, ORIGIN, OUTSIDE_LINKS, is_key, read_ticket
from mergewright.domain.ticket import StatusCategory, Ticket
from mergewright.errors import NotFound, Rejected

_GONE = Compensation("already", "The ticket is not there any more.")


class FolderTracker(FolderMaking, FolderSearch):
    """Tickets as Markdown files in one folder.

    Args:
        folder: Where the tickets are; made when first written to.
        clock: Tells the instant that a comment carries.
    """

    def ticket(self, name: str) -> Ticket:
        """Return the ticket with this key, or import the one in this Markdown file.

        A file is copied into the tracker's folder; comments and status that are there already
        stay. The file itself is never written to.

        Raises:
            NotFound: There is no such ticket or file.
            AccessDenied: A file may not be read or written.
            Rejected: The ticket exists and cannot be read as one.
            ServiceUnavailable: The disk is full or failed.
        """
        if is_key(name):
            return self._read(name)
        path = self._file(name)
        if path.parent.resolve() == self.folder.resolve() and is_key(path.stem):
            return self._read(path.stem)
        return self._import(path)

    def comment(self, key: str, body: str, *, marker: str) -> Effect[str]:
        """Write one comment per marker, replacing an earlier one; return where it is.

        Raises:
            NotFound: There is no such ticket.
            AccessDenied: Its file may not be read or written.
            Rejected: Its file is no longer a ticket.
            ServiceUnavailable: The disk is full or failed.
        """
        path = self._path(key)
        with locked(self.folder):
            document = read_document(path, hint=EXAMPLE)
            text = write_comment(
                document.text, body, marker=marker, at=self._clock(), newline=document.newline
            )
            if text != document.text:
                write_file(path, text)
        return Effect(path.as_uri(), found=find_comment(document.text, marker) is not None)

    def transition(self, key: str, status: StatusCategory) -> Effect[StatusCategory]:
        """Move the ticket to a status; nothing but its `status:` line changes.

        Raises:
            NotFound: There is no such ticket.
            AccessDenied: Its file may not be read or written.
            Rejected: Its file is no longer a ticket, or its status cannot be changed in place.
            ServiceUnavailable: The disk is full or failed.
        """
        path = self._path(key)
        with locked(self.folder):
            document = read_document(path, hint=EXAMPLE)
            if read_ticket(document, url="").status is status and "status" in document.fields:
                return Effect(status, found=True)
            write_file(path, replace_field(document, "status", status.value))
        return Effect(status, found=False)

    def own_comment(self, key: str, *, marker: str) -> str | None:
        """Return the text of the comment with this marker, or None when there is none.

        Raises:
            NotFound: There is no such ticket.
            AccessDenied: Its file may not be read.
            Rejected: Its file is no longer a ticket.
            ServiceUnavailable: The disk failed.
        """
        return find_comment(read_document(self._path(key), hint=EXAMPLE).text, marker)

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

        Raises:
            AccessDenied: The ticket's file may not be read or written.
            Rejected: Its file is no longer a ticket.
            ServiceUnavailable: The disk is full or failed.
        """
        path = self._existing(key)
        if path is None:
            return _GONE
        with locked(self.folder):
            document = read_document(path, hint=EXAMPLE)
            there = find_comment(document.text, marker)
            if there is None or (earlier is not None and there == as_written(earlier)):
                return Compensation("already", "The comment is not there any more.")
            if there != as_written(body):
                return Compensation("kept", "Its text was changed since.", path.as_uri())
            if not rehearse:
                write_file(path, self._without(document, marker, earlier))
        return Compensation("undone", "Nobody had changed it.")

    def transition_back(
        self, key: str, *, made: StatusCategory, before: StatusCategory, rehearse: bool = False
    ) -> Compensation:
        """Move the ticket back, if it is where we moved it to.

        Raises:
            AccessDenied: The ticket's file may not be read or written.
            Rejected: Its file is no longer a ticket, or its status cannot be changed in place.
            ServiceUnavailable: The disk is full or failed.
        """
        path = self._existing(key)
        if path is None:
            return _GONE
        with locked(self.folder):
            document = read_document(path, hint=EXAMPLE)
            now = read_ticket(document, url="").status
            if now is before:
                return Compensation("already", f"The ticket is {before.value!r}, as before.")
            if now is not made:
                return Compensation("kept", f"Somebody moved it to {now.value!r} since.")
            if not rehearse:
                write_file(path, replace_field(document, "status", before.value))
        return Compensation("undone", f"From {made.value!r} back to {before.value!r}.")

    def _without(self, document: Document, marker: str, earlier: str | None) -> str:
        if earlier is None:
            return remove_comment(document.text, marker)
        newline = document.newline
        return write_comment(
            document.text, earlier, marker=marker, at=self._clock(), newline=newline
        )

    def _file(self, name: str) -> Path:
        if "\0" in name:
            raise NotFound(f"There is no ticket {name!r}.", hint="Name a key or a Markdown file.")
        path = Path(name).expanduser().absolute()
        with file_errors(path, "read"):
            if path.exists():
                return path
        if path.suffix == ".md" or "/" in name:
            raise NotFound(f"There is no file {str(path)!r}.", hint=_near_files(path))
        raise NotFound(
            f"There is no ticket and no file {name!r}.",
            hint=f"A key looks like 'TODO-7'. {self._near(name)}",
        )

    def _import(self, path: Path) -> Ticket:
        own = parse_document(path, neutralise(read_text(path, hint=EXAMPLE)), hint=EXAMPLE)
        ticket = read_ticket(own, url=path.as_uri())
        copy = self.folder / f"{ticket.key}.md"
        with locked(self.folder):
            kept = read_document(copy, hint=EXAMPLE) if copy.is_file() else None
            if kept is not None:
                _check_same_ticket(ticket, path, kept)
            text = _merged(own, kept)
            if kept is None or text != kept.text:
                write_file(copy, text)
        return self._read(ticket.key)


def _merged(own: Document, kept: Document | None) -> str:
    """Return the user's file with what the tracker knows about the ticket."""
    text = replace_field(own, ORIGIN, str(own.path))
    if kept is None:
        return text
    status = kept.fields.get("status")
    if status is not None:
        text = replace_field(parse_document(own.path, text), "status", str(status))
    links = kept.fields.get(OUTSIDE_LINKS)
    if isinstance(links, list):
        text = replace_list(parse_document(own.path, text), OUTSIDE_LINKS, links)
    section = split_comments(kept.text)[1]
    return (
        text + ("" if text.endswith("\n") else own.newline) + own.newline + section
        if section
        else text
    )


def _check_same_ticket(ticket: Ticket, path: Path, kept: Document) -> None:
    """Refuse a file that would replace another ticket that happens to have the same key."""
    origin, title = kept.fields.get(ORIGIN), kept.fields.get("title")
    if origin != str(path) and title != ticket.title:
        raise Rejected(
            f"{str(path)!r} has the key {ticket.key!r}, and the tracker has another ticket with "
            f"this key: {title!r}" + (f", from {str(origin)!r}." if origin else "."),
            hint=f"Give it another key, or remove {str(kept.path)!r}.",
        )


def _near_files(path: Path) -> str:
    folder = path.parent
    if not folder.is_dir():
        return f"There is no folder {str(folder)!r} either."
    names = [other.name for other in folder.glob("*.md")]
    near = get_close_matches(path.name, names, n=3)
    if near:
        return f"Did you mean {' or '.join(repr(name) for name in near)}?"
    return f"Name a key or a Markdown file like this one. {EXAMPLE}"
