"""What people say about a pull request that is a file: a text beside it, comments parted by `---`.

A comment may begin with the place it is about, as in `src/parcels.py:12: use the sum`. One that
begins with `[x]` is settled.
"""

import hashlib
import re
from datetime import UTC, datetime
from pathlib import Path

from mergewright.clients.documents import Document, file_errors, read_text
from mergewright.domain.pull_request import ReviewComment

AUTHOR = "somebody"

_RULE = re.compile(r"^---[ \t]*$", re.MULTILINE)
_PLACE = re.compile(r"(?P<path>[^\s:]+):(?P<line>[1-9][0-9]{0,6}):\s+(?=\S)")
_SETTLED = ("[x]", "[X]")


def comments_file(pull_request: Path) -> Path:
    """Return where people comment on the pull request of a file."""
    return pull_request.with_suffix(".comments.md")


def id_of(text: str) -> str:
    """Return what a comment is known by, as long as nobody changes it."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def texts_in(path: Path) -> tuple[str, ...]:
    """Return the texts of all comments in a file, in their order; none when there is no file.

    Raises:
        AccessDenied: The file may not be read.
        Rejected: It is no text.
        ServiceUnavailable: The disk failed.
    """
    with file_errors(path, "read"):
        if not path.exists():
            return ()
    parts = (part.strip() for part in _RULE.split(read_text(path).replace("\r\n", "\n")))
    return tuple(part for part in parts if part)


def comments_on(document: Document) -> tuple[ReviewComment, ...]:
    """Return the comments that are not settled, in their order.

    Raises:
        AccessDenied: The file may not be read.
        Rejected: It is no text.
        ServiceUnavailable: The disk failed.
    """
    path = comments_file(document.path)
    texts = [text for text in texts_in(path) if not text.startswith(_SETTLED)]
    if not texts:
        return ()
    with file_errors(path, "read"):
        written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return tuple(_comment(text, written_at, path.as_uri()) for text in texts)


def _comment(text: str, written_at: datetime, url: str) -> ReviewComment:
    place = _PLACE.match(text)
    return ReviewComment(
        id=id_of(text),
        kind="line" if place else "conversation",
        author=AUTHOR,
        body=text[place.end() :] if place else text,
        created_at=written_at,
        url=url,
        path=place["path"] if place else "",
        line=int(place["line"]) if place else None,
        thread=id_of(text),
        member=True,
    )
