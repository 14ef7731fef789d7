"""Every error of a model's client becomes one of ours, with what it means for the money.

A provider charges nothing for a request it refused or never received. When the line broke after
the request was sent, nobody knows: then the reservation stays at its worst case.

Source: error types and their HTTP statuses, docs.claude.com/en/api/errors, and the exception
classes of anthropic 2.10 and langchain-core 1.7, 2026-11-20.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Literal, NamedTuple

import anthropic
import httpx
import httpx2
from langchain_core.exceptions import (
    ContextOverflowError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelInvalidRequestError,
    ModelNotFoundError,
    ModelPermissionDeniedError,
    ModelRateLimitError,
    ModelTimeoutError,
)

from mergewright.errors import (
    AccessDenied,
    LimitReached,
    MergewrightError,
    NotFound,
    RateLimited,
    Rejected,
    ServiceError,
    ServiceUnavailable,
)
from mergewright.safety.redaction import redact

MAX_TEXT_CHARACTERS = 300

OK = 200
REQUEST_TIMEOUT = 408
CONFLICT = 409
TOO_MANY_REQUESTS = 429
SERVER_ERRORS = 500

UNCHARGED_SERVER_ERRORS = frozenset({500, 503, 529})
"""The API itself says that it did not do the work; a gateway's 502 or 504 proves nothing."""

_STATUS_OF_TYPE: Mapping[str, int] = MappingProxyType(
    {
        "invalid_request_error": 400,
        "authentication_error": 401,
        "billing_error": 402,
        "permission_error": 403,
        "not_found_error": 404,
        "request_too_large": 413,
        "rate_limit_error": 429,
        "api_error": 500,
        "timeout_error": 504,
        "overloaded_error": 529,
    }
)

_STATUS_OF_CLASS: tuple[tuple[type[Exception], int], ...] = (
    (ModelAuthenticationError, 401),
    (ModelPermissionDeniedError, 403),
    (ModelNotFoundError, 404),
    (ModelRateLimitError, 429),
    (ModelInvalidRequestError, 400),
    (ContextOverflowError, 400),
    (ModelAPIError, 500),
)

_SPEND_LIMITS = (
    anthropic.ContractSpendLimitReachedError,
    anthropic.EnforcedSpendLimitReachedError,
    anthropic.PaymentRequiredError,
)

_NEVER_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.UnsupportedProtocol,
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    ConnectionRefusedError,
)

_BROKEN_LINE = (
    httpx2.TransportError,
    httpx.TransportError,
    anthropic.APIConnectionError,
    anthropic.APIResponseValidationError,
    ModelConnectionError,
    ModelTimeoutError,
    OSError,
)


class Failure(NamedTuple):
    """A failed model call."""

    error: MergewrightError
    outcome: Literal["failed", "unknown"]
    """`failed`: nothing is charged; `unknown`: it may be."""


def translate_model_error(error: Exception, *, model: str) -> Failure:
    """Return our error for whatever a model's client raised."""
    if isinstance(error, MergewrightError):
        return Failure(error, "unknown" if isinstance(error, LimitReached) else "failed")
    if isinstance(error, _SPEND_LIMITS):
        return Failure(_spend_limit_reached(error, model), "failed")
    status = _status_of(error)
    if status is None:
        return _without_status(error, model)
    in_stream = getattr(error, "status_code", None) == OK
    return Failure(_error_of_status(status, error, model), _outcome(status, in_stream=in_stream))


def _status_of(error: Exception) -> int | None:
    """Return the HTTP status; an error inside a stream came with 200 and has only a type."""
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and status != OK:
        return status
    named = _STATUS_OF_TYPE.get(str(getattr(error, "type", "")))
    if named is not None:
        return named
    if status == OK:
        return SERVER_ERRORS
    return next((code for cls, code in _STATUS_OF_CLASS if isinstance(error, cls)), None)


def _outcome(status: int, *, in_stream: bool) -> Literal["failed", "unknown"]:
    refused = status < SERVER_ERRORS and status != REQUEST_TIMEOUT
    uncharged = refused or status in UNCHARGED_SERVER_ERRORS
    return "failed" if uncharged and not in_stream else "unknown"


def _error_of_status(status: int, error: Exception, model: str) -> ServiceError:
    text = _text_of(error)
    if status == TOO_MANY_REQUESTS:
        return RateLimited(
            f"The provider of {model!r} asks to slow down: {text}",
            retry_after_seconds=_retry_after(error),
            hint="Wait, then start the same run again: it goes on where it stopped.",
        )
    if status in {REQUEST_TIMEOUT, CONFLICT} or status >= SERVER_ERRORS:
        return ServiceUnavailable(
            f"The provider of {model!r} failed with status {status}: {text}",
            hint="Start the same run again later: it goes on where it stopped.",
        )
    kind, hint = _REFUSALS.get(status, (Rejected, "See what the provider says and correct it."))
    return kind(f"The provider of {model!r} refused the request ({status}): {text}", hint=hint)


_REFUSALS: Mapping[int, tuple[type[ServiceError], str]] = MappingProxyType(
    {
        400: (Rejected, "If it is too long, choose a smaller ticket or a model with more context."),
        401: (AccessDenied, "Check the API key: ANTHROPIC_API_KEY, or the profile's credentials."),
        403: (AccessDenied, "This key may not use the model; ask the owner of the account."),
        404: (NotFound, "Check the model's name; it is written provider:name."),
        413: (Rejected, "The request is too large; choose a smaller ticket."),
    }
)


def _spend_limit_reached(error: Exception, model: str) -> AccessDenied:
    return AccessDenied(
        f"The account behind {model!r} may spend no more: {_text_of(error)}",
        hint="Raise the spend limit or add credit in the provider's console.",
    )


def _without_status(error: Exception, model: str) -> Failure:
    text = f"{type(error).__name__}: {_text_of(error)}"
    if any(isinstance(cause, _NEVER_SENT) for cause in _causes(error)):
        unreachable = ServiceUnavailable(
            f"The provider of {model!r} cannot be reached: {text}",
            hint="Check the network, the proxy and the base URL (ANTHROPIC_BASE_URL).",
        )
        return Failure(unreachable, "failed")
    if isinstance(error, _BROKEN_LINE):
        broken = ServiceUnavailable(
            f"The line to the provider of {model!r} broke during a call: {text}",
            hint="Start the same run again: it goes on where it stopped.",
        )
        return Failure(broken, "unknown")
    odd = ServiceError(
        f"The client of {model!r} failed: {text}",
        hint="If it happens again, report it with this message.",
    )
    return Failure(odd, "unknown")


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _text_of(error: Exception) -> str:
    body = getattr(error, "body", None)
    inner = body.get("error") if isinstance(body, dict) else None
    message = inner.get("message") if isinstance(inner, dict) else None
    text = " ".join(redact(str(message or error)).split())
    return text if len(text) <= MAX_TEXT_CHARACTERS else f"{text[:MAX_TEXT_CHARACTERS]}..."


def _retry_after(error: Exception) -> float | None:
    headers = getattr(getattr(error, "response", None), "headers", None) or {}
    try:
        seconds = float(headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if seconds >= 0 else None
