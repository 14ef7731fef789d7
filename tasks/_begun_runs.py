"""Beginning runs of a deployment that works on tickets, once for each id of an event.

Source: `create_flow_run_from_deployment` of Prefect's API 3.8.8, read and run 2026-11-20: an idempotency
key is one per flow, and the run that has it already is returned as it is.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple
from uuid import UUID

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterIdempotencyKey
from prefect.exceptions import ObjectNotFound
from pydantic import ValidationError

from mergewright.domain.outside_events import EventRule
from mergewright.errors import NotFound, ServiceUnavailable, SettingInvalid
from tasks._polled_tickets import BegunRun
from tasks.outside_events import READY


class Target(NamedTuple):
    """A deployment that works on tickets."""

    id: UUID
    name: str
    rule: EventRule


def find_target(name: str, profile: str) -> Target:
    """Return the deployment of a name, if it works on the tickets of a profile.

    Raises:
        NotFound: There is no such deployment.
        SettingInvalid: It works on something else.
        ServiceUnavailable: The Prefect server does not answer.
    """
    with _prefect(f"tell of the deployment {name!r}"), get_client(sync_client=True) as client:
        try:
            found = client.read_deployment_by_name(name)
        except ObjectNotFound as error:
            raise NotFound(
                f"There is no deployment {name!r} that could work on tickets.",
                hint="Bring the server to what the deployment files say: mergewright deploy",
            ) from error
    try:
        rule = EventRule.model_validate((found.parameters or {}).get("rule"))
    except ValidationError as error:
        raise _unfit(name, "its parameter `rule` is none") from error
    if rule.event != READY:
        raise _unfit(name, f"it waits for {rule.event!r}")
    named = str(rule.request.get("profile") or "local")
    if named != profile:
        raise _unfit(name, f"it works with the profile {named!r}, and {profile!r} is asked")
    return Target(UUID(str(found.id)), name, rule)


def begun_runs(name: str, event_ids: Iterable[str]) -> Mapping[str, BegunRun]:
    """Return the runs that were begun, by the ids of their events.

    Raises:
        ServiceUnavailable: The Prefect server does not answer.
    """
    by_key = {_key(name, event_id): event_id for event_id in event_ids}
    if not by_key:
        return {}
    wanted = FlowRunFilter(idempotency_key=FlowRunFilterIdempotencyKey(any_=list(by_key)))
    with _prefect("tell how far runs are"), get_client(sync_client=True) as client:
        found = client.read_flow_runs(flow_run_filter=wanted)
    return {
        by_key[run.idempotency_key]: BegunRun(str(run.id), _state(run.state_type))
        for run in found
        if run.idempotency_key
    }


def begin(target: Target, event_id: str) -> BegunRun:
    """Begin a run with the id of an event, or return the one that was begun with it.

    Raises:
        ServiceUnavailable: The Prefect server does not answer.
    """
    with _prefect(f"begin {target.name!r}"), get_client(sync_client=True) as client:
        run = client.create_flow_run_from_deployment(
            target.id,
            parameters={"event_id": event_id},
            idempotency_key=_key(target.name, event_id),
        )
    return BegunRun(str(run.id), _state(run.state_type))


def _key(name: str, event_id: str) -> str:
    return f"{name}:{event_id}"


def _state(kind: object) -> str:
    return str(getattr(kind, "value", kind) or "")


def _unfit(name: str, why: str) -> SettingInvalid:
    return SettingInvalid(
        f"The deployment {name!r} does not work on these tickets: {why}.",
        hint="Name another one, or make one whose rule has the event"
        f" {READY!r} and the profile of the poll.",
    )


@contextmanager
def _prefect(what: str) -> Iterator[None]:
    try:
        yield
    except httpx.HTTPError as error:
        raise ServiceUnavailable(
            f"The Prefect server did not {what}: {error}.",
            hint="See whether it runs; the next poll does what is left.",
        ) from error
