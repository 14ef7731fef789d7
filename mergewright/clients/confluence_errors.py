"""Every failure of a call to Confluence becomes one of our errors, with what Confluence says of it.

Source: error forms of REST v1 (`message`, `data.errors`) and v2 (`errors` with `title` and `detail`),
descriptions of 2026-11-20.
"""

from collections.abc import Iterator, Mapping
from functools import partial
from http import HTTPStatus

from requests import Response  # noqa: TID251 - the library's own answers

from mergewright.clients.atlassian_errors import error_of_failure, not_of_service, shortened
from mergewright.clients.http_errors import error_of_status
from mergewright.errors import Rejected, ServiceError
from mergewright.safety.redaction import redact

SERVICE = "Confluence"


class VersionConflict(Rejected):
    """Somebody has written a newer version of a page since we read it."""


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
    of_answer = partial(error_of_answer, about=about)
    return error_of_failure(error, service=SERVICE, about=about, host=host, of_answer=of_answer)


def not_confluence(*, about: str, host: str) -> ServiceError:
    """Return the error for an answer that is not of the form that Confluence gives."""
    return not_of_service(SERVICE, about=about, host=host)


def _what_confluence_says(response: Response) -> str:
    try:
        body = response.json()
    except ValueError:
        return ""
    if not isinstance(body, Mapping):
        return ""
    texts = dict.fromkeys(text for text in _texts(body) if text)
    return redact(shortened("; ".join(texts)))


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
