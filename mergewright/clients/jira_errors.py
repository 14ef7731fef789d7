"""What Jira says when it refuses.

Source: Jira's error form (`errorMessages`, `errors`):
developer.atlassian.com/cloud/jira/platform/rest/v3/intro, 2026-11-20.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from mergewright.clients.atlassian_errors import Service


def _told(body: Mapping[str, object]) -> Iterator[str]:
    general, fields = body.get("errorMessages"), body.get("errors")
    yield from (str(text) for text in general) if isinstance(general, list) else ()
    if isinstance(fields, Mapping):
        yield from (f"{name}: {text}" for name, text in fields.items())
    yield from (str(body[name]) for name in ("message", "errorMessage") if body.get(name))


JIRA: Final = Service("Jira", _told)
