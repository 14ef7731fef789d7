"""Each status of Confluence becomes one of our errors, with what Confluence says."""

import pytest
import requests

from mergewright.clients.confluence_errors import (
    VersionConflict,
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

ABOUT = "read the page 'Home'"


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
