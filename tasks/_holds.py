"""Holding a run, so that one process at a time works on it, undoes it or closes it."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import psutil
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

from mergewright.domain.delivery import Run
from mergewright.errors import RunInterrupted, StoreFailed
from mergewright.settings import settings
from tasks._runs import event_store, run_folder

GRACE = 1.5
"""How much longer than its lease the hold of a dead process of this machine is waited for."""
LOOK_AGAIN_SECONDS = 0.5

_HOLDER = re.compile(r"held by (?P<host>\S+):(?P<process>\d+), since ")


@contextmanager
def held(run: Run, refusal: Callable[[RunInterrupted], RunInterrupted]) -> Iterator[None]:
    """Hold a run, and see that it has a folder.

    Args:
        run: The run.
        refusal: What to tell of another holder, from what the log tells of it.

    Raises:
        RunInterrupted: Another process holds it.
        StoreFailed: The log cannot be read or written, or the run's folder cannot be written.
    """
    with ExitStack() as stack:
        try:
            _wait_for_the_dead(lambda: stack.enter_context(event_store().hold(run.id)))
        except RunInterrupted as error:
            raise refusal(error) from error
        _make_folder(run)
        yield


def is_seen_everywhere() -> bool:
    """Say whether everyone who shares the log sees its holds, on whatever machine they are made."""
    return settings().event_store_url.startswith(("redis://", "rediss://"))


def _wait_for_the_dead(take: Callable[[], None]) -> None:
    """Take a hold; where it is that of a process of this machine which has died, once it ends.

    In Redis a hold outlives its holder for a while. A log in a file has none of the dead.
    """
    Retrying(
        retry=retry_if_exception(_is_of_the_dead),
        wait=wait_fixed(LOOK_AGAIN_SECONDS),
        stop=stop_after_delay(GRACE * settings().hold_seconds),
        reraise=True,
    )(take)


def _is_of_the_dead(error: BaseException) -> bool:
    holder = _HOLDER.search(str(error)) if isinstance(error, RunInterrupted) else None
    if holder is None or holder["host"] != socket.gethostname():
        return False
    try:
        return psutil.Process(int(holder["process"])).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _make_folder(run: Run) -> None:
    folder = run_folder(run)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreFailed(
            f"The run's folder {str(folder)!r} cannot be written: {error.strerror}.",
            hint="Free some space, or set MERGEWRIGHT_HOME to a folder on another disk.",
        ) from error
