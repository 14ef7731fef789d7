import pytest

from mergewright.clients.github_logs import MAX_LOG_BYTES, log_tail
from mergewright.errors import Rejected, ServiceError, ServiceUnavailable
from tests.clients.faults import FaultServer


def tail(url, api="http://127.0.0.1"):
    return log_tail(url, api=api, about="read the log")


@pytest.mark.parametrize("url", ["", "file:///etc/passwd", "http://example.org/x", "ftp://x/y"])
def test_a_log_is_not_read_over_a_weaker_line(url):
    with pytest.raises(Rejected):
        tail(url, api="https://api.github.com")


@pytest.mark.parametrize(
    "name", ["refused", "reset in the answer", "404", "500", "redirect to another host"]
)
def test_a_log_that_fails_is_an_error_of_ours(name):
    with FaultServer(name, target="http://127.0.0.1:9/") as faulty, pytest.raises(ServiceError):
        tail(faulty.url)


def test_of_a_large_log_the_end_is_kept():
    with FaultServer("50 MB answer") as faulty:
        assert tail(faulty.url) == ""
    assert MAX_LOG_BYTES == 50 << 20


def test_nobody_listens():
    with pytest.raises(ServiceUnavailable):
        tail("http://127.0.0.1:9/")
