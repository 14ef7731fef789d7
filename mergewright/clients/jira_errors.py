"""Every failure of a call to Jira becomes one of our errors, with what Jira itself says about it.

Source: exception classes of requests 2.34 and atlassian-python-api 5.0.5; Jira's error form
(`errorMessages`, `errors`): developer.atlassian.com/cloud/jira/platform/rest/v3/intro, 2026-11-20.
"""

import ssl
from collections.abc import Mapping

from atlassian.errors import ApiError, JsonRPCError
from requests import Response  # noqa: TID251 - the library's own answers
from requests import exceptions as failures  # noqa: TID251 - the library's own errors
from urllib3.exceptions import HTTPError as TransportError

from mergewright.clients.http_errors import error_of_status
from mergewright.errors import Rejected, ServiceError, ServiceUnavailable
from mergewright.safety.redaction import redact

MAX_TEXT_CHARACTERS = 400

LIBRARY_ERRORS = (OSError, ValueError, ApiError, JsonRPCError, TransportError)
"""What a call may raise; `requests.RequestException` is an `OSError`."""

_MISUSED = (
    failures.InvalidHeader,
    failures.InvalidJSONError,
    failures.InvalidSchema,
    failures.InvalidURL,
    failures.MissingSchema,
    failures.UnrewindableBodyError,
    failures.URLRequired,
)
_CERTIFICATE_HINT = (
    "Name the file with the certificates to trust in REQUESTS_CA_BUNDLE, or mend the address."
)


def error_of_answer(response: Response, *, about: str) -> ServiceError:
    """Return the error that an answer of Jira stands for.

    Args:
        response: An answer with a status that is no success.
        about: What the call was about, as in `read the ticket 'ABC-1'`.
    """
    said = _what_jira_says(response)
    message = f"Jira could not {about} (status {response.status_code})"
    message += f": {said}" if said else "."
    return error_of_status(
        response.status_code, message, retry_after=response.headers.get("Retry-After")
    )


def error_of_exception(error: Exception, *, about: str, host: str) -> ServiceError:
    """Return the error for whatever the library raised.

    Args:
        error: The library's exception.
        about: What the call was about.
        host: Where Jira is.
    """
    answer = getattr(error, "response", None)
    if isinstance(error, failures.TooManyRedirects):
        return _redirected(answer, about=about, host=host)
    if isinstance(answer, Response) and answer.status_code >= 400:  # noqa: PLR2004 - where errors begin
        return error_of_answer(answer, about=about)
    if isinstance(error, ApiError) and isinstance(error.reason, Exception):
        return error_of_exception(error.reason, about=about, host=host)
    kind, hint = _meaning_of(error)
    return kind(redact(f"Jira at {host} could not {about}: {_plain(error)}"), hint=hint)


def _meaning_of(error: Exception) -> tuple[type[ServiceError], str]:
    if isinstance(error, failures.SSLError | ssl.SSLError) and "certificate" in str(error):
        return Rejected, _CERTIFICATE_HINT
    if isinstance(error, OSError | TransportError) and not isinstance(error, _MISUSED):
        return ServiceUnavailable, "Look whether Jira is up, then start the same run again."
    return Rejected, "Look whether the address in the credentials is that of Jira."


def not_jira(*, about: str, host: str) -> ServiceError:
    """Return the error for an answer that is not of the form that Jira gives."""
    return ServiceUnavailable(
        f"Jira at {host} could not {about}: the answer is not what Jira gives.",
        hint="Look whether the address is that of Jira itself and not of a log-in page or proxy.",
    )


def _redirected(answer: object, *, about: str, host: str) -> ServiceError:
    target = answer.headers.get("Location", "") if isinstance(answer, Response) else ""
    return Rejected(
        redact(f"Jira at {host} could not {about}: it sends us on to {_shortened(target)!r}."),
        hint="Credentials are not taken to another address: correct the one in the credentials.",
    )


def _plain(error: Exception) -> str:
    """Return an exception's innermost reason; the outer texts repeat it with object addresses."""
    inner: object = error
    while isinstance(inner, Exception) and inner.args:
        reason = getattr(inner, "reason", None) or inner.args[-1]
        if not isinstance(reason, Exception):
            break
        inner = reason
    return _shortened(str(inner).rpartition(">: ")[2]) or type(error).__name__


def _what_jira_says(response: Response) -> str:
    try:
        body = response.json()
    except ValueError:
        return ""
    if not isinstance(body, Mapping):
        return ""
    general, fields = body.get("errorMessages"), body.get("errors")
    texts = [str(text) for text in general] if isinstance(general, list) else []
    if isinstance(fields, Mapping):
        texts += [f"{name}: {text}" for name, text in fields.items()]
    texts += [str(body[name]) for name in ("message", "errorMessage") if body.get(name)]
    return redact(_shortened("; ".join(texts)))


def _shortened(text: str) -> str:
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= MAX_TEXT_CHARACTERS else f"{line[:MAX_TEXT_CHARACTERS]}…"
