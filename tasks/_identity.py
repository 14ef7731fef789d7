"""Which run a request means: the one that is named, an interrupted one, or none yet."""

import hashlib
import json
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mergewright.domain.events import RunStarted
from mergewright.domain.requests import ApprovalPoint, DeliveryRequest
from mergewright.errors import NotFound, Rejected, SettingInvalid
from mergewright.events import projections
from mergewright.events.store import EventStore


def request_digest(workflow: str, request: DeliveryRequest) -> str:
    """Return the digest that two requests for the same work share."""
    identity = json.dumps(_asked(workflow, request), sort_keys=True)
    return hashlib.sha256(identity.encode()).hexdigest()


def find_earlier(
    store: EventStore,
    workflow: str,
    request: DeliveryRequest,
    run_id: str | None,
    flow_run_id: str,
) -> RunStarted | None:
    """Return how the run began that a request goes on with, or None where it starts a new one.

    A flow run that Prefect retries or wakes goes on with the run that it began, whatever else was
    begun for the request meanwhile.

    Raises:
        NotFound: The log holds no run of the id.
        Rejected: This flow run's own run was gone on with elsewhere, and has ended there.
        SettingInvalid: The run of the id is about another request.
        StoreFailed: The log cannot be read.
    """
    if run_id is not None:
        return _named(store, workflow, request, run_id)
    found = _began_in(store, flow_run_id)
    if found is None and not request.fresh:
        found = projections.find_resumable(store, request_digest(workflow, request))
    return _starts(store, found.run_id)[0] if found else None


def stops_of(
    store: EventStore, request: DeliveryRequest, earlier: RunStarted | None
) -> tuple[ApprovalPoint, ...]:
    """Return where a run asks people: where the request says so, or any start of the run did.

    Whoever types the request again without them does not get past a question that is open.

    Raises:
        StoreFailed: The log cannot be read.
    """
    starts = _starts(store, earlier.run_id) if earlier else []
    asked = {*request.approve, *(at for one in starts for at in one.request.get("approve", ()))}
    return tuple(point for point in ApprovalPoint if point in asked)


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


def _asked(workflow: str, request: DeliveryRequest) -> dict[str, Any]:
    """What makes two requests the same work: neither budget nor approval do."""
    return {
        "workflow": workflow,
        "ticket": ticket_as_given(request.ticket),
        "repository": as_given(request.repository),
        "base": request.base,
        "profile": request.profile,
        "model": request.model,
        "dry_run": request.dry_run,
        **request.identity(),
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
        **{name: held.get(name) for name in ("follows", "main", "since", "script", "compared")},
        "docstrings": "yes" if held.get("docstrings") else "",
    }


def _named(store: EventStore, workflow: str, request: DeliveryRequest, run_id: str) -> RunStarted:
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
    if summary.resumable:
        return summary
    if _starts(store, own[-1])[-1].flow_run_id != flow_run_id:
        raise Rejected(
            f"The run {own[-1]!r}, which this flow run began, was gone on with elsewhere and has"
            f" ended there ({summary.outcome}): nothing is left to do.",
            hint=f"See it with: mergewright show {own[-1]}",
            run_id=own[-1],
        )
    return None


def _starts(store: EventStore, run_id: str) -> list[RunStarted]:
    stored = store.read(run_id=run_id, types=("run_started",))
    return [found.event for found in stored if isinstance(found.event, RunStarted)]
