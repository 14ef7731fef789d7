"""The pictures of a run's ticket: fetched once when the run begins, and kept in its log.

Whoever goes on with the run, on whatever machine, shows agents the same bytes. In the ticket each
picture is named by the SHA-256 of its bytes, and a fact of that name holds them.
"""

import hashlib
from base64 import b64decode, b64encode

from mergewright.agents.pictures import (
    MAX_PICTURE_BYTES,
    Picture,
    Pictures,
    UnseenPicture,
    inspect_picture,
    too_large,
)
from mergewright.clients.ports import AttachmentReading
from mergewright.domain.ticket import Attachment, Ticket
from mergewright.domain.value import Value
from mergewright.errors import ServiceError, StoreFailed
from mergewright.events.journal import Journal
from tasks._facts import pinned, recall

MAX_PICTURES = 5
"""Of a ticket: each call of the agents who look at them pays for all."""
MAX_PICTURES_BYTES = 8 * 1024 * 1024
"""Of all together: the log keeps them, and each call sends them."""
MAX_FETCHED = 10

_OF_NO_TYPE = frozenset({"", "application/octet-stream", "binary/octet-stream"})


class PinnedPicture(Value):
    """A picture as the log keeps it."""

    media_type: str
    base64: str


def with_pictures(journal: Journal, tracker: object, ticket: Ticket) -> Ticket:
    """Return a ticket that names the pictures which the log keeps of it, and why not the others.

    Args:
        journal: Of the stage that fetched the ticket; its run keeps no other ticket yet.
        tracker: Where the ticket is.
        ticket: As it is there.

    Raises:
        ServiceUnavailable: The tracker did not answer.
        RateLimited: It asks to wait.
        StoreFailed: The log cannot be read or written.
    """
    if not isinstance(tracker, AttachmentReading):
        return ticket
    choice = _Choice(journal, tracker, ticket.key)
    looked_at = tuple(map(choice.look, ticket.attachments))
    if looked_at == ticket.attachments:
        return ticket
    return ticket.model_copy(update={"attachments": looked_at})


def pictures_of(journal: Journal, ticket: Ticket) -> Pictures:
    """Return what agents are shown of a ticket's attachments, as the run keeps it.

    Raises:
        StoreFailed: The log cannot be read, or does not hold what the ticket names.
    """
    named = {one.picture: one for one in ticket.attachments if one.picture}
    return Pictures(
        shown=tuple(
            Picture(one.name, kept.media_type, kept.base64)
            for digest, one in named.items()
            for kept in [_recalled(journal, digest)]
        ),
        unseen=tuple(
            UnseenPicture(one.name, one.unseen) for one in ticket.attachments if one.unseen
        ),
    )


def carry_over(earlier: Journal, journal: Journal, ticket: Ticket) -> None:
    """Let a run keep the pictures that another one keeps of the same ticket.

    Raises:
        StoreFailed: The log cannot be read or written, or does not hold what the ticket names.
    """
    for digest in {one.picture for one in ticket.attachments if one.picture}:
        _keep(journal, digest, _recalled(earlier, digest))


class _Choice:
    """Goes through a ticket's attachments, and keeps what agents are to be shown."""

    def __init__(self, journal: Journal, tracker: AttachmentReading, key: str) -> None:
        self._journal = journal
        self._tracker = tracker
        self._key = key
        self._fetched = 0
        self._kept: dict[str, int] = {}

    def look(self, file: Attachment) -> Attachment:
        """Return an attachment that says whether it is shown as a picture."""
        declared = file.media_type.partition(";")[0].strip().casefold()
        is_given_out = declared.startswith("image/")
        if file.text or not (is_given_out or declared in _OF_NO_TYPE):
            return file
        fault = self._why_not_fetched(file)
        data = b""
        if not fault:
            try:
                self._fetched += 1
                data = self._tracker.attachment(self._key, file.name)
            except ServiceError as error:
                if error.retryable:
                    raise
                fault = f"it cannot be read: {error.message}"
        if fault:
            return _unseen(file, fault) if is_given_out else file
        return self._judged(file, data, is_given_out=is_given_out)

    def _why_not_fetched(self, file: Attachment) -> str:
        if len(self._kept) >= MAX_PICTURES:
            return f"at most {MAX_PICTURES} pictures of a ticket are shown"
        if self._fetched >= MAX_FETCHED:
            return f"at most {MAX_FETCHED} files of a ticket are looked at"
        return too_large(file.size_bytes) if file.size_bytes > MAX_PICTURE_BYTES else ""

    def _judged(self, file: Attachment, data: bytes, *, is_given_out: bool) -> Attachment:
        found = inspect_picture(data)
        if found.fault:
            return _unseen(file, found.fault) if is_given_out or found.media_type else file
        digest = hashlib.sha256(data).hexdigest()
        if sum(self._kept.values()) + len(data) > MAX_PICTURES_BYTES and digest not in self._kept:
            return _unseen(file, f"all pictures together may have {MAX_PICTURES_BYTES} bytes")
        self._kept[digest] = len(data)
        kept = PinnedPicture(media_type=found.media_type, base64=b64encode(data).decode())
        _keep(self._journal, digest, kept)
        return file.model_copy(update={"picture": digest})


def _unseen(file: Attachment, reason: str) -> Attachment:
    return file.model_copy(update={"unseen": reason.rstrip(".")})


def _keep(journal: Journal, digest: str, picture: PinnedPicture) -> None:
    pinned(journal, _fact(digest), PinnedPicture, lambda: picture)


def _recalled(journal: Journal, digest: str) -> PinnedPicture:
    kept = recall(journal, _fact(digest), PinnedPicture)
    if kept is None or hashlib.sha256(b64decode(kept.base64)).hexdigest() != digest:
        raise StoreFailed(
            f"The log of the run {journal.run_id!r} does not hold the picture {digest[:12]!r} that"
            " its ticket names.",
            hint="Start another run with --fresh: it fetches the ticket's pictures again.",
            run_id=journal.run_id,
        )
    return kept


def _fact(digest: str) -> str:
    return f"picture:{digest}"
