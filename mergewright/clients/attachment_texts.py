"""Which attachments of a ticket a model may read, and how much of them."""

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from mergewright.domain.ticket import Attachment
from mergewright.errors import ServiceError

MAX_TEXT_BYTES = 20 * 1024
"""Of one attachment: more is cut, with a note."""
MAX_TEXTS_BYTES = 60 * 1024
"""Of all attachments of a ticket together: each agent reads, and pays for, all of them."""
MAX_FETCHED_BYTES = 2 * 1024 * 1024
"""A larger file is not even fetched for its beginning."""
MAX_IMAGE_BYTES = 5 * 1024 * 1024
"""Source: platform.claude.com/docs/en/build-with-claude/vision (size of an image), 2026-11-20."""

_TEXT_TYPES = frozenset(
    {
        "application/json", "application/x-ndjson", "application/xml", "application/yaml",
        "application/x-yaml", "application/toml", "application/x-patch", "application/x-sh",
        "application/sql", "application/javascript", "application/x-httpd-php",
    }
)  # fmt: skip
_TEXT_SUFFIXES = frozenset(
    {
        ".txt", ".log", ".md", ".rst", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".yaml", ".yml",
        ".toml", ".ini", ".cfg", ".conf", ".diff", ".patch", ".sql", ".sh", ".py", ".js", ".ts",
        ".java", ".go", ".rs", ".rb", ".php", ".c", ".h", ".cpp", ".cs", ".trace", ".html",
    }
)  # fmt: skip
_NO_TYPE = frozenset({"", "application/octet-stream", "binary/octet-stream"})


def is_text(name: str, media_type: str) -> bool:
    """Say whether an attachment is text: by its type, or by its name if the type says nothing."""
    plain = media_type.partition(";")[0].strip().casefold()
    if plain.startswith("text/") or plain in _TEXT_TYPES or plain.endswith(("+json", "+xml")):
        return plain != "image/svg+xml"
    return plain in _NO_TYPE and PurePosixPath(name.casefold()).suffix in _TEXT_SUFFIXES


def with_texts(
    attachments: Iterable[Attachment], fetch: Callable[[int], bytes]
) -> tuple[Attachment, ...]:
    """Return attachments with the texts of those that a model may read.

    What cannot be fetched, or is no text after all, is listed without one.

    Args:
        attachments: All attachments of a ticket.
        fetch: Returns the bytes of the attachment with this number, counted from 0.
    """
    left_bytes = MAX_TEXTS_BYTES
    found = []
    for number, one in enumerate(attachments):
        text = ""
        is_wanted = is_text(one.name, one.media_type) and 0 < one.size_bytes <= MAX_FETCHED_BYTES
        if is_wanted and left_bytes > 0:
            try:
                data = fetch(number)
            except ServiceError as error:
                if error.retryable:
                    raise
                data = b""
            text = shown(data, limit_bytes=min(left_bytes, MAX_TEXT_BYTES))
            left_bytes -= len(text.encode())
        found.append(one.model_copy(update={"text": text}))
    return tuple(found)


def shown(data: bytes, *, limit_bytes: int) -> str:
    """Return the beginning of a text file, with a note when it is cut; empty when it is binary."""
    if b"\0" in data:
        return ""
    kept = data[:limit_bytes]
    text = kept.decode("utf-8", "replace").replace("\r\n", "\n").strip()
    if len(data) > len(kept):
        text = text.rstrip("\ufffd")
        text += f"\n[... cut here: {len(data) - len(kept)} of {len(data)} bytes are left out]"
    return text
