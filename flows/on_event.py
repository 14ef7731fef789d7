"""on_event: begin the work that an event from outside asks for."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeGuard, get_type_hints
from uuid import UUID

from prefect import Flow, flow
from prefect.runtime import flow_run
from pydantic import BaseModel, ValidationError

from mergewright.domain.outside_events import EventRule, SeenEvent
from mergewright.domain.requests import DeliveryRequest
from mergewright.errors import Rejected, SettingInvalid
from tasks import outside_events
from tasks.repository_choice import with_repository


def name_run() -> str:
    """Return the run's name until the event is read: which one it is."""
    return f"Event {flow_run.parameters.get('event_id', '')}"


@flow(flow_run_name=name_run, validate_parameters=True)
def on_event(event_id: UUID, rule: EventRule) -> Any:  # noqa: ANN401 - what the workflow returns
    """Begin the work that an event from outside asks for.

    Reads the event by its id, takes from it the few fields that are known, each in a narrow form,
    and runs the workflow with them and with what is fixed here. The work is done in this very run:
    no value from the event becomes a parameter that the server would resolve. One run per ticket,
    and a few per repository, at a time.

    Args:
        event_id: Id of the event, or of what a poll of tickets wrote to the log.
        rule: Which event begins which work, and what of the request is fixed.
    """
    function, form = workflow_of(rule.workflow)
    seen = outside_events.read_event(str(event_id), rule.event)
    request = request_of(seen, rule, form)
    repository = ""
    if isinstance(request, DeliveryRequest):
        request = with_repository(request)
        repository = request.repository
    outside_events.name_run(seen)
    with outside_events.held_by_event(seen, rule, repository):
        return function(request)


def workflow_of(name: str) -> tuple[Callable[[Any], Any], type[BaseModel]]:
    """Return a workflow's function and the form of its request.

    Raises:
        NotFound: There is none of this name.
    """
    here = str(Path(__file__).parent)
    known = tuple(
        module.name
        for module in pkgutil.iter_modules([here])
        if not module.name.startswith("_") and module.name != on_event.fn.__name__
    )
    if name not in known:
        raise outside_events.refuse_unknown(name, known)
    found = getattr(importlib.import_module(f"flows.{name}"), name, None)
    if not isinstance(found, Flow):
        raise outside_events.refuse_unknown(name, known)
    function = found.fn
    parameters = tuple(inspect.signature(function).parameters)
    form = get_type_hints(function).get("request")
    if parameters[:1] != ("request",) or not _is_form(form):
        raise outside_events.refuse_unknown(name, known)
    return function, form


def _is_form(form: object) -> TypeGuard[type[BaseModel]]:
    return isinstance(form, type) and issubclass(form, BaseModel)


def request_of(seen: SeenEvent, rule: EventRule, form: type[BaseModel]) -> BaseModel:
    """Return the request: what is fixed, and from the event what the form has a field for.

    Raises:
        Rejected: Together they are no such request.
        SettingInvalid: What is fixed has a field that the form has not.
    """
    unknown = rule.request.keys() - form.model_fields.keys()
    if unknown:
        raise SettingInvalid(
            f"The fixed part of the request has unknown fields: {', '.join(sorted(unknown))}.",
            hint=f"{form.__name__} has: {', '.join(form.model_fields)}.",
        )
    said = {field: value for field, value in seen.said.items() if field in form.model_fields}
    try:
        return form.model_validate({**said, **rule.request})
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "request"
        raise Rejected(
            f"The event {seen.id!r} makes no {form.__name__}: {field}: {first['msg']}.",
            hint="Say it in the event, or fix it in the deployment.",
        ) from None
