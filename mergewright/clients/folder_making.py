"""Tickets that a run makes in a folder, each once."""

import json

from mergewright.clients.documents import locked, read_document, read_text, write_file
from mergewright.clients.folder_links import GONE, FolderLinks
from mergewright.clients.outcomes import Compensation, Effect
from mergewright.clients.ticket_file import EXAMPLE, MAKER, is_key
from mergewright.domain.ticket import TicketDraft
from mergewright.errors import NotFound, Rejected


class FolderMaking(FolderLinks):
    """What makes tickets in a folder."""

    def check_draft(self, draft: TicketDraft) -> None:
        """See that a ticket could be made.

        Raises:
            NotFound: There is no such parent.
            AccessDenied: The folder may not be read.
            Rejected: A ticket needs a description.
            ServiceUnavailable: The disk failed.
        """
        if draft.parent is not None and self._existing(draft.parent) is None:
            raise NotFound(
                f"There is no ticket {draft.parent!r} to be the parent of {draft.title!r}.",
                hint="Make the parent first.",
            )
        if not any(letter.isalnum() for letter in draft.description):
            raise Rejected(
                f"The ticket {draft.title!r} has no description.", hint="Say what is wanted."
            )

    def create(self, draft: TicketDraft, *, marker: str) -> Effect[str]:
        """Make a ticket, once per marker; return its key.

        Raises:
            NotFound: There is no such parent.
            AccessDenied: The folder may not be read or written.
            Rejected: A ticket needs a description.
            ServiceUnavailable: The disk is full or failed.
        """
        self.check_draft(draft)
        with locked(self.folder):
            there = self._made_with(marker)
            if there:
                return Effect(there, found=True)
            prefix = f"{draft.project.upper()}-"
            numbers = [
                int(known.rpartition("-")[2])
                for known in self.keys()
                if known.upper().startswith(prefix)
            ]
            key = f"{prefix}{max(numbers, default=0) + 1}"
            write_file(self.folder / f"{key}.md", _text_of(draft, key, marker))
        return Effect(key, found=False)

    def find_made(self, draft: TicketDraft, *, marker: str) -> str | None:
        """Return the key of the ticket that was made with a marker, if one was.

        Raises:
            AccessDenied: A file may not be read.
            ServiceUnavailable: The disk failed.
        """
        _ = draft
        return self._made_with(marker) or None

    def remove_created(
        self, key: str, draft: TicketDraft, *, marker: str, rehearse: bool = False
    ) -> Compensation:
        """Delete a ticket that we made, if its file is as we wrote it.

        Raises:
            AccessDenied: The ticket's file may not be read or removed.
            Rejected: Its file is no longer a ticket.
            ServiceUnavailable: The disk failed.
        """
        path = self._existing(key)
        if path is None:
            return GONE
        with locked(self.folder):
            if read_text(path, hint=EXAMPLE) != _text_of(draft, key, marker):
                return Compensation("kept", "It was changed since.", path.as_uri())
            if not rehearse:
                path.unlink(missing_ok=True)
        return Compensation("undone", "Nobody had changed it.")

    def _made_with(self, marker: str) -> str:
        for key in self.keys():
            try:
                document = read_document(self._path(key), hint=EXAMPLE)
            except Rejected:
                # A file that a person has broken is none of ours.
                continue
            if document.fields.get(MAKER) == marker:
                return key
        return ""


def _text_of(draft: TicketDraft, key: str, marker: str) -> str:
    """Return the file of a ticket; JSON is YAML too, and says for each value what it is."""
    about: dict[str, object] = {
        "key": key,
        "title": " ".join(draft.title.split()),
        "kind": draft.kind.value,
    }
    if draft.parent is not None and is_key(draft.parent):
        about["parent"] = draft.parent
    about |= {
        name: list(held)
        for name, held in (("labels", draft.labels), ("components", draft.components))
        if held
    }
    about[MAKER] = marker
    header = "".join(f"{name}: {json.dumps(held)}\n" for name, held in about.items())
    # As `transition` writes it: moved there and back, the file is as it was.
    return f"---\n{header}status: to do\n---\n\n{draft.description.strip()}\n"
