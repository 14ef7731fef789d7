"""What Confluence says when it refuses, and that somebody was faster.

Source: error forms of REST v1 (`message`, `data.errors`) and v2 (`errors` with `title` and `detail`),
descriptions of 2026-11-20.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from mergewright.clients.atlassian_errors import Service
from mergewright.errors import Rejected


class VersionConflict(Rejected):
    """Somebody has written a newer version of a page since we read it."""


def _told(body: Mapping[str, object]) -> Iterator[str]:
    if isinstance(message := body.get("message"), str):
        yield message
    data = body.get("data")
    groups = [body.get("errors"), data.get("errors") if isinstance(data, Mapping) else None]
    for errors in groups:
        for error in errors if isinstance(errors, list) else []:
            yield from _text_of(error)


def _text_of(error: object) -> Iterator[str]:
    if not isinstance(error, Mapping):
        return
    for name in ("title", "detail"):
        if isinstance(text := error.get(name), str):
            yield text
    message = error.get("message")
    inside = message.get("translation") if isinstance(message, Mapping) else message
    yield inside if isinstance(inside, str) else ""


CONFLUENCE: Final = Service("Confluence", _told, conflict=VersionConflict)
