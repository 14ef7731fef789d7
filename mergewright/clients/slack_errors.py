"""Every failure of a call to Slack becomes one of our errors, with whether the message may be there.

Slack has no way to say "send this once". A post that got no clear answer may have been delivered,
so it must not be sent again by a machine: such a failure says so and is not retryable. Any other
call may be made again.

Source: docs.slack.dev/reference/methods/chat.postMessage (errors) and docs.slack.dev/apis/web-api
/rate-limits; exception classes of slack_sdk 3.47, which sends with urllib; 2026-11-20.
"""

import re
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from http.client import HTTPException
from urllib.error import URLError

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from mergewright.clients.http_errors import error_of_status, retry_after_seconds
from mergewright.clients.service_words import shortened
from mergewright.errors import (
    AccessDenied,
    NotFound,
    PostUncertain,
    RateLimited,
    Rejected,
    ServiceError,
    ServiceUnavailable,
)
from mergewright.safety.redaction import redact

LIBRARY_ERRORS = (
    *(SlackClientError, OSError, HTTPException),
    *(ValueError, LookupError, AttributeError),
)
"""What a call may raise: urllib's errors are `OSError`, an unknown charset is a `LookupError`, and
an answer that is a JSON list ends in an `AttributeError`."""

_ACCESS = frozenset(
    {"access_denied", "account_inactive", "ekm_access_denied", "enterprise_is_restricted"}
    | {"invalid_auth", "missing_scope", "no_permission", "not_allowed_token_type", "not_authed"}
    | {"not_in_channel", "org_login_required", "team_access_not_granted", "token_expired"}
    | {"token_revoked", "two_factor_setup_required", "accesslimited", "team_not_found"}
)
_UNCERTAIN = frozenset(
    {"fatal_error", "internal_error", "request_timeout", "service_unavailable", "team_added_to_org"}
)
_LIMITED = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
_ABSENT = frozenset({"channel_not_found", "message_not_found", "thread_not_found"})
_HINTS = {
    "channel_not_found": "Check the channel's name or id, and invite the app to a private one.",
    "not_in_channel": "Invite the app to the channel, or give it the scope `chat:write.public`.",
    "is_archived": "Name a channel that is not archived.",
    "message_not_found": "The message was deleted; a new one has to be sent.",
    "cant_update_message": "Only the app that wrote a message can change it.",
    "edit_window_closed": "The workspace lets nobody change a message that old; send a new one.",
}


_SCOPES = re.compile(r"[a-z][a-z0-9:._,-]{0,99}")
_FIRST_REDIRECT = 300
_FIRST_ERROR = 400


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was tried when something failed."""

    what: str
    """As `the message for '#deliveries'`."""
    posts: bool = False
    """Whether a second call would make a second message."""
    reads: bool = False
    """Whether nothing is changed by it."""


def error_of_exception(error: Exception, *, attempt: Attempt, host: str) -> ServiceError:
    """Return the error for whatever the library raised.

    Args:
        error: The library's exception.
        attempt: What was tried.
        host: Where Slack is.
    """
    answer = getattr(error, "response", None)
    if isinstance(error, SlackApiError) and isinstance(answer, SlackResponse):
        return _error_of_answer(answer, attempt)
    text = redact(f"No way to Slack at {host} for {attempt.what}: {_plain(error)}")
    if isinstance(error, SlackClientError):
        return Rejected(text, hint="Correct the address, the channel or the message.")
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, ssl.SSLCertVerificationError):
        return Rejected(text, hint="Name the certificates to trust in SSL_CERT_FILE.")
    if isinstance(error, URLError) and _is_no_handshake(reason):
        return Rejected(text, hint="Look whether the address is that of Slack's Web API.")
    if isinstance(reason, ConnectionRefusedError | socket.gaierror):
        return ServiceUnavailable(text, hint="Look whether Slack is up, then start the run again.")
    return _uncertain(text, attempt)


def _is_no_handshake(reason: object) -> bool:
    """Whether encryption was never agreed on, so that nothing was sent."""
    return isinstance(reason, ssl.SSLError) and not isinstance(reason, ssl.SSLEOFError)


def no_answer(attempt: Attempt) -> ServiceError:
    """Return the error for an answer that does not say what became of it."""
    return _uncertain(f"Slack's answer does not say what became of {attempt.what}.", attempt)


def _uncertain(text: str, attempt: Attempt) -> ServiceError:
    if attempt.posts:
        hint = "The message may have arrived all the same: look into the channel."
        return PostUncertain(text, hint=hint)
    return ServiceUnavailable(text, hint="Look whether Slack is up, then start the run again.")


def _error_of_answer(answer: SlackResponse, attempt: Attempt) -> ServiceError:
    body = answer.data if isinstance(answer.data, dict) else {}
    code = str(body.get("error", "")) if "ok" in body else ""
    status = answer.status_code
    text = redact(f"Slack refused {attempt.what}: {_said(code, status, body)}.")
    hint = _missing(body) if code == "missing_scope" else _HINTS.get(code, "")
    if code in _LIMITED or status == 429:  # noqa: PLR2004 - HTTP's "too many requests"
        seconds = retry_after_seconds(_header(answer, "retry-after"))
        return RateLimited(
            text, retry_after_seconds=seconds, hint="Wait, then start the run again."
        )
    if code in _UNCERTAIN or status >= 500:  # noqa: PLR2004 - where a server's own errors begin
        return _uncertain(text, attempt)
    if code in _ABSENT:
        return NotFound(text, hint=hint)
    if code in _ACCESS:
        return AccessDenied(text, hint=hint or "Check the app's token and its scopes.")
    if not _is_code(code):
        if status < _FIRST_REDIRECT:
            return _uncertain(text, attempt)
        hint = "Look whether the address is that of Slack's Web API."
    return error_of_status(max(status, _FIRST_ERROR), text, hint=hint)


def _missing(body: dict[str, object]) -> str:
    """Name the scope that Slack says it needs."""
    needed = str(body.get("needed", ""))
    plain = needed if _SCOPES.fullmatch(needed) else "chat:write"
    return f"Give the app the scope `{plain}` and install it again."


def _said(code: str, status: int, body: dict[str, object]) -> str:
    said = code if _is_code(code) else f"status {status}, and no answer that Slack would give"
    metadata = body.get("response_metadata")
    messages = metadata.get("messages") if isinstance(metadata, dict) else None
    details = [str(message) for message in messages] if isinstance(messages, list) else []
    return shortened(": ".join([said, "; ".join(details)]) if details else said)


def _is_code(text: str) -> bool:
    return text.isascii() and text.replace("_", "").isalnum() and len(text) <= 80  # noqa: PLR2004 - Slack's codes are short


def _header(answer: SlackResponse, name: str) -> str | None:
    headers: Iterable[tuple[object, object]] = answer.headers.items()
    return next((str(value) for key, value in headers if str(key).lower() == name), None)


def _plain(error: Exception) -> str:
    reason = error.reason if isinstance(error, URLError) else error
    return shortened(str(reason)) or type(reason).__name__
