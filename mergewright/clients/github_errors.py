"""Every failure of a call to GitHub becomes one of our errors, with what GitHub says about it.

Source: exception classes of httpx 0.28; error form, rate limits and the header that names missing
permissions: docs.github.com/en/rest/using-the-rest-api (troubleshooting, rate-limits-for-the-rest-
api), 2026-11-20. A secondary limit that names no time asks for at least a minute.
"""

import time
from collections.abc import Mapping

import httpx

from mergewright.clients.certificate_errors import is_about_certificates
from mergewright.clients.http_errors import error_of_status, retry_after_seconds
from mergewright.clients.service_words import shortened
from mergewright.errors import AccessDenied, RateLimited, Rejected, ServiceError, ServiceUnavailable
from mergewright.safety.redaction import redact

SECONDARY_LIMIT_SECONDS = 60.0

LIBRARY_ERRORS = (
    *(httpx.HTTPError, httpx.InvalidURL, httpx.CookieConflict, httpx.StreamError),
    *(OSError, ValueError),
)
"""What a call may raise: a certificate file that is not there is an `OSError`, a header that
cannot be sent a `ValueError`."""

_UNAVAILABLE_HINT = "Look whether GitHub is up, then start the same run again."
_MISUSED = (httpx.UnsupportedProtocol, httpx.LocalProtocolError, httpx.TooManyRedirects)


def error_of_answer(
    status: int, headers: httpx.Headers, body: object, *, about: str
) -> ServiceError:
    """Return the error that an answer of GitHub stands for.

    Args:
        status: A status that is no success.
        headers: The answer's headers.
        body: The answer's JSON, or None.
        about: What the call was about, as in `read the pull request #7`.
    """
    said = _what_github_says(body)
    message = f"GitHub could not {about} (status {status})"
    message += f": {said}" if said else "."
    if status in {403, 429} and (limit := _limit_of(status, headers, said)) is not None:
        return limit_error(message, limit)
    error = error_of_status(status, message, retry_after=headers.get("Retry-After"))
    needed = headers.get("X-Accepted-GitHub-Permissions", "")
    if isinstance(error, AccessDenied) and needed:
        error.hint = f"Give the credential the permission {shortened(redact(needed))!r}."
    return error


def limit_error(message: str, seconds: float | None) -> RateLimited:
    """Return the error for a rate limit.

    Args:
        message: What happened.
        seconds: How long GitHub asks to wait.
    """
    hint = "Wait, then start the same run again."
    return RateLimited(message, retry_after_seconds=seconds, hint=hint)


def _limit_of(status: int, headers: httpx.Headers, said: str) -> float | None:
    """Return how long a limit asks to wait; None when the answer is about no limit."""
    if (asked := retry_after_seconds(headers.get("Retry-After"))) is not None:
        return asked
    if headers.get("X-RateLimit-Remaining") == "0":
        return _until(headers.get("X-RateLimit-Reset"))
    if status == 429 or "rate limit" in said.casefold():  # noqa: PLR2004 - HTTP's "too many requests"
        return SECONDARY_LIMIT_SECONDS
    return None


def _until(reset: str | None) -> float:
    try:
        return max(float(reset or "") - time.time(), 1.0)
    except ValueError:
        return SECONDARY_LIMIT_SECONDS


def error_of_exception(error: Exception, *, about: str, host: str) -> ServiceError:
    """Return the error for whatever the library raised.

    Args:
        error: The library's exception.
        about: What the call was about.
        host: Where GitHub is.
    """
    text = redact(f"GitHub at {host} could not {about}: {_plain(error)}")
    if is_about_certificates(error):
        hint = "Name the file with the certificates to trust in SSL_CERT_FILE, or mend the address."
        return Rejected(text, hint=hint)
    passing = isinstance(error, httpx.RequestError | httpx.StreamError | OSError)
    if passing and not isinstance(error, _MISUSED):
        return ServiceUnavailable(text, hint=_UNAVAILABLE_HINT)
    return Rejected(text, hint="Look whether the address in the block is that of GitHub's API.")


def not_github(*, about: str, host: str) -> ServiceError:
    """Return the error for an answer that is not of the form that GitHub gives."""
    return ServiceUnavailable(
        f"GitHub at {host} could not {about}: the answer is not what GitHub gives.",
        hint="Look whether the address is that of GitHub's API and not of a log-in page or proxy.",
    )


def too_large(*, about: str, host: str, limit_bytes: int) -> ServiceError:
    """Return the error for an answer that is larger than is read."""
    return Rejected(
        f"GitHub at {host} could not {about}: the answer is larger than {limit_bytes} bytes.",
        hint="Look whether the address in the block is that of GitHub's API.",
    )


def too_slow(*, about: str, host: str, limit_seconds: float) -> ServiceError:
    """Return the error for an answer that did not end in time."""
    return ServiceUnavailable(
        f"GitHub at {host} could not {about}: the answer had not ended after {limit_seconds:g} s.",
        hint=_UNAVAILABLE_HINT,
    )


def redirected(target: str, *, about: str, host: str) -> ServiceError:
    """Return the error for a redirect that is not followed."""
    return Rejected(
        redact(f"GitHub at {host} could not {about}: it sends us on to {shortened(target)!r}."),
        hint="Credentials are not taken to another address: correct the one in the block.",
    )


def _plain(error: Exception) -> str:
    return shortened(str(error)) or type(error).__name__


def _what_github_says(body: object) -> str:
    if not isinstance(body, Mapping):
        return ""
    texts = [str(body.get("message") or "")]
    errors = body.get("errors")
    faults = errors if isinstance(errors, list) else []
    texts += [_fault(one) if isinstance(one, Mapping) else str(one) for one in faults]
    return redact(shortened("; ".join(text for text in texts if text)))


def _fault(fault: Mapping[str, object]) -> str:
    """Return one of the faults GitHub lists: in its own words, or as what is wrong where."""
    if fault.get("message"):
        return str(fault["message"])
    return " ".join(str(fault[name]) for name in ("resource", "field", "code") if fault.get(name))
