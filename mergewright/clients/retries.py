"""Trying a call again after seconds: what may pass, how often, and with which pauses."""

from collections.abc import Callable
from typing import Final

from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    wait_exponential,
    wait_random,
)

from mergewright.errors import MergewrightError, RateLimited

LONGEST_PAUSE_SECONDS: Final = 30.0
"""A service that asks for a longer wait is left to the retries of minutes further out."""
LAST_START_SECONDS: Final = 120.0
"""No attempt starts later than this after the first one did."""

_PAUSE: Final = wait_exponential(multiplier=0.3, max=5) + wait_random(0, 0.3)


def retrying(attempts: int, *, unless: Callable[[BaseException], bool]) -> Retrying:
    """Return attempts to loop over; the last one's error comes out.

    Args:
        attempts: How many at most.
        unless: Errors after which seconds are of no use, whatever their type says.
    """
    return Retrying(
        stop=stop_after_attempt(attempts) | stop_after_delay(LAST_START_SECONDS),
        retry=retry_if_exception(lambda error: _may_pass(error) and not unless(error)),
        wait=_pause_seconds,
        reraise=True,
    )


def _may_pass(error: BaseException) -> bool:
    if isinstance(error, RateLimited):
        return (error.retry_after_seconds or 0) <= LONGEST_PAUSE_SECONDS
    return isinstance(error, MergewrightError) and error.retryable


def _pause_seconds(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    pause = _PAUSE(state)
    if isinstance(error, RateLimited) and error.retry_after_seconds is not None:
        return max(pause, error.retry_after_seconds)
    return pause
