from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from mergewright.clients.http_errors import error_of_status, retry_after_seconds
from mergewright.errors import RateLimited, Rejected, ServiceError


def test_every_status_has_an_error_with_a_hint():
    for status in range(300, 600):
        error = error_of_status(status, "no")
        assert isinstance(error, ServiceError)
        assert error.hint
        assert error.retryable == (status in {408, 409, 423, 425, 429} or status >= 500)


def test_a_given_hint_wins():
    assert error_of_status(400, "no", hint="do this").hint == "do this"
    assert type(error_of_status(400, "no")) is Rejected


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("7", 7.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("inf", 86400.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
    ],
)
def test_how_long_to_wait(header, seconds):
    assert retry_after_seconds(header) == seconds
    error = error_of_status(429, "no", retry_after=header)
    assert isinstance(error, RateLimited)
    assert error.retry_after_seconds == seconds


def test_how_long_to_wait_as_a_date():
    at = datetime.now(UTC) + timedelta(seconds=100)
    assert 90 < (retry_after_seconds(format_datetime(at, usegmt=True)) or 0) <= 100
