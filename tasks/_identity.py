"""Which run a request means: the one that is named, an interrupted one, or none yet."""

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mergewright.domain.events import RunStarted
from mergewright.domain.requests import FollowUpWork, StandardDevRequest
from mergewright.errors import NotFound, SettingInvalid
from mergewright.events import projections
from mergewright.events.store import EventStore


def request_digest(workflow: str, request: StandardDevRequest) -> str:
    """Return the digest that two requests for the same work share."""
    identity = json.dumps(_asked(workflow, request), sort_keys=True)
    return hashlib.sha256(identity.encode()).hexdigest()


def find_earlier(
    store: EventStore,
    workflow: str,
    request: StandardDevRequest,
    run_id: str | None,
    flow_run_id: str,
) -> RunStarted | None:
    """Return how the run began that a request goes on with, or None where it starts a new one.

    A request for a fresh run goes on with the run that its own flow run began: Prefect retries it.

    Raises:
        NotFound: The log holds no run of the id.
        SettingInvalid: The run of the id is about another request.
        StoreFailed: The log cannot be read.
    """
    if run_id is not None:
        return _named(store, workflow, request, run_id)
    if request.fresh:
        found = _began_in(store, flow_run_id)
    else:
        found = projections.find_resumable(store, request_digest(workflow, request))
    return _starts(store, found.run_id)[0] if found else None


def new_run_id(ticket: str) -> str:
    """Return an id that a person can tell from others: the ticket's name and chance."""
    stem = re.sub(r"[^a-z0-9]+", "-", Path(ticket).stem.lower()).strip("-")[:40] or "run"
    return f"{stem}-{secrets.token_hex(3)}"


def as_given(name: str) -> str:
    """Make an existing relative path absolute: stages may run in another folder."""
    path = Path(name).expanduser()
    return str(path.resolve()) if path.exists() else name


def ticket_as_given(name: str) -> str:
    """Leave a ticket's key alone, even where a file or folder has its name."""
    return as_given(name) if Path(name).suffix else name


def _asked(workflow: str, request: StandardDevRequest) -> dict[str, Any]:
    """What makes two requests the same work: neither budget nor approval do."""
    return {
        "workflow": workflow,
        "ticket": ticket_as_given(request.ticket),
        "repository": as_given(request.repository),
        "base": request.base,
        "profile": request.profile,
        "model": request.model,
        "dry_run": request.dry_run,
        **({"follows": request.follows} if isinstance(request, FollowUpWork) else {}),
    }


def _began_with(started: RunStarted) -> dict[str, Any]:
    held: Mapping[str, Any] = started.request
    return {
        "workflow": started.workflow,
        "ticket": started.ticket,
        "repository": started.repository,
        "base": held.get("base"),
        "profile": held.get("profile"),
        "model": held.get("model") or "",
        "dry_run": held.get("dry_run"),
        "follows": held.get("follows"),
    }


def _named(
    store: EventStore, workflow: str, request: StandardDevRequest, run_id: str
) -> RunStarted:
    starts = _starts(store, run_id)
    if not starts:
        raise NotFound(
            f"There is no run {run_id!r} in the event log.",
            hint="`mergewright runs` lists the runs in the log.",
        )
    asked, held = _asked(workflow, request), _began_with(starts[-1])
    differing = [
        f"{name} {held[name]!r} and not {asked[name]!r}"
        for name in asked
        if asked[name] != held[name]
    ]
    if differing:
        raise SettingInvalid(
            f"The run {run_id!r} is about another request: {', '.join(differing)}.",
            hint=f"Go on with it as it was asked for: mergewright resume {run_id}",
            run_id=run_id,
        )
    return starts[0]


def _began_in(store: EventStore, flow_run_id: str) -> projections.RunSummary | None:
    starts = (stored.event for stored in store.read(types=("run_started",)))
    own = [
        event.run_id
        for event in starts
        if isinstance(event, RunStarted) and flow_run_id and event.flow_run_id == flow_run_id
    ]
    if not own:
        return None
    summary = projections.summarise(projections.read_events(store, own[-1]))
    return summary if summary.resumable else None


def _starts(store: EventStore, run_id: str) -> list[RunStarted]:
    stored = store.read(run_id=run_id, types=("run_started",))
    return [found.event for found in stored if isinstance(found.event, RunStarted)]
