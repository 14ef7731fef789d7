"""Every exception class of smtplib becomes one of ours, and every reply the right one."""

import smtplib
import socket
import ssl

import pytest

from mergewright.clients.mail_errors import (
    LIBRARY_ERRORS,
    MailStep,
    NoMailServer,
    error_of_exception,
    error_of_reply,
)
from mergewright.errors import (
    AccessDenied,
    NotFound,
    PostUncertain,
    RateLimited,
    Rejected,
    ServiceError,
    ServiceUnavailable,
)

STEP = MailStep("the text", "mail.example.org:587")
AFTER = MailStep("the end of the text", "mail.example.org:587", sent=True)


def family(cls):
    return {cls}.union(*(family(sub) for sub in cls.__subclasses__()))


CLASSES = sorted(
    family(smtplib.SMTPException) | {OSError, TimeoutError, UnicodeError, ssl.SSLError},
    key=lambda cls: cls.__qualname__,
)


def instance(cls):
    special = {
        smtplib.SMTPSenderRefused: (550, b"no", "ada"),
        smtplib.SMTPRecipientsRefused: ({},),
        UnicodeError: ("no",),
    }
    default = (550, b"no") if issubclass(cls, smtplib.SMTPResponseException) else ("no",)
    return cls(*special.get(cls, default))


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__qualname__)
@pytest.mark.parametrize("step", [STEP, AFTER], ids=["before", "after"])
def test_every_class_of_the_library_becomes_one_of_ours(cls, step):
    assert issubclass(cls, LIBRARY_ERRORS)
    error = error_of_exception(instance(cls), step)
    assert isinstance(error, ServiceError)
    assert error.hint
    assert "mail.example.org:587" in error.message
    refused = issubclass(cls, smtplib.SMTPResponseException)
    assert (type(error) is PostUncertain) == (step.sent and not refused)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (ConnectionRefusedError(111, "refused"), ServiceUnavailable),
        (socket.gaierror(-2, "no such name"), ServiceUnavailable),
        (TimeoutError(), ServiceUnavailable),
        (smtplib.SMTPServerDisconnected("closed"), ServiceUnavailable),
        (ssl.SSLEOFError(8, "unexpected end"), ServiceUnavailable),
        (ssl.SSLCertVerificationError(1, "self-signed"), Rejected),
        (ssl.SSLError(1, "wrong version number"), Rejected),
        (smtplib.SMTPNotSupportedError("no AUTH"), Rejected),
        (NoMailServer("it says b'SSH'"), Rejected),
    ],
)
def test_before_the_text_is_handed_over_everything_is_certain(error, expected):
    assert type(error_of_exception(error, STEP)) is expected
    assert type(error_of_exception(error, AFTER)) is PostUncertain


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        (421, ServiceUnavailable, ServiceUnavailable),
        (450, RateLimited, RateLimited),
        (451, RateLimited, RateLimited),
        (452, RateLimited, RateLimited),
        (454, ServiceUnavailable, ServiceUnavailable),
        (530, AccessDenied, AccessDenied),
        (535, AccessDenied, AccessDenied),
        (550, NotFound, Rejected),
        (552, Rejected, Rejected),
        (554, Rejected, Rejected),
        (250, Rejected, PostUncertain),
        (199, Rejected, PostUncertain),
    ],
)
def test_each_reply(code, before, after):
    assert type(error_of_reply(code, b"words", STEP)) is before
    assert type(error_of_reply(code, "words", AFTER)) is after


def test_what_a_server_says_is_one_line_of_limited_length():
    error = error_of_reply(554, b"no\r\n\x1b[2Jhello " + b"x" * 5000, STEP)
    assert "no [2Jhello" in error.message
    assert "\x1b" not in error.message
    assert len(error.message) < 500


def test_a_server_that_says_nothing_is_given_no_words():
    assert error_of_reply(554, b"", STEP).message.endswith(": 554.")
    assert error_of_exception(TimeoutError(), STEP).message.endswith(": TimeoutError.")
