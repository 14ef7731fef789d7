"""Logs of jobs: GitHub keeps them elsewhere and refers to them by an address that opens them.

That address belongs to another host, so it is asked without credentials, and nothing it refers to
further is followed.

Source: docs.github.com/en/rest/actions/workflow-jobs (`Location`, good for a minute), 2026-11-20.
"""

import re
import time
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx

from mergewright.clients.breaker import call_with_retries
from mergewright.clients.github_errors import (
    LIBRARY_ERRORS,
    error_of_answer,
    error_of_exception,
    redirected,
    too_slow,
)
from mergewright.safety.redaction import redact

SERVICE = "GitHub logs"
TIMEOUT_SECONDS = 30.0
LONGEST_LOG_SECONDS = 60.0
MAX_LOG_BYTES = 50 * 1024 * 1024
"""So much is read of a log; what comes later is not looked at."""
KEPT_BYTES = 64 * 1024
KEPT_CHARACTERS = 8_000

_INSTANT = re.compile(r"^\ufeff?[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z ", re.MULTILINE)
_TERMINAL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def log_tail(url: str, *, api: str, about: str) -> str:
    """Return the end of a log, without instants, colours and secrets.

    Args:
        url: Where it is.
        api: Root of the API that named it: a log is not read over a weaker line.
        about: What is done, for errors.

    Raises:
        ServiceError: It cannot be read.
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme not in {"https", urlsplit(api).scheme} or not host:
        raise redirected(host, about=about, host=urlsplit(api).netloc)
    kept = call_with_retries(
        lambda: _read_end(url, host=host, about=about),
        service=SERVICE,
        host=host,
        safe_to_repeat=True,
    )
    text = _TERMINAL.sub("", _INSTANT.sub("", kept.decode(errors="replace")))
    return redact(text.replace("\r\n", "\n").strip())[-KEPT_CHARACTERS:]


def _read_end(url: str, *, host: str, about: str) -> bytes:
    ends_at = time.monotonic() + LONGEST_LOG_SECONDS
    kept, size_bytes = b"", 0
    try:
        with httpx.stream("GET", url, timeout=TIMEOUT_SECONDS, follow_redirects=False) as answer:
            if not answer.is_success:
                status = max(answer.status_code, HTTPStatus.BAD_REQUEST)
                raise error_of_answer(status, answer.headers, None, about=about)
            for part in answer.iter_bytes():
                kept = (kept + part)[-KEPT_BYTES:]
                size_bytes += len(part)
                if size_bytes > MAX_LOG_BYTES:
                    break
                if time.monotonic() > ends_at:
                    raise too_slow(about=about, host=host, limit_seconds=LONGEST_LOG_SECONDS)
    except LIBRARY_ERRORS as error:
        raise error_of_exception(error, about=about, host=host) from error
    return kept
