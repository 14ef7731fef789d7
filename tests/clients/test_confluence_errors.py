"""Every exception class below the wiki becomes one of ours."""

import ssl

import atlassian.errors
import pytest
import requests
import urllib3
from requests.exceptions import RequestException

from mergewright.clients.confluence_errors import (
    LIBRARY_ERRORS,
    VersionConflict,
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

ABOUT = "read the page 'Home'"


def family(cls):
    return {cls}.union(*(family(sub) for sub in cls.__subclasses__()))


CLASSES = sorted(
    family(RequestException)
    | family(atlassian.errors.ApiError)
    | family(atlassian.errors.JsonRPCError)
    | family(urllib3.exceptions.HTTPError),
    key=lambda cls: (cls.__module__, cls.__qualname__),
)


def answer(status, body=b"", **headers):
    response = requests.Response()
    response.status_code = status
    response._content = body
    response.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return response


def instance(cls):
    special = {
        urllib3.exceptions.IncompleteRead: (1, 2),
        urllib3.exceptions.InvalidChunkLength: (urllib3.HTTPResponse(b""), b"x"),
    }
    try:
        return cls(*special.get(cls, ("no",)))
    except TypeError:
        error = cls.__new__(cls)
        Exception.__init__(error, "no")
        return error


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: f"{cls.__module__}.{cls.__name__}")
def test_every_class_of_the_libraries_becomes_one_of_ours(cls):
    assert issubclass(cls, LIBRARY_ERRORS)
    error = error_of_exception(instance(cls), about=ABOUT, host="wiki.example.org")
    assert isinstance(error, ServiceError)
    assert error.hint
    assert ABOUT in error.message


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, Rejected),
        (401, AccessDenied),
        (403, AccessDenied),
        (404, NotFound),
        (405, Rejected),
        (409, VersionConflict),
        (410, NotFound),
        (413, Rejected),
        (422, Rejected),
        (429, RateLimited),
        (500, ServiceUnavailable),
        (504, ServiceUnavailable),
    ],
)
def test_each_status(status, expected):
    error = error_of_answer(answer(status), about=ABOUT)
    assert type(error) is expected
    assert error.message == f"Confluence could not {ABOUT} (status {status})."
    wrapped = error_of_exception(
        requests.HTTPError("no", response=answer(status)), about=ABOUT, host="h"
    )
    assert type(wrapped) is expected


def test_a_version_conflict_is_no_sign_of_illness():
    assert not issubclass(VersionConflict, ServiceUnavailable)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            b'{"errors": [{"title": "Bad", "detail": "in\\nbody"}, {"title": "Bad"}]}',
            "Bad; in body",
        ),
        (b'{"message": "no", "data": {"errors": [{"message": {"translation": "t"}}]}}', "no; t"),
        (b'{"message": 1, "errors": {"a": 1}, "data": [1]}', ""),
        (b"<html>", ""),
        (b"[1]", ""),
        (b"\xff", ""),
    ],
)
def test_what_confluence_says_is_told_on_one_line(body, said):
    message = error_of_answer(answer(400, body), about=ABOUT).message
    assert message.endswith(f"(status 400): {said}" if said else "(status 400).")


def test_a_reason_inside_the_libraries_own_error():
    inner = requests.HTTPError("no", response=answer(403))
    error = atlassian.errors.ApiPermissionError("no", reason=inner)
    assert type(error_of_exception(error, about=ABOUT, host="h")) is AccessDenied


def test_a_certificate_nobody_trusts_says_what_to_do():
    inner = ssl.SSLCertVerificationError(1, "certificate verify failed: self-signed")
    error = error_of_exception(requests.exceptions.SSLError(inner), about=ABOUT, host="h")
    assert type(error) is Rejected
    assert "REQUESTS_CA_BUNDLE" in error.hint
    broken = requests.exceptions.SSLError(ssl.SSLEOFError(8, "EOF occurred"))
    assert type(error_of_exception(broken, about=ABOUT, host="h")) is ServiceUnavailable
