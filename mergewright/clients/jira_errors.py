"""Every failure of a call to Jira becomes one of our errors, with what Jira itself says about it.

Source: Jira's error form (`errorMessages`, `errors`):
developer.atlassian.com/cloud/jira/platform/rest/v3/intro, 2026-11-20.
"""

from collections.abc import Mapping
from functools import partial

from requests import Response  # noqa: TID251 - the library's own answers

from mergewright.clients.atlassian_errors import error_of_failure, not_of_service, shortened
from mergewright.clients.http_errors import error_of_status
from mergewright.errors import ServiceError
from mergewright.safety.redaction import redact

SERVICE = "Jira"


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
    of_answer = partial(error_of_answer, about=about)
    return error_of_failure(error, service=SERVICE, about=about, host=host, of_answer=of_answer)


def not_jira(*, about: str, host: str) -> ServiceError:
    """Return the error for an answer that is not of the form that Jira gives."""
    return not_of_service(SERVICE, about=about, host=host)


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
    return redact(shortened("; ".join(texts)))
