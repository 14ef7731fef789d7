"""Which kinds of answers are JSON."""

import pytest

from mergewright.clients.media_types import is_json


@pytest.mark.parametrize(
    "kind",
    ["application/json", "application/JSON;charset=UTF-8", "application/vnd.github+json; x=1"],
)
def test_what_is_json(kind):
    assert is_json(kind)


@pytest.mark.parametrize(
    "kind", [None, "", "text/html", "text/plain; x=application/json", "application/jsonp"]
)
def test_what_is_not(kind):
    assert not is_json(kind)
