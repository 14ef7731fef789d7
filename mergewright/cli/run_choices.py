"""What there is to choose from when a workflow is asked for: profiles, tickets, places, branches."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mergewright.cli.formats import place
from mergewright.domain.hotfix_request import Severity
from mergewright.domain.release import choose_release, list_releases
from mergewright.domain.requests import ApprovalPoint
from mergewright.domain.workflow_policy import ReleaseStrategy, policy_in_force
from mergewright.errors import MergewrightError
from mergewright.events.projections import read_summaries
from mergewright.events.store import EventStore

if TYPE_CHECKING:
    from blocks.profile import DeliveryProfile
    from mergewright.clients.references import References

LOCAL = "local"
MAX_TICKETS = 50


class Choices(NamedTuple):
    """Answers to choose from."""

    known: tuple[str, ...] = ()
    """Each a word, with a remark behind a space."""
    default: str = ""
    told: str = ""
    """Why there are none, or what an empty answer takes, where that is worth telling."""


def choices_of(
    name: str, workflow: str, profile: "DeliveryProfile", repository: str, store: EventStore
) -> Choices:
    """Return what there is to choose from for a field of a request.

    Args:
        name: The field.
        workflow: Name of the flow.
        profile: The delivery profile that was chosen.
        repository: Path or URL; empty where it is not known yet.
        store: The event log.

    Raises:
        SettingInvalid: The workflow's policy cannot be read.
        StoreFailed: The log cannot be read.
    """
    strategy = policy_in_force(workflow).release
    found = Choices()
    match name:
        case "ticket":
            found = tickets(profile)
        case "repository":
            found = repositories(profile, store)
        case "base" if strategy is not None:
            found = releases(profile, repository, strategy)
        case "base":
            found = branches(profile, repository)
        case "main":
            told = "Empty takes the repository's own default branch."
            found = branches(profile, repository)._replace(told=told)
        case "severity":
            found = Choices(tuple(Severity))
        case "approve":
            points = ("none", *ApprovalPoint)
            found = Choices(points, default="none", told="Several: plan,change")
    return found


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
    """Return the branches of a repository."""
    try:
        return Choices(tuple(sorted(_references(profile, repository).branches)))
    except MergewrightError as error:
        return Choices(told=f"The branches cannot be listed: {error.message}")


def releases(profile: "DeliveryProfile", repository: str, strategy: ReleaseStrategy) -> Choices:
    """Return the releases of a repository, the latest first, and say which one empty takes."""
    if not repository:
        return Choices()
    try:
        found = _references(profile, repository)
        known = list_releases(branches=found.branches, tags=found.tags, strategy=strategy)
        latest = choose_release("", branches=found.branches, tags=found.tags, strategy=strategy)
    except MergewrightError as error:
        return Choices(told=f"The releases cannot be listed: {error.message}")
    goes_to = "" if latest.branch == latest.name else f", whose fix goes to {latest.branch}"
    return Choices(known, told=f"Empty takes the latest: {latest.name}{goes_to}.")


def _references(profile: "DeliveryProfile", repository: str) -> "References":
    """Ask a repository for its branches and tags; none of a repository that is not known yet."""
    from mergewright.clients.references import (  # noqa: PLC0415 - imports git's client
        References,
        ask_references,
    )

    if not repository:
        return References({}, {})
    address = str(Path(repository).expanduser().resolve())
    where = address if Path(address).is_dir() else repository
    return ask_references(where, credential=profile.git_credential(where))
