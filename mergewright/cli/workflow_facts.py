"""What there is to know of each workflow: read from its flow and from the deployment files."""

import importlib
import inspect
import json
import pkgutil
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from mergewright.domain.value import Value

if TYPE_CHECKING:
    from prefect import Flow

    from deployments.documents import Deployment

Json = Mapping[str, Any]

REQUEST = "request"
"""The parameter that holds what a workflow is asked for."""
BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "above",
    "maximum": "at most",
    "exclusiveMaximum": "below",
}
COMMANDS = {
    "standard-dev": "mergewright run standard-dev",
    "hotfix": "mergewright run hotfix",
    "documentation": "mergewright run documentation",
    "ticket-new": "mergewright tickets new",
    "effects-retry": "mergewright effects retry",
    "notices-send-due": "mergewright notices send-due",
    "tickets-poll": "mergewright tickets poll",
}
"""Commands that have another name than their workflow."""


class Asked(Value):
    """One thing that a workflow is asked for."""

    name: str
    kind: str
    """Its type in words, with choices or bounds."""
    is_required: bool
    default: Any = None
    description: str = ""

    @property
    def default_words(self) -> str:
        """The default as a person reads it."""
        if self.default in (None, "", [], {}):
            return "none"
        return self.default if isinstance(self.default, str) else json.dumps(self.default)


class Offered(Value):
    """A deployment of a workflow, as the deployment files say it."""

    name: str
    description: str
    begins: tuple[str, ...] = ()
    """What begins it by itself: schedules, an event."""


class Workflow(Value):
    """A workflow that can be run."""

    name: str
    purpose: str
    description: str
    command: str = ""
    """What a person types to run it; empty where only a deployment does."""
    parameters: tuple[Asked, ...]
    deployments: tuple[Offered, ...]


def find_workflows() -> Iterator[Workflow]:
    """Return the workflows by name.

    Raises:
        SettingInvalid: A deployment file is wrong.
    """
    import flows  # noqa: PLC0415 - imports Prefect
    from deployments.reading import read_documents  # noqa: PLC0415 - as above

    offered = read_documents().documents.deployments
    for module in sorted(pkgutil.iter_modules(flows.__path__), key=lambda one: one.name):
        if module.name.startswith("_"):
            continue
        flow = getattr(importlib.import_module(f"flows.{module.name}"), module.name)
        yield _workflow(flow, [one for one in offered if one.flow == module.name])


def _workflow(flow: "Flow[..., Any]", offered: list["Deployment"]) -> Workflow:
    from prefect.utilities.callables import parameter_schema  # noqa: PLC0415 - see above

    told = inspect.cleandoc(flow.fn.__doc__ or "")
    name = flow.name
    return Workflow(
        name=name,
        purpose=told.partition("\n")[0],
        description=_unwrapped(told.partition("\nArgs:")[0]),
        command=_command(name),
        parameters=tuple(asked_of(parameter_schema(flow).model_dump_for_openapi())),
        deployments=tuple(
            Offered(name=one.full_name, description=one.description, begins=tuple(_begins(one)))
            for one in offered
        ),
    )


def _unwrapped(text: str) -> str:
    paragraphs = text.strip().split("\n\n")
    return "\n\n".join(" ".join(one.split()) for one in paragraphs)


def _command(name: str) -> str:
    from mergewright.cli.main import app  # noqa: PLC0415 - it names this module's command

    if name in COMMANDS:
        return COMMANDS[name]
    return f"mergewright {name}" if name in app else ""


def _begins(one: "Deployment") -> Iterator[str]:
    for schedule in one.schedules:
        times = schedule.cron or schedule.rrule or f"every {schedule.every_minutes} minutes"
        paused = "" if schedule.active else ", paused"
        yield f"by itself: {times} ({schedule.zone}{paused})"
    if one.on:
        yield f"on the event {one.on}"


def asked_of(schema: Json) -> Iterator[Asked]:
    """Return what a flow is asked for, the fields of its request first.

    Args:
        schema: Of the flow's parameters, as the server makes its form of.
    """
    known = schema.get("definitions", {})
    for name, part in schema["properties"].items():
        form = _form(part, known)
        if name == REQUEST and "properties" in form:
            yield from asked_of({**form, "definitions": known})
            continue
        is_required = name in schema.get("required", ())
        yield Asked(
            name=name,
            kind=kind_of(part, known),
            is_required=is_required,
            default=part.get("default"),
            description=" ".join(str(part.get("description", "")).split()),
        )


def kind_of(part: Json, known: Json) -> str:
    """Return the type of a part of a schema in words.

    Args:
        part: The part.
        known: What it may refer to, by name.
    """
    form = _form(part, known)
    if "block_type_slug" in form:
        return f"name of a saved block, {form['block_type_slug']}"
    if "enum" in form:
        return " | ".join(map(str, form["enum"]))
    if "anyOf" in form:
        kinds = [kind_of(one, known) for one in form["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if form.get("type") == "array":
        return f"list of {kind_of(form.get('items', {}), known)}"
    bounds = [f"{words} {form[name]:g}" for name, words in BOUNDS.items() if name in form]
    return ", ".join([str(form.get("type", "any")), *bounds])


def _form(part: Json, known: Json) -> Json:
    """Return what a part refers to, or itself."""
    wrapped = part["allOf"][0] if len(part.get("allOf", ())) == 1 else part
    name = str(wrapped.get("$ref", "")).rpartition("/")[2]
    found: Json = known.get(name, part)
    return found
