"""Every exception class of httpx becomes one of ours, and each answer what GitHub means by it."""

import ssl
import time

import httpx
import pytest

from mergewright.clients.github_errors import (
    LIBRARY_ERRORS,
    error_of_answer,
    error_of_exception,
)
from mergewright.errors import (
    AccessDenied,
    NotFound,
    RateLimited,
    Rejected,
    ServiceError,
    ServiceUnavailable,
)

ABOUT = "read the pull request #7"


def family(cls):
    return {cls}.union(*(family(sub) for sub in cls.__subclasses__()))


CLASSES = sorted(
    family(httpx.HTTPError) | family(httpx.StreamError) | {httpx.InvalidURL, httpx.CookieConflict},
    key=lambda cls: cls.__qualname__,
)


def test_no_class_of_the_library_is_left_out():
    exported = {getattr(httpx, name) for name in httpx.__all__}
    errors = {one for one in exported if isinstance(one, type) and issubclass(one, Exception)}
    assert errors <= set(CLASSES)


def instance(cls):
    try:
        return cls("no")
    except TypeError:
        error = cls.__new__(cls)
        Exception.__init__(error, "no")
        return error


@pytest.mark.parametrize("cls", [*CLASSES, OSError, ValueError], ids=lambda cls: cls.__name__)
def test_every_class_becomes_one_of_ours(cls):
    assert issubclass(cls, LIBRARY_ERRORS)
    error = error_of_exception(instance(cls), about=ABOUT, host="api.example.org")
    assert isinstance(error, ServiceError)
    assert error.hint
    assert ABOUT in error.message


def answer(status, body=None, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return error_of_answer(status, httpx.Headers(named), body, about=ABOUT)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, Rejected),
        (401, AccessDenied),
        (403, AccessDenied),
        (404, NotFound),
        (409, ServiceUnavailable),
        (410, NotFound),
        (422, Rejected),
        (429, RateLimited),
        (451, Rejected),
        (500, ServiceUnavailable),
        (503, ServiceUnavailable),
    ],
)
def test_each_status(status, expected):
    error = answer(status)
    assert type(error) is expected
    assert error.message == f"GitHub could not {ABOUT} (status {status})."


@pytest.mark.parametrize("status", [403, 429])
def test_the_limits_of_github(status):
    reset = str(int(time.time()) + 100)
    primary = answer(status, X_RateLimit_Remaining="0", X_RateLimit_Reset=reset)
    assert type(primary) is RateLimited
    assert 90 < primary.retry_after_seconds <= 100
    assert answer(status, Retry_After="7", X_RateLimit_Remaining="0").retry_after_seconds == 7
    secondary = answer(status, {"message": "You have exceeded a secondary rate limit."})
    assert secondary.retry_after_seconds == 60
    assert answer(status, X_RateLimit_Remaining="0").retry_after_seconds == 60


def test_a_refusal_is_no_limit_while_calls_are_left():
    assert type(answer(403, {"message": "no"}, X_RateLimit_Remaining="4999")) is AccessDenied


def test_what_github_says_is_told_on_one_line():
    told = {
        "message": "Validation\nFailed",
        "errors": [
            "a",
            {"message": "b"},
            {"code": "missing", "resource": "Issue", "field": "title"},
        ],
    }
    assert answer(422, told).message.endswith(
        "(status 422): Validation Failed; a; b; Issue title missing"
    )


@pytest.mark.parametrize("body", [None, [1], "text", {"errors": 1}, {"message": None}])
def test_an_error_without_githubs_words(body):
    assert answer(500, body).message.endswith("(status 500).")


def test_a_missing_permission_is_named():
    error = answer(403, {"message": "x"}, X_Accepted_GitHub_Permissions="pull_requests=write")
    assert "pull_requests=write" in error.hint


def test_a_certificate_nobody_trusts_says_what_to_do():
    outer = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed")
    error = error_of_exception(outer, about=ABOUT, host="h")
    assert type(error) is Rejected
    assert "SSL_CERT_FILE" in error.hint
    broken = httpx.ConnectError("EOF occurred")
    broken.__cause__ = ssl.SSLEOFError(8, "EOF occurred")
    assert type(error_of_exception(broken, about=ABOUT, host="h")) is ServiceUnavailable
