"""Every failure of a call to one of Atlassian's services becomes one of our errors.

What differs between the services is in a `Service`: its name, how it tells what is wrong, and what
a conflict is there.

Source: exception classes of requests 2.34 and atlassian-python-api 5.0.5, 2026-11-20.
"""

import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

from atlassian.errors import ApiError, JsonRPCError
from requests import Response  # noqa: TID251 - the library's own answers
from requests import exceptions as failures  # noqa: TID251 - the library's own errors
from urllib3.exceptions import HTTPError as TransportError

from mergewright.clients.http_errors import error_of_status
from mergewright.clients.service_words import shortened
from mergewright.errors import Rejected, ServiceError, ServiceUnavailable
from mergewright.safety.redaction import redact

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


@dataclass(frozen=True, slots=True)
class Service:
    """One of the services, as far as its failures differ from the others'."""

    name: str
    told: Callable[[Mapping[str, object]], Iterable[str]]
    """Returns what the JSON of an error says."""
    conflict: type[Rejected] | None = None
    """What 409 is, where it says that somebody was faster; else it is a failure that may pass."""


def error_of_answer(service: Service, response: Response, *, about: str) -> ServiceError:
    """Return the error that an answer of a service stands for.

    Args:
        service: Whose answer it is.
        response: An answer with a status that is no success.
        about: What the call was about, as in `read the ticket 'ABC-1'`.
    """
    said = _what_is_told(service, response)
    message = f"{service.name} could not {about} (status {response.status_code})"
    message += f": {said}" if said else "."
    if response.status_code == HTTPStatus.CONFLICT and service.conflict is not None:
        # No failure of the service: it must not count as one.
        return service.conflict(message, hint="Start the same run again.")
    return error_of_status(
        response.status_code, message, retry_after=response.headers.get("Retry-After")
    )


def error_of_failure(service: Service, error: Exception, *, about: str, host: str) -> ServiceError:
    """Return the error for whatever the library raised.

    Args:
        service: What was called.
        error: The library's exception.
        about: What the call was about.
        host: Where the service is.
    """
    answer = getattr(error, "response", None)
    if isinstance(error, failures.TooManyRedirects):
        target = answer.headers.get("Location", "") if isinstance(answer, Response) else ""
        told = (
            f"{service.name} at {host} could not {about}: it sends us on to {shortened(target)!r}."
        )
        return Rejected(
            redact(told),
            hint="Credentials are not taken to another address: correct the one in the credentials.",
        )
    if isinstance(answer, Response) and answer.status_code >= HTTPStatus.BAD_REQUEST:
        return error_of_answer(service, answer, about=about)
    if isinstance(error, ApiError) and isinstance(error.reason, Exception):
        return error_of_failure(service, error.reason, about=about, host=host)
    kind, hint = _meaning_of(error, service.name)
    return kind(redact(f"{service.name} at {host} could not {about}: {_plain(error)}"), hint=hint)


def not_of_service(service: Service, *, about: str, host: str) -> ServiceError:
    """Return the error for an answer that is not of the form that the service gives."""
    return ServiceUnavailable(
        f"{service.name} at {host} could not {about}: the answer is not what {service.name} gives.",
        hint=f"Look whether the address is that of {service.name} itself and not of a log-in page"
        " or proxy.",
    )


def _what_is_told(service: Service, response: Response) -> str:
    try:
        body = response.json()
    except ValueError:
        return ""
    if not isinstance(body, Mapping):
        return ""
    texts = dict.fromkeys(text for text in service.told(body) if text)
    return redact(shortened("; ".join(texts)))


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
