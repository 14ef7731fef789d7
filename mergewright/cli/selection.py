"""Which run a person means, and how its events are found."""

from collections.abc import Sequence

from mergewright.domain.events import Event
from mergewright.errors import NotFound
from mergewright.events.connect import open_event_store
from mergewright.events.store import EventStore
from mergewright.settings import settings

LAST = "last"
SHOWN_RUNS = 5
ALL_RUNS = 1_000_000


def open_log() -> EventStore:
    """Open the event log of this home, making the home if it is not there.

    Raises:
        StoreFailed: The log cannot be read.
        SettingInvalid: The log's address is of an unknown kind.
    """
    return open_event_store(settings().event_store_url)


def find_run(store: EventStore, name: str) -> str:
    """Return the id of the run that is meant by an id, a unique part of its start, or `last`.

    Raises:
        NotFound: No run, or more than one, is meant.
    """
    known = store.run_ids(limit=ALL_RUNS)
    if name == LAST and known:
        return known[0]
    matches = [name] if name in known else [run_id for run_id in known if run_id.startswith(name)]
    if len(matches) == 1 and name:
        return matches[0]
    if not known:
        raise NotFound(
            f"There is no run {name!r}: the log of {str(settings().home)!r} holds no run yet.",
            hint="Start one: mergewright run standard-dev TICKET --repo PATH_OR_URL",
        )
    shown = ", ".join((matches or known)[:SHOWN_RUNS])
    if matches:
        raise NotFound(f"{name!r} is the start of {len(matches)} runs.", hint=f"Say which: {shown}")
    raise NotFound(f"There is no run {name!r}.", hint=f"The newest runs are: {shown}")


def events_of(store: EventStore, run_id: str) -> Sequence[Event]:
    """Return all events of a run, oldest first."""
    return [stored.event for stored in store.read(run_id=run_id)]
