"""Holding a run, so that one process at a time works on it, undoes it or closes it."""

import hashlib
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import psutil
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

from mergewright.domain.delivery import Outcome, Run
from mergewright.domain.events import RunFinished, RunStarted
from mergewright.errors import RunInterrupted, StoreFailed
from mergewright.events.store import EventStore
from mergewright.settings import settings
from tasks._runs import event_store, policy_of, run_folder

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


@contextmanager
def alone_on_ticket(run: Run) -> Iterator[None]:
    """See that no other run of the workflow works on the ticket, where its policy wants that.

    Whoever begins takes the ticket first and looks into the log then, so that of two that begin at
    once one sees the other.

    Raises:
        RunInterrupted: Another run has not ended.
        StoreFailed: The log cannot be read or written.
    """
    if run.dry_run or not policy_of(run).one_run_per_ticket:
        yield
        return
    store = event_store()
    about = f"{run.repository}\n{run.ticket}"
    ticket = f"{run.workflow}-on-{hashlib.sha256(about.encode()).hexdigest()[:16]}"
    with ExitStack() as stack:
        try:
            _wait_for_the_dead(lambda: stack.enter_context(store.hold(ticket)))
        except RunInterrupted as error:
            raise _second(run, _others(store, run), error.message) from error
        if others := _others(store, run):
            raise _second(run, others, "It has not ended.")
        yield


def _others(store: EventStore, run: Run) -> list[str]:
    """Return the runs of the same workflow on the same ticket that have not ended."""
    about = (run.workflow, run.ticket, run.repository)
    stored = store.read(types=("run_started",))
    found = dict.fromkeys(
        one.event.run_id
        for one in stored
        if isinstance(one.event, RunStarted)
        and (one.event.workflow, one.event.ticket, one.event.repository) == about
        and not one.event.request.get("dry_run")
    )
    return [one for one in found if one != run.id and not _is_over(store, one)]


def _is_over(store: EventStore, run_id: str) -> bool:
    """Whether a run came to an end; one that waits for a person did not."""
    ends = store.read(run_id=run_id, types=("run_started", "run_finished"))
    last = ends[-1].event if ends else None
    return isinstance(last, RunFinished) and last.outcome != Outcome.WAITING


def _second(run: Run, others: list[str], reason: str) -> RunInterrupted:
    other = repr(others[-1]) if others else "another one"
    name = others[-1] if others else "RUN"
    return RunInterrupted(
        f"The ticket {run.ticket!r} has a {run.workflow} under way, {other}: a second one is refused."
        f" {reason}",
        hint=f"See it with `mergewright show {name}`; go on with it (mergewright resume {name}), or end"
        f" it (mergewright close {name}).",
        run_id=run.id,
    )


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
