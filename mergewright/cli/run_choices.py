"""What there is to choose from when a workflow is asked for: profiles, tickets, places, branches."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mergewright.cli.formats import place
from mergewright.errors import MergewrightError
from mergewright.events.projections import read_summaries
from mergewright.events.store import EventStore

if TYPE_CHECKING:
    from blocks.profile import DeliveryProfile

LOCAL = "local"
MAX_TICKETS = 50


class Choices(NamedTuple):
    """Answers to choose from."""

    known: tuple[str, ...] = ()
    """Each a word, with a remark behind a space."""
    default: str = ""
    told: str = ""
    """Why there are none, where that is worth telling."""


def profiles() -> Choices:
    """Return the saved profiles, and `local`, which is always there."""
    from blocks.profile_changes import known_profiles  # noqa: PLC0415 - imports Prefect

    names = [one.name for one in known_profiles()]
    return Choices(tuple(dict.fromkeys([LOCAL, *names])), default=LOCAL)


def tickets(profile: "DeliveryProfile") -> Choices:
    """Return the tickets of a profile that are not done, where its tracker can be searched."""
    from mergewright.clients.ports import TicketSearching  # noqa: PLC0415 - only here

    try:
        tracker, query = profile.tracker.connect(), profile.tracker.open_tickets_query
        if not isinstance(tracker, TicketSearching) or not query:
            return Choices()
        found = tracker.search(query, limit=MAX_TICKETS)
    except MergewrightError as error:
        return Choices(told=f"The tickets cannot be listed: {error.message}")
    return Choices(tuple(f"{one.key} {one.title}" for one in found))


def repositories(profile: "DeliveryProfile", store: EventStore) -> Choices:
    """Return repositories: those of the profile's table, and those that runs worked on lately."""
    rows = [row.repository for row in profile.repositories]
    if rows:
        told = "Empty takes the one that the profile's table has for the ticket."
        return Choices(tuple(dict.fromkeys(rows)), told=told)
    lately = [one.repository for one in read_summaries(store) if one.repository]
    here = ["."] if (Path.cwd() / ".git").exists() else []
    known = tuple(dict.fromkeys([*here, *map(place, lately)]))
    return Choices(known, default=known[0] if known else "")


def branches(profile: "DeliveryProfile", repository: str) -> Choices:
    """Return the branches of a repository, the usual one first."""
    from mergewright.clients.remotes import remote_heads  # noqa: PLC0415 - imports git's client

    if not repository:
        return Choices()
    try:
        address = str(Path(repository).expanduser().resolve())
        where = address if Path(address).is_dir() else repository
        heads = remote_heads(where, credential=profile.git_credential(where))
    except MergewrightError as error:
        return Choices(told=f"The branches cannot be listed: {error.message}")
    return Choices(tuple(sorted(heads)))
