"""Every failure of a call to Confluence becomes one of our errors, with what Confluence says of it.

Source: exception classes of requests 2.34 and atlassian-python-api 5.0.5; error forms of REST v1
(`message`, `data.errors`) and v2 (`errors` with `title` and `detail`), descriptions of 2026-11-20.
"""

import ssl
from collections.abc import Iterator, Mapping
from http import HTTPStatus

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


class VersionConflict(Rejected):
    """Somebody has written a newer version of a page since we read it."""


class AnswerTooLarge(OSError):
    """An answer has more bytes, or takes longer, than any that is asked for."""


def error_of_answer(response: Response, *, about: str) -> ServiceError:
    """Return the error that an answer of Confluence stands for.

    Args:
        response: An answer with a status that is no success.
        about: What the call was about, as in `read the page 'Home'`.
    """
    said = _what_confluence_says(response)
    message = f"Confluence could not {about} (status {response.status_code})"
    message += f": {said}" if said else "."
    if response.status_code == HTTPStatus.CONFLICT:
        # No failure of the service: it must not count as one.
        return VersionConflict(message, hint="Start the same run again.")
    return error_of_status(
        response.status_code, message, retry_after=response.headers.get("Retry-After")
    )


def error_of_exception(error: Exception, *, about: str, host: str) -> ServiceError:
    """Return the error for whatever the library raised.

    Args:
        error: The library's exception.
        about: What the call was about.
        host: Where Confluence is.
    """
    answer = getattr(error, "response", None)
    if isinstance(error, failures.TooManyRedirects):
        return _redirected(answer, about=about, host=host)
    if isinstance(answer, Response) and answer.status_code >= HTTPStatus.BAD_REQUEST:
        return error_of_answer(answer, about=about)
    if isinstance(error, ApiError) and isinstance(error.reason, Exception):
        return error_of_exception(error.reason, about=about, host=host)
    kind, hint = _meaning_of(error)
    return kind(redact(f"Confluence at {host} could not {about}: {_plain(error)}"), hint=hint)


def not_confluence(*, about: str, host: str) -> ServiceError:
    """Return the error for an answer that is not of the form that Confluence gives."""
    return ServiceUnavailable(
        f"Confluence at {host} could not {about}: the answer is not what Confluence gives.",
        hint="Look whether the address is Confluence's own and not that of a log-in page or proxy.",
    )


def _meaning_of(error: Exception) -> tuple[type[ServiceError], str]:
    if isinstance(error, AnswerTooLarge):
        return Rejected, "Look whether the address in the credentials is that of Confluence."
    if isinstance(error, failures.SSLError | ssl.SSLError) and "certificate" in str(error):
        return Rejected, _CERTIFICATE_HINT
    if isinstance(error, OSError | TransportError) and not isinstance(error, _MISUSED):
        return ServiceUnavailable, "Look whether Confluence is up, then start the same run again."
    return Rejected, "Look whether the address in the credentials is that of Confluence."


def _redirected(answer: object, *, about: str, host: str) -> ServiceError:
    target = answer.headers.get("Location", "") if isinstance(answer, Response) else ""
    return Rejected(
        redact(f"Confluence at {host} could not {about}: it sends us to {_shortened(target)!r}."),
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


def _what_confluence_says(response: Response) -> str:
    try:
        body = response.json()
    except ValueError:
        return ""
    if not isinstance(body, Mapping):
        return ""
    texts = dict.fromkeys(text for text in _texts(body) if text)
    return redact(_shortened("; ".join(texts)))


def _texts(body: Mapping[str, object]) -> Iterator[str]:
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


def _shortened(text: str) -> str:
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
    return line if len(line) <= MAX_TEXT_CHARACTERS else f"{line[:MAX_TEXT_CHARACTERS]}…"
