"""The Markdown files of a folder that are its tickets."""

from collections.abc import Callable
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path

from mergewright.clients.attachment_texts import with_texts
from mergewright.clients.documents import file_errors, read_document, rejected, utc_now
from mergewright.clients.ticket_file import EXAMPLE, is_key, media_type_of, read_ticket
from mergewright.domain.ticket import Attachment, Ticket
from mergewright.errors import NotFound

_SHOWN_KEYS = 8


class FolderTickets:
    """Tickets as Markdown files in one folder; files that hang on one are in a folder of its key.

    Args:
        folder: Where the tickets are; made when first written to.
        clock: Tells the instant that a comment carries.
    """

    def __init__(self, folder: Path, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.folder = folder.expanduser().absolute()
        self._clock = clock

    def keys(self) -> tuple[str, ...]:
        """Return the keys of all tickets in the folder.

        Raises:
            AccessDenied: The folder may not be read.
            Rejected: It is no folder.
            ServiceUnavailable: The disk failed.
        """
        with file_errors(self.folder, "list"):
            if not self.folder.exists():
                return ()
            names = [path.stem for path in self.folder.iterdir() if path.suffix == ".md"]
        return tuple(sorted(name for name in names if is_key(name)))

    def _existing(self, key: str) -> Path | None:
        path = self.folder / f"{key}.md"
        with file_errors(path, "read"):
            # A key that is no key could lead out of the folder.
            return path if is_key(key) and path.is_file() else None

    def _path(self, key: str) -> Path:
        path = self._existing(key)
        if path is None:
            raise NotFound(
                f"There is no ticket {key!r} in {str(self.folder)!r}.", hint=self._near(key)
            )
        return path

    def _near(self, key: str) -> str:
        keys = self.keys()
        if not keys:
            return "The tracker's folder holds no tickets yet; name a Markdown file instead."
        folded = {known.casefold(): known for known in keys}
        near = [folded[name] for name in get_close_matches(key.casefold(), folded, n=3)]
        if near:
            return f"Did you mean {' or '.join(repr(name) for name in near)}?"
        more = f" and {len(keys) - _SHOWN_KEYS} more" if len(keys) > _SHOWN_KEYS else ""
        return f"The tracker holds {', '.join(keys[:_SHOWN_KEYS])}{more}."

    def _read(self, key: str) -> Ticket:
        path = self._path(key)
        document = read_document(path, hint=EXAMPLE)
        ticket = read_ticket(document, url=path.as_uri())
        if ticket.key != key:
            raise rejected(
                path,
                document.line("key"),
                f"the key is {ticket.key!r} and the file's name says {key!r}",
                hint="Make both the same.",
            )
        files = self._files(key)
        listed = [
            Attachment(
                name=file.name,
                media_type=media_type_of(file.name),
                size_bytes=file.stat().st_size,
                url=file.as_uri(),
            )
            for file in files
        ]
        with file_errors(self.folder / key, "read"):
            attachments = with_texts(listed, lambda number: files[number].read_bytes())
        return ticket.model_copy(update={"attachments": attachments})

    def _files(self, key: str) -> tuple[Path, ...]:
        """Return the files that hang on a ticket; links to elsewhere are none."""
        folder = self.folder / key
        with file_errors(folder, "list"):
            if not folder.is_dir():
                return ()
            inside = sorted(folder.iterdir())
            return tuple(path for path in inside if path.is_file() and not path.is_symlink())
