import time

import pytest

from mergewright.clients.git_errors import complaint, error_of, without_userinfo
from mergewright.errors import (
    AccessDenied,
    NotFound,
    RateLimited,
    Rejected,
    ServiceUnavailable,
    StoreFailed,
)


@pytest.mark.parametrize(
    ("stderr", "expected"),
    [
        ("error: unable to write file x\nfatal: write error: No space left on device", StoreFailed),
        ("error: unable to write file f10\nfatal: Could not reset index file to revision 'HEAD'.", StoreFailed),
        ("fatal: Authentication failed for 'https://example.org/x.git/'", AccessDenied),
        ("fatal: could not read Username for 'https://example.org': terminal prompts disabled", AccessDenied),
        ("git@example.org: Permission denied (publickey).\nfatal: Could not read from remote repository.", AccessDenied),
        ("fatal: unable to access 'https://example.org/': The requested URL returned error: 403", AccessDenied),
        ("fatal: repository 'https://example.org/x.git/' not found", NotFound),
        ("ERROR: Repository not found.\nfatal: Could not read from remote repository.", NotFound),
        ("fatal: '/nowhere' does not appear to be a git repository", NotFound),
        ("fatal: unable to access 'https://example.org/': The requested URL returned error: 429", RateLimited),
        ("fatal: unable to access 'https://certificate.example/': Could not resolve host: x", ServiceUnavailable),
        ("fatal: unable to access 'http://x/': Failed to connect to x port 80 after 0 ms", ServiceUnavailable),
        ("fatal: unable to access 'https://example.org/': The requested URL returned error: 503", ServiceUnavailable),
        ("fatal: unable to access 'https://x/': server certificate verification failed. CAfile: none", Rejected),
        (" ! [rejected]        x -> x (non-fast-forward)\nerror: failed to push some refs to 'x'", Rejected),
        (" ! [remote rejected] x -> x (pre-receive hook declined)", Rejected),
        ("error: something nobody has seen", Rejected),
        ("", Rejected),
    ],
)  # fmt: skip
def test_words_decide(stderr, expected):
    error = error_of(stderr, command="fetch", subject="x")
    assert type(error) is expected
    assert error.message.startswith("git fetch failed for 'x': ")
    assert error.hint


@pytest.mark.parametrize(
    "url",
    [
        "https://tok3n@example.org/x",
        "https://me:tok3n@example.org/x",
        "HTTPS://me:to@k3n:tok3n@h/x",
    ],
)
def test_credentials_in_urls_never_show(url):
    error = error_of(f"fatal: unable to access '{url}': hm", command="fetch", subject=url)
    assert "tok3n" not in str(error)
    assert "tok3n" not in without_userinfo(url)
    assert "***@" in without_userinfo(url)


def test_a_complaint_is_one_clean_line():
    text = (
        "hint: do this\nremote: bad \x1b[31mred\x07\nfatal: it failed\nPlease make sure you have\n"
    )
    assert complaint(text) == "bad [31mred; it failed"
    assert len(complaint("x" * 10_000)) == 500


def test_a_flood_is_read_quickly():
    began = time.monotonic()
    error_of("a://" * 1_000_000, command="fetch", subject="x")
    assert time.monotonic() - began < 1
