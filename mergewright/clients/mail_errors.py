"""Every failure of a mail's way to its server becomes one of our errors.

Until the server has taken the end of the text it has promised nothing: such a mail was surely not
sent. From there on, only a clear refusal says so; anything else may have been delivered, and is
`PostUncertain`.

Source: RFC 5321 sections 4.2 (replies) and 4.5.3.2 (time limits), RFC 4954 (replies to AUTH), RFC
3207 (STARTTLS); exception classes of Python 3.11's smtplib; 2026-11-20.
"""

import ssl
from dataclasses import dataclass
from smtplib import SMTPException, SMTPNotSupportedError, SMTPResponseException

from mergewright.clients.service_words import one_line, shortened
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

LIBRARY_ERRORS = (SMTPException, OSError, ValueError, LookupError, AttributeError)
"""What smtplib may raise: sockets and TLS raise `OSError`, odd answers end in the others."""

_LATER = frozenset({450, 451, 452})
_ACCESS = frozenset({530, 534, 535, 538})
_NO_MAILBOX = frozenset({550, 551})
_FIRST_REFUSAL = 400
_FIRST_PERMANENT = 500

_UP = "Look whether the mail server is up, then start the run again."
_ADDRESS = "Check host, port and kind of encryption; what answers must be a mail server."


class NoMailServer(SMTPException):
    """What answers does not speak SMTP."""


@dataclass(frozen=True, slots=True)
class MailStep:
    """How far a mail had come."""

    what: str
    """As `greeting` or `the recipient 'ada@example.org'`."""
    host: str
    """Server and port."""
    sent: bool = False
    """Whether the server may have the whole mail."""


def error_of_exception(error: Exception, step: MailStep) -> ServiceError:
    """Return the error for whatever smtplib raised.

    Args:
        error: The library's exception.
        step: How far the mail had come.
    """
    if isinstance(error, SMTPResponseException):
        return error_of_reply(int(error.smtp_code), error.smtp_error, step)
    said = _said(str(error)) or type(error).__name__
    text = redact(f"The mail server {step.host} failed at {step.what}: {said}.")
    if step.sent:
        return _uncertain(text)
    if isinstance(error, ssl.SSLCertVerificationError):
        hint = "Check the server's name, or name the certificate to trust as `ca_file`."
        return Rejected(text, hint=hint)
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        return Rejected(text, hint=_ADDRESS)
    if isinstance(error, NoMailServer | SMTPNotSupportedError | ValueError | LookupError):
        return Rejected(text, hint=_ADDRESS)
    return ServiceUnavailable(text, hint=_UP)


def error_of_reply(code: int, said: bytes | str, step: MailStep) -> ServiceError:
    """Return the error for a reply that is no success.

    Args:
        code: The reply's code; one that is no refusal is an odd answer.
        said: The reply's text.
        step: How far the mail had come.
    """
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    text = redact(
        f"The mail server {step.host} refused {step.what}: {code} {_said(words)}".rstrip() + "."
    )
    if code < _FIRST_REFUSAL:
        return _uncertain(text) if step.sent else Rejected(text, hint=_ADDRESS)
    if code in _LATER:
        return RateLimited(text, hint="The server asks to try again later; start the run again.")
    if code < _FIRST_PERMANENT:
        return ServiceUnavailable(text, hint=_UP)
    if code in _ACCESS:
        hint = "Check user name and password, and whether the account may send mail."
        return AccessDenied(text, hint=hint)
    if code in _NO_MAILBOX and not step.sent:
        return NotFound(text, hint="Check the address, and that the account may write to it.")
    return Rejected(text, hint="The server's words say why; the same mail is refused again.")


def _uncertain(text: str) -> PostUncertain:
    hint = "The mail may have arrived all the same: ask a recipient. It is not sent again."
    return PostUncertain(text, hint=hint)


def _said(words: str) -> str:
    return shortened(one_line(words).rstrip("."))
