"""Going on with one run, by its id."""

import shlex
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Annotated, Any

from cyclopts import Parameter
from pydantic import ValidationError

from mergewright.cli.compare import NAMES as COMPARE_NAMES
from mergewright.cli.options import explain
from mergewright.cli.output import human_console
from mergewright.cli.run import run_delivery
from mergewright.cli.selection import events_of, find_run, open_log
from mergewright.cli.ticket_new import run_ticket_new
from mergewright.domain.compare_request import CompareRequest
from mergewright.domain.delivery import Outcome
from mergewright.domain.documentation_request import DocumentationRequest
from mergewright.domain.events import Event, RunStarted
from mergewright.domain.hotfix_request import HotfixRequest
from mergewright.domain.requests import DeliveryRequest, StandardDevRequest
from mergewright.domain.ticket_new import WORKFLOW as TICKET_NEW
from mergewright.domain.ticket_new import TicketNewRequest
from mergewright.errors import Rejected, StoreFailed
from mergewright.events.projections import RunSummary, summarise

FORMS: Mapping[str, type[DeliveryRequest]] = MappingProxyType(
    {
        "standard_dev": StandardDevRequest,
        "hotfix": HotfixRequest,
        "documentation": DocumentationRequest,
        "compare": CompareRequest,
    }
)
"""What workflows are asked for whose runs go on from here, by the names of their flows."""
FOLLOW_UP = "follow_up"
NOT_OPTIONS = ("ticket", "repository", "approve", "fresh", "accept_drift", "requested_by")
"""Fields of a request that have no option of the same name, or none that a new run needs."""


def resume(
    run: str,
    /,
    *,
    accept_drift: Annotated[bool, Parameter(negative="")] = False,
    budget_usd: float | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Go on with a run where it stopped, with the request that it was started with.

    Nothing is paid for twice, and nothing outside is done twice.

    Args:
        run: Id of the run, the start of it, or `last`.
        accept_drift: Go on although prompts, models, policy or version changed since it began.
        budget_usd: What the run may spend on model calls in all; as before, if left out.
        json: Print the report as JSON on standard output, progress on standard error.
    """
    store = open_log()
    run_id = find_run(store, run)
    events = events_of(store, run_id)
    if (asked := recorded_ticket_request(events)) is not None:
        return run_ticket_new(human_console(as_json=json), asked, as_json=json, run_id=run_id)
    request = recorded_request(run_id, events)
    _see_it_can_go_on(summarise(events), request)
    changes: dict[str, Any] = {"accept_drift": accept_drift}
    if budget_usd is not None:
        changes["budget_usd"] = budget_usd
    try:
        request = type(request)(**request.model_dump() | changes)
    except ValidationError as error:
        raise explain(error, type(request)) from error
    return run_delivery(workflow_of(request), request, as_json=json, run_id=run_id)


def recorded_ticket_request(events: Sequence[Event]) -> TicketNewRequest | None:
    """Return what a run was asked for that makes a ticket; None for a run of another workflow.

    Raises:
        StoreFailed: The log tells it in a form that this version does not know.
    """
    starts = [event for event in events if isinstance(event, RunStarted)]
    if not starts or starts[-1].workflow != TICKET_NEW:
        return None
    try:
        return TicketNewRequest.model_validate(starts[-1].request)
    except ValidationError as error:
        raise _unreadable(starts[-1].run_id, error) from error


def workflow_of(request: DeliveryRequest) -> str:
    """Return the flow that is asked for."""
    return next(name for name, form in FORMS.items() if isinstance(request, form))


def recorded_request(run_id: str, events: Sequence[Event]) -> DeliveryRequest:
    """Return what the run was asked for when it began last, as it means the same anywhere.

    Raises:
        StoreFailed: The log does not tell it, or in a form that this version does not know.
        Rejected: It is a run of a workflow that this version does not have.
    """
    starts = [event for event in events if isinstance(event, RunStarted)]
    if not starts:
        raise StoreFailed(
            f"The log does not tell how the run {run_id!r} was started.",
            hint=f"See what is wrong with it: mergewright audit verify {run_id}",
            run_id=run_id,
        )
    started = starts[-1]
    if started.workflow == FOLLOW_UP:
        raise Rejected(
            f"The run {run_id!r} is a follow-up, which goes on by its own command.",
            hint=f"Go on with it: mergewright follow-up {started.request.get('follows', 'RUN')}",
        )
    form = FORMS.get(started.workflow)
    if form is None:
        raise Rejected(
            f"The run {run_id!r} is one of {started.workflow!r}, which cannot go on from here.",
            hint="Go on with it in the version of Mergewright that started it.",
        )
    given = {name: value for name, value in started.request.items() if value is not None}
    places = {"ticket": started.ticket, "repository": started.repository}
    try:
        return form.model_validate({**given, **places})
    except ValidationError as error:
        raise _unreadable(run_id, error) from error


def run_command(request: DeliveryRequest) -> str:
    """Return what to type to start a new run of a request."""
    words = [*_command_words(request), "--repo", request.repository]
    for name, field in type(request).model_fields.items():
        value = getattr(request, name)
        if name not in NOT_OPTIONS and value != field.default:
            option = COMPARE_NAMES.get(name, f"--{name.replace('_', '-')}")
            several = value if isinstance(value, tuple) else (value,)
            words += (
                [option] if value is True else [w for one in several for w in (option, str(one))]
            )
    if request.approve:
        words += ["--approve", ",".join(request.approve)]
    return shlex.join(words)


def _command_words(request: DeliveryRequest) -> list[str]:
    if isinstance(request, CompareRequest):
        return ["mergewright", "compare", "--ticket", request.ticket]
    command = workflow_of(request).replace("_", "-")
    ticket = [] if isinstance(request, DocumentationRequest) else [request.ticket]
    return ["mergewright", "run", command, *ticket]


def _unreadable(run_id: str, error: ValidationError) -> StoreFailed:
    return StoreFailed(
        f"The request of the run {run_id!r} cannot be read: {error.errors()[0]['msg']}.",
        hint="Go on with it in the version of Mergewright that wrote it.",
        run_id=run_id,
    )


def _see_it_can_go_on(summary: RunSummary, request: DeliveryRequest) -> None:
    if summary.resumable:
        return
    look = f"See it with: mergewright show {summary.run_id}"
    done = (Outcome.DELIVERED, Outcome.REHEARSED, Outcome.NOTHING_TO_DO)
    if summary.outcome not in done:
        look += f"; mend what it says, then start another run: {run_command(request)}"
    raise Rejected(
        f"The run {summary.run_id!r} is finished ({summary.outcome}): there is nothing to go on with.",
        hint=look,
        run_id=summary.run_id,
    )
