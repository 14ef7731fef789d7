"""Every exception class below the clients of Atlassian's services becomes one of ours."""

import ssl

import atlassian.errors
import pytest
import requests
import urllib3
from requests.exceptions import RequestException

from mergewright.clients.atlassian_errors import (
    LIBRARY_ERRORS,
    MAX_TEXT_CHARACTERS,
    error_of_failure,
    not_of_service,
    shortened,
)
from mergewright.errors import AccessDenied, Rejected, ServiceError, ServiceUnavailable
from tests.clients.atlassian_answers import answer

ABOUT = "read the ticket 'A-1'"


def error_of(error):
    return error_of_failure(
        error,
        service="Jira",
        about=ABOUT,
        host="jira.example.org",
        of_answer=lambda response: AccessDenied(f"{response.status_code}"),
    )


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
    error = not_of_service("Confluence", about="read the page 'Home'", host="h")
    assert error.message == (
        "Confluence at h could not read the page 'Home': the answer is not what Confluence gives."
    )


def test_what_is_told_is_one_short_line():
    assert shortened("a\nb\x00 c") == "a b c"
    assert len(shortened("x" * 1000)) == MAX_TEXT_CHARACTERS + 1
