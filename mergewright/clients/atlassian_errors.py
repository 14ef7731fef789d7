"""What calls to Atlassian's services raise, as our errors: the part that Jira and Confluence share.

Source: exception classes of requests 2.34 and atlassian-python-api 5.0.5, 2026-11-20.
"""

import ssl
from collections.abc import Callable
from http import HTTPStatus

from atlassian.errors import ApiError, JsonRPCError
from requests import Response  # noqa: TID251 - the library's own answers
from requests import exceptions as failures  # noqa: TID251 - the library's own errors
from urllib3.exceptions import HTTPError as TransportError

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


def error_of_failure(
    error: Exception,
    *,
    service: str,
    about: str,
    host: str,
    of_answer: Callable[[Response], ServiceError],
) -> ServiceError:
    """Return the error for whatever the library raised.

    Args:
        error: The library's exception.
        service: `Jira` or `Confluence`.
        about: What the call was about, as in `read the ticket 'ABC-1'`.
        host: Where the service is.
        of_answer: Returns the error that an answer of the service stands for.
    """
    answer = getattr(error, "response", None)
    if isinstance(error, failures.TooManyRedirects):
        target = answer.headers.get("Location", "") if isinstance(answer, Response) else ""
        told = f"{service} at {host} could not {about}: it sends us on to {shortened(target)!r}."
        return Rejected(
            redact(told),
            hint="Credentials are not taken to another address: correct the one in the credentials.",
        )
    if isinstance(answer, Response) and answer.status_code >= HTTPStatus.BAD_REQUEST:
        return of_answer(answer)
    if isinstance(error, ApiError) and isinstance(error.reason, Exception):
        return error_of_failure(
            error.reason, service=service, about=about, host=host, of_answer=of_answer
        )
    kind, hint = _meaning_of(error, service)
    return kind(redact(f"{service} at {host} could not {about}: {_plain(error)}"), hint=hint)


def not_of_service(service: str, *, about: str, host: str) -> ServiceError:
    """Return the error for an answer that is not of the form that the service gives."""
    return ServiceUnavailable(
        f"{service} at {host} could not {about}: the answer is not what {service} gives.",
        hint=f"Look whether the address is that of {service} itself and not of a log-in page or"
        " proxy.",
    )


def shortened(text: str) -> str:
    """Return a text on one line that is not too long, without what does not print."""
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= MAX_TEXT_CHARACTERS else f"{line[:MAX_TEXT_CHARACTERS]}…"


def _meaning_of(error: Exception, service: str) -> tuple[type[ServiceError], str]:
    if isinstance(error, failures.SSLError | ssl.SSLError) and "certificate" in str(error):
        return Rejected, _CERTIFICATE_HINT
    if isinstance(error, OSError | TransportError) and not isinstance(error, _MISUSED):
        return ServiceUnavailable, f"Look whether {service} is up, then start the same run again."
    return Rejected, f"Look whether the address in the credentials is that of {service}."


def _plain(error: Exception) -> str:
    """Return an exception's innermost reason; the outer texts repeat it with object addresses."""
    inner: object = error
    while isinstance(inner, Exception) and inner.args:
        reason = getattr(inner, "reason", None) or inner.args[-1]
        if not isinstance(reason, Exception):
            break
        inner = reason
    return shortened(str(inner).rpartition(">: ")[2]) or type(error).__name__
