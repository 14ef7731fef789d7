"""What Jira says when it refuses is told."""

import pytest

from mergewright.clients.atlassian_errors import error_of_answer
from mergewright.clients.jira_errors import JIRA
from tests.clients.atlassian_answers import answer


def told(status, body):
    return error_of_answer(JIRA, answer(status, body), about="read it").message


def test_what_jira_says_is_told_on_one_line():
    body = b'{"errorMessages": ["One\\nline"], "errors": {"comment": "too long"}, "message": "m"}'
    assert told(400, body).endswith("(status 400): One line; comment: too long; m")


@pytest.mark.parametrize("body", [b"<html>", b"[1]", b'{"errors": [1]}', b'"text"', b"\xff"])
def test_an_error_without_jiras_words(body):
    assert told(500, body).endswith("(status 500).")
