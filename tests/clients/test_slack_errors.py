"""Every exception class below the messenger becomes one of ours."""

import http.client
import socket
import ssl
import urllib.error

import pytest
import slack_sdk.errors
from slack_sdk.web import SlackResponse

from mergewright.clients.slack_errors import LIBRARY_ERRORS, Attempt, error_of_exception
from mergewright.errors import (
    AccessDenied,
    NotFound,
    PostUncertain,
    RateLimited,
    Rejected,
    ServiceError,
    ServiceUnavailable,
)


def family(cls):
    """Return a class and what its own package derives from it."""
    package = cls.__module__.partition(".")[0]
    own = [sub for sub in cls.__subclasses__() if sub.__module__.startswith(package)]
    return {cls}.union(*(family(sub) for sub in own))


CLASSES = sorted(
    family(slack_sdk.errors.SlackClientError)
    | family(http.client.HTTPException)
    | {OSError, TimeoutError, ConnectionResetError, UnicodeDecodeError, LookupError},
    key=lambda cls: (cls.__module__, cls.__qualname__),
)


def answer(error, status=200, headers=None):
    return SlackResponse(
        client=None,
        http_verb="POST",
        api_url="https://slack.example.org/api/chat.postMessage",
        req_args={},
        data={"ok": False, "error": error},
        headers=headers or {},
        status_code=status,
    )


POST = Attempt("the message for '#x'", posts=True)
CHANGE = Attempt("the change of '#x'")


def translated(error, attempt=POST):
    return error_of_exception(error, attempt=attempt, host="slack.example.org")


def instance(cls):
    special = {
        http.client.IncompleteRead: (b"",),
        slack_sdk.errors.SlackApiError: ("no", answer("some_error")),
        UnicodeDecodeError: ("utf-8", b"", 0, 1, "no"),
    }
    return cls(*special.get(cls, ("no",)))


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__qualname__)
def test_every_class_of_the_libraries_becomes_one_of_ours(cls):
    assert issubclass(cls, LIBRARY_ERRORS)
    error = translated(instance(cls))
    assert isinstance(error, ServiceError)
    assert error.hint
    assert "'#x'" in error.message


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [
        ("channel_not_found", 200, NotFound),
        ("not_in_channel", 200, AccessDenied),
        ("token_revoked", 200, AccessDenied),
        ("missing_scope", 200, AccessDenied),
        ("is_archived", 200, Rejected),
        ("msg_too_long", 200, Rejected),
        ("something_new", 200, Rejected),
        ("something_new", 403, AccessDenied),
        ("ratelimited", 429, RateLimited),
        ("service_unavailable", 503, PostUncertain),
        ("Received a response in a non-JSON format: <html>", 200, PostUncertain),
        ("Received a response in a non-JSON format: <html>", 404, NotFound),
    ],
)
def test_each_answer(code, status, expected):
    error = translated(slack_sdk.errors.SlackApiError("no", answer(code, status)))
    assert type(error) is expected
    assert error.hint
    assert "<html>" not in error.message


def test_the_wait_is_read_whatever_the_case_of_the_header():
    limited = slack_sdk.errors.SlackApiError("no", answer("x", 429, {"retry-After": "3"}))
    assert translated(limited).retry_after_seconds == 3


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (ConnectionRefusedError(111, "refused"), ServiceUnavailable),
        (socket.gaierror(-2, "no such name"), ServiceUnavailable),
        (TimeoutError("timed out"), PostUncertain),
        (BrokenPipeError(32, "broken"), PostUncertain),
        (ssl.SSLCertVerificationError(1, "self-signed"), Rejected),
        (ssl.SSLError(1, "wrong version number"), Rejected),
        (ssl.SSLEOFError(8, "unexpected end"), PostUncertain),
    ],
)
def test_only_what_surely_never_left_may_be_sent_again(reason, expected):
    error = translated(urllib.error.URLError(reason))
    assert type(error) is expected
    assert error.retryable == (expected is ServiceUnavailable)


@pytest.mark.parametrize(
    "error",
    [
        TimeoutError("timed out"),
        http.client.RemoteDisconnected("closed"),
        slack_sdk.errors.SlackApiError("no", answer("internal_error")),
        slack_sdk.errors.SlackApiError("no", answer("x", 503)),
    ],
)
def test_what_may_be_made_again_is_no_uncertain_post(error):
    assert type(translated(error, CHANGE)) is ServiceUnavailable
    assert translated(error, CHANGE).retryable
    assert type(translated(error)) is PostUncertain


def test_the_scope_that_is_missing_is_named_unless_it_is_none():
    body = {"ok": False, "error": "missing_scope"}
    for needed, named in (("groups:history", "groups:history"), ("`x` <@U1>", "chat:write")):
        told = answer("missing_scope")
        told.data.update(body | {"needed": needed})
        error = translated(slack_sdk.errors.SlackApiError("no", told))
        assert f"`{named}`" in error.hint
