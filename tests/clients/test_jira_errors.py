"""Each status of Jira becomes one of our errors, with what Jira says."""

import pytest
import requests

from mergewright.clients.jira_errors import (
    error_of_answer,
    error_of_exception,
)
from mergewright.errors import (
    AccessDenied,
    NotFound,
    RateLimited,
    Rejected,
    ServiceUnavailable,
)
from tests.clients.atlassian_answers import answer

ABOUT = "read the ticket 'A-1'"


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, Rejected),
        (401, AccessDenied),
        (403, AccessDenied),
        (404, NotFound),
        (405, Rejected),
        (409, ServiceUnavailable),
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
    assert error.message == f"Jira could not {ABOUT} (status {status})."
    wrapped = error_of_exception(
        requests.HTTPError("no", response=answer(status)), about=ABOUT, host="h"
    )
    assert type(wrapped) is expected


def test_what_jira_says_is_told_on_one_line():
    body = b'{"errorMessages": ["One\\nline"], "errors": {"comment": "too long"}, "message": "m"}'
    error = error_of_answer(answer(400, body), about=ABOUT)
    assert error.message.endswith("(status 400): One line; comment: too long; m")


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b'{"errors": [1]}', b'"text"', b"\xff"])
def test_an_error_without_jiras_words(body):
    assert error_of_answer(answer(500, body), about=ABOUT).message.endswith("(status 500).")
