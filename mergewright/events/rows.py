"""Events as text: one canonical form, whoever writes it and wherever it is kept."""

import json
import re
from typing import Final

from pydantic import ValidationError

from mergewright.domain.events import EVENT, CallReserved, CallSettled, Event
from mergewright.errors import StoreFailed

# Half a character: a tool or model can produce one, UTF-8 and JSON readers refuse it.
_LONE_SURROGATES: Final = re.compile("[\ud800-\udfff]")

_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)

_UNREADABLE: Final = (
    "Either the file is damaged (restore a copy) or a newer Mergewright wrote it (update this one)."
)


def natural_key(event: Event) -> str:
    """Return what a run holds at most one of per type; empty when there may be many.

    Money is always keyed by its reservation, so that no reservation is made or settled twice.
    """
    if isinstance(event, CallReserved | CallSettled):
        return event.reservation_id
    return event.key


def encode(event: Event) -> str:
    """Return the canonical JSON of an event: sorted keys, no spaces, fields at default left out.

    Leaving defaults out lets an event type gain an optional field without breaking the digests of
    what was written before.

    Raises:
        StoreFailed: The event holds something that JSON has no form for.
    """
    try:
        fields = event.model_dump(mode="json", exclude_defaults=True)
        fields |= {"type": event.type, "version": event.version}
        body = _CANONICAL.encode(fields)
    except ValueError as error:
        raise StoreFailed(
            f"The event {event.type!r} of the run {event.run_id!r} cannot be written as JSON:"
            f" {error}.",
            hint="Tool results and answers must be plain JSON.",
        ) from error
    return body if body.isascii() else _LONE_SURROGATES.sub("\N{REPLACEMENT CHARACTER}", body)


def decode(body: str, seq: int) -> Event:
    """Read an event back.

    Raises:
        StoreFailed: The text is damaged, or of a kind that this version does not know.
    """
    try:
        return EVENT.validate_json(body)
    except ValidationError as error:
        raise StoreFailed(
            f"Event {seq} of the log cannot be read: {error.errors()[0]['msg']}.",
            hint=_UNREADABLE,
        ) from error
