"""Stages that take in an event from outside: read it by its id, and hold what it is about.

A deployment that an event starts gets the event's id and nothing else of it: the server resolves
templates and references within parameters, and what the event says was written by others.

Prefect bounds the runs of a deployment, and those of several that share a limit, but not those that
have a value in common: one run per ticket and a few per repository are kept by holds of our log.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Final

import httpx
from prefect.client.orchestration import get_client
from prefect.runtime import flow_run
from pydantic import ValidationError

from mergewright.domain.outside_events import KINDS, EventName, EventRule, SeenEvent
from mergewright.domain.polling import POLLS, TicketSeen
from mergewright.errors import NotFound, Rejected, RunInterrupted, ServiceUnavailable
from tasks._policies import stage
from tasks._runs import event_store

READY: Final = "mergewright.ticket.ready"
"""The event that begins work on a ticket; what a poll found is told as one."""
PER_REPOSITORY = 2
"""How many runs that events began work on a repository at once."""


@stage("Read the event")
def read_event(event_id: str, wanted: EventName) -> SeenEvent:
    """Return an event of Prefect's, down to the fields that are taken, each in its form.

    What a poll found is told by our log, and is no event of Prefect's. It is kept: a run that was
    suspended goes on with it after the server has forgotten it.

    Raises:
        ServiceUnavailable: The server does not know the event yet, or does not answer.
        Rejected: It is another event, or does not say what it should.
        StoreFailed: The log cannot be read.
    """
    polled = event_store().find(POLLS, "ticket_seen", event_id)
    if polled is not None and isinstance(polled.event, TicketSeen) and wanted == READY:
        return SeenEvent(id=event_id, event=READY, said=polled.event.said)
    event = _ask(event_id)
    if event.get("event") != wanted:
        raise Rejected(
            f"The event {event_id!r} is another one than {wanted!r}.",
            hint="Give the id of such an event.",
        )
    payload = event.get("payload")
    try:
        said = KINDS[wanted].model_validate(payload if isinstance(payload, dict) else {})
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "payload"
        raise Rejected(
            f"The event {event_id!r} ({wanted}) is refused: {field}: {first['msg']}.",
            hint="Whatever emits it must say the ticket by its key and the repository by its URL.",
        ) from None
    return SeenEvent(id=event_id, event=wanted, said=said.model_dump(exclude_none=True))


def _ask(event_id: str) -> Mapping[str, Any]:
    try:
        with get_client(sync_client=True) as client:
            answer = client.request(
                "POST", "/events/filter", json={"filter": {"id": {"id": [event_id]}}}
            )
        found = answer.json()["events"]
    except (httpx.HTTPError, ValueError, KeyError) as error:
        raise ServiceUnavailable(
            f"The Prefect server did not tell the event {event_id!r}: {type(error).__name__}.",
            hint="See whether the server runs.",
        ) from error
    if not found:
        raise ServiceUnavailable(
            f"The Prefect server does not know the event {event_id!r} yet.",
            hint="The server writes events down some seconds after they were emitted, and keeps"
            " them for seven days.",
        )
    event: Mapping[str, Any] = found[0]
    return event


def name_run(seen: SeenEvent) -> None:
    """Give this flow run the name of what the event is about, for whoever looks for it."""
    about = seen.said.get("ticket") or seen.said.get("tag") or seen.said.get("run_id") or seen.id
    words = seen.event.removeprefix("mergewright.").replace(".", " ")
    if flow_run.id:
        with get_client(sync_client=True) as client:
            client.update_flow_run(flow_run.id, name=f"{about}: {words}")


@contextmanager
def held_by_event(seen: SeenEvent, rule: EventRule, repository: str = "") -> Iterator[None]:
    """Hold the ticket that an event is about, and one of the places of its repository.

    Args:
        seen: The event.
        rule: What it begins.
        repository: Where the work is done; empty where the event or the rule says it, if any does.

    Raises:
        RunInterrupted: Somebody works on the ticket, or the repository's places are taken.
        StoreFailed: The log cannot be read or written.
    """
    ticket = _about(seen, rule, "ticket")
    repository = repository or _about(seen, rule, "repository")
    with ExitStack() as stack:
        if ticket:
            profile = str(rule.request.get("profile") or "local")
            _take_ticket(stack, f"ticket of {profile}: {ticket}", ticket)
        if repository:
            _take_place(stack, repository)
        yield


def _about(seen: SeenEvent, rule: EventRule, field: str) -> str:
    return str(rule.request.get(field) or seen.said.get(field) or "")


def _take_ticket(stack: ExitStack, name: str, ticket: str) -> None:
    try:
        stack.enter_context(event_store().hold(name))
    except RunInterrupted as error:
        raise RunInterrupted(
            f"Another run that an event began works on the ticket {ticket!r}. {error.message}",
            hint="Nothing is lost: when it has ended, run this deployment again with the same"
            " event_id.",
        ) from error


def free_places(repository: str) -> int:
    """Return how many runs that events begin could begin to work on a repository now.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    free = 0
    for name in _places(repository):
        with suppress(RunInterrupted), event_store().hold(name):
            free += 1
    return free


def _take_place(stack: ExitStack, repository: str) -> None:
    for name in _places(repository):
        with suppress(RunInterrupted):
            stack.enter_context(event_store().hold(name))
            return
    raise RunInterrupted(
        f"{PER_REPOSITORY} runs that events began work on {repository!r} already.",
        hint="Nothing is lost: when one has ended, run this deployment again with the same event_id.",
    )


def _places(repository: str) -> tuple[str, ...]:
    """Return the names of the places at a repository, however its address ends."""
    name = re.sub(r"(\.git)?/*$", "", repository)
    return tuple(f"place {number} at {name}" for number in range(PER_REPOSITORY))


def refuse_unknown(workflow: str, known: tuple[str, ...]) -> NotFound:
    """Return the error of a workflow that there is not."""
    return NotFound(
        f"There is no workflow {workflow!r} that an event can begin.",
        hint=f"There are: {', '.join(known)}.",
    )
