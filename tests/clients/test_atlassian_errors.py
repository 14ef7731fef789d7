"""Every exception class below the clients of Atlassian's services becomes one of ours."""

import ssl

import atlassian.errors
import pytest
import requests
import urllib3
from requests.exceptions import RequestException

from mergewright.clients.atlassian_errors import (
    LIBRARY_ERRORS,
    error_of_answer,
    error_of_failure,
    not_of_service,
)
from mergewright.clients.confluence_errors import CONFLUENCE, VersionConflict
from mergewright.clients.jira_errors import JIRA
from mergewright.errors import (
    AccessDenied,
    NotFound,
    RateLimited,
    Rejected,
    ServiceError,
    ServiceUnavailable,
)
from tests.clients.atlassian_answers import answer

ABOUT = "read the ticket 'A-1'"


SERVICES = {JIRA: "Jira", CONFLUENCE: "Confluence"}
CONFLICTS = {JIRA: ServiceUnavailable, CONFLUENCE: VersionConflict}


def error_of(error):
    return error_of_failure(JIRA, error, about=ABOUT, host="jira.example.org")


def family(cls):
    return {cls}.union(*(family(sub) for sub in cls.__subclasses__()))


CLASSES = sorted(
    family(RequestException)
    | family(atlassian.errors.ApiError)
    | family(atlassian.errors.JsonRPCError)
    | family(urllib3.exceptions.HTTPError),
    key=lambda cls: (cls.__module__, cls.__qualname__),
)


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
    error = error_of(instance(cls))
    assert isinstance(error, ServiceError)
    assert error.hint
    assert ABOUT in error.message


@pytest.mark.parametrize("service", SERVICES, ids=SERVICES.values())
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, Rejected),
        (401, AccessDenied),
        (403, AccessDenied),
        (404, NotFound),
        (405, Rejected),
        (409, None),
        (410, NotFound),
        (413, Rejected),
        (422, Rejected),
        (429, RateLimited),
        (500, ServiceUnavailable),
        (504, ServiceUnavailable),
    ],
)
def test_each_status(service, status, expected):
    error = error_of_answer(service, answer(status), about=ABOUT)
    assert type(error) is (expected or CONFLICTS[service])
    assert error.message == f"{SERVICES[service]} could not {ABOUT} (status {status})."
    failure = requests.HTTPError("no", response=answer(status))
    assert type(error_of_failure(service, failure, about=ABOUT, host="h")) is type(error)


def test_a_reason_inside_the_libraries_own_error():
    inner = requests.HTTPError("no", response=answer(403))
    error = atlassian.errors.ApiPermissionError("no", reason=inner)
    assert type(error_of(error)) is AccessDenied


def test_a_certificate_nobody_trusts_says_what_to_do():
    inner = ssl.SSLCertVerificationError(1, "certificate verify failed: self-signed")
    error = error_of(requests.exceptions.SSLError(inner))
    assert type(error) is Rejected
    assert "REQUESTS_CA_BUNDLE" in error.hint
    broken = requests.exceptions.SSLError(ssl.SSLEOFError(8, "EOF occurred"))
    assert type(error_of(broken)) is ServiceUnavailable


def test_where_we_are_sent_on_to_is_named_and_not_followed():
    error = requests.TooManyRedirects("no", response=answer(302, Location="https://elsewhere/x"))
    refused = error_of(error)
    assert type(refused) is Rejected
    assert "sends us on to 'https://elsewhere/x'" in refused.message


def test_an_answer_of_something_else_names_the_service():
    error = not_of_service(CONFLUENCE, about="read the page 'Home'", host="h")
    assert error.message == (
        "Confluence at h could not read the page 'Home': the answer is not what Confluence gives."
    )


def test_what_is_told_is_one_short_line():
    body = b'{"errorMessages": ["a\\nb\\u0000 c", "a\\nb\\u0000 c", "%s"]}' % (b"x" * 1000)
    message = error_of_answer(JIRA, answer(400, body), about=ABOUT).message
    assert f"(status 400): a b c; {'x' * 9}" in message
    assert len(message) < 500
