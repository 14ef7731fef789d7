"""What Confluence says when it refuses is told."""

import pytest

from mergewright.clients.atlassian_errors import error_of_answer
from mergewright.clients.confluence_errors import CONFLUENCE, VersionConflict
from mergewright.errors import ServiceUnavailable
from tests.clients.atlassian_answers import answer


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
    message = error_of_answer(CONFLUENCE, answer(400, body), about="read it").message
    assert message.endswith(f"(status 400): {said}" if said else "(status 400).")
