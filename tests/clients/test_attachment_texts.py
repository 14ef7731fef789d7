import pytest

from mergewright.clients.attachment_texts import (
    MAX_FETCHED_BYTES,
    MAX_TEXTS_BYTES,
    is_text,
    shown,
    with_texts,
)
from mergewright.domain.ticket import Attachment
from mergewright.errors import NotFound, ServiceUnavailable


@pytest.mark.parametrize(
    ("name", "media_type", "expected"),
    [
        ("a", "text/plain; charset=utf-8", True),
        ("a", "application/problem+json", True),
        ("a.LOG", "application/octet-stream", True),
        ("a.yml", "", True),
        ("a.svg", "image/svg+xml", False),
        ("a.log", "image/png", False),
        ("a.zip", "application/octet-stream", False),
        ("a.txt", "application/zip", False),
    ],
)
def test_what_is_text(name, media_type, expected):
    assert is_text(name, media_type) is expected


def test_a_text_is_cut_between_letters():
    assert shown("aé".encode(), limit_bytes=2) == ("a\n[... cut here: 1 of 3 bytes are left out]")
    assert shown(b"a\0", limit_bytes=9) == ""


def files(*sizes):
    return [Attachment(name="a.log", size_bytes=size) for size in sizes]


def test_no_more_is_fetched_than_is_shown():
    fetched = []

    def fetch(number):
        fetched.append(number)
        return b"x" * 15 * 1024

    found = with_texts(files(*[15 * 1024] * 6, MAX_FETCHED_BYTES + 1, 0), fetch)
    assert sum(len(one.text) for one in found) == MAX_TEXTS_BYTES
    assert fetched == [0, 1, 2, 3]


def test_a_file_that_is_gone_is_listed_and_a_service_that_is_down_is_told():
    def gone(_number):
        raise NotFound("gone")

    def down(_number):
        raise ServiceUnavailable("down")

    assert with_texts(files(1), gone)[0].text == ""
    with pytest.raises(ServiceUnavailable):
        with_texts(files(1), down)
