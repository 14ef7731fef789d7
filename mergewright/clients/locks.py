"""Locks that hold across threads and processes and end with their holders."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tenacity import RetryError, Retrying, retry_if_exception_type, stop_after_delay, wait_fixed

from mergewright.errors import ServiceUnavailable, StoreFailed

_LOOK_AGAIN_SECONDS = 0.05


@contextmanager
def file_lock(path: Path, *, timeout_seconds: float) -> Iterator[int]:
    """Hold a file's exclusive lock; yield its descriptor.

    A child process that is given the descriptor holds the lock too, so that it stays taken while an
    orphan of a killed process is still at work.

    Raises:
        ServiceUnavailable: Someone else held it all the time.
        StoreFailed: The file cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise StoreFailed(
            f"The lock file {str(path)!r} cannot be written: {error.strerror}.",
            hint="Check that the folder exists, may be written and has free space.",
        ) from error
    try:
        _take(descriptor, path, timeout_seconds)
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path, timeout_seconds: float) -> None:
    patiently = Retrying(
        retry=retry_if_exception_type(BlockingIOError),
        wait=wait_fixed(_LOOK_AGAIN_SECONDS),
        stop=stop_after_delay(timeout_seconds),
    )
    try:
        patiently(fcntl.flock, descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except RetryError as error:
        raise ServiceUnavailable(
            f"Another process has held {str(path)!r} for more than {timeout_seconds:g} s.",
            hint="Let the other run finish, then start the same run again.",
        ) from error
