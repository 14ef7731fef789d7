"""HTTP statuses as Mergewright's errors, the same for every service.

Source: RFC 9110 (statuses, `Retry-After`) and RFC 6585 (429).
"""

import math
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from mergewright.errors import (
    AccessDenied,
    NotFound,
    RateLimited,
    Rejected,
    ServiceError,
    ServiceUnavailable,
)

LONGEST_RETRY_AFTER_SECONDS = 24 * 3600.0

_NO_RIGHT = frozenset({401, 403, 407})
_GONE = frozenset({404, 410})
_MAY_PASS = frozenset({408, 409, 423, 425})
_HINTS: dict[type[ServiceError], str] = {
    AccessDenied: "Check that the credential is valid, not expired, and may do this.",
    NotFound: "Check the spelling, and that the account may see it.",
    RateLimited: "Wait, then start the same run again.",
    ServiceUnavailable: "Look whether the service is up, then start the same run again.",
    Rejected: "Change what was asked for; the same request is refused again.",
}


def error_of_status(
    status: int, message: str, *, retry_after: str | None = None, hint: str = ""
) -> ServiceError:
    """Return the error that an HTTP status stands for.

    Args:
        status: Any status that is no success.
        message: What happened.
        retry_after: The `Retry-After` header, if there was one.
        hint: What to do next; empty takes one that fits the status.
    """
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(
            message,
            retry_after_seconds=retry_after_seconds(retry_after),
            hint=hint or _HINTS[RateLimited],
        )
    kind = _kind_of(status)
    return kind(message, hint=hint or _HINTS[kind])


def _kind_of(status: int) -> type[ServiceError]:
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _MAY_PASS:
        return ServiceUnavailable
    if status in _NO_RIGHT:
        return AccessDenied
    return NotFound if status in _GONE else Rejected


def retry_after_seconds(header: str | None) -> float | None:
    """Return how long a `Retry-After` header asks to wait; None when it does not say."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            at = parsedate_to_datetime(header)
        except ValueError:
            return None
        aware = at if at.tzinfo else at.replace(tzinfo=UTC)
        seconds = (aware - datetime.now(UTC)).total_seconds()
    if math.isnan(seconds):
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER_SECONDS)
