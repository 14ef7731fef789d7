"""Asking at the terminal for what a workflow was not told, and showing what it will do first."""

import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mergewright.cli.formats import plain
from mergewright.cli.options import build_request, parse_approve
from mergewright.cli.output import print_error
from mergewright.cli.past_costs import past_costs
from mergewright.cli.run_choices import Choices, choices_of, profiles
from mergewright.cli.typed_lines import ask_line, ask_yes
from mergewright.cli.watch import can_ask
from mergewright.domain.delivery import Delivery
from mergewright.domain.hotfix_request import HotfixRequest
from mergewright.domain.requests import ApprovalPoint, DeliveryRequest
from mergewright.domain.workflow_policy import WorkflowPolicy, policy_in_force
from mergewright.errors import ApprovalDenied, SettingInvalid
from mergewright.events.store import EventStore

if TYPE_CHECKING:
    from blocks.profile import DeliveryProfile

Q = TypeVar("Q", bound=DeliveryRequest)
Given = Mapping[str, Any]

ASKED = ("ticket", "repository", "base", "severity", "main", "budget_usd", "approve")
"""Fields that are asked for after the profile, in this order, where the workflow has them."""
SERVICES = {"tracker": "tickets", "code_host": "pull requests", "wiki": "pages"}


def asked_for(
    console: Console, store: EventStore, workflow: str, form: type[Q], fields: Given
) -> Callable[[], Callable[[], Delivery]]:
    """Return what asks for what is missing, shows what will be done, and returns what runs it.

    Args:
        console: Where the person sits.
        store: The event log.
        workflow: Name of the flow.
        form: Its request.
        fields: What was typed; what is as by default or empty is asked for.

    Raises:
        SettingInvalid: Nobody sits at a terminal.
    """
    if not can_ask(console):
        raise SettingInvalid(
            "--interactive: there is no terminal to ask at.",
            hint="Leave it out, and give what it would ask for.",
        )
    given = {name: value for name, value in fields.items() if _is_given(form, name, value)}

    def load() -> Callable[[], Delivery]:
        request = ask_request(console, store, workflow, form, given)
        see_it_is_wanted(console, store, workflow, request)
        flow = getattr(importlib.import_module(f"flows.{workflow}"), workflow)
        return lambda: flow(request)

    return load


def _is_given(form: type[DeliveryRequest], name: str, value: object) -> bool:
    return value not in ("", ()) and value != form.model_fields[name].default


def ask_request(
    console: Console, store: EventStore, workflow: str, form: type[Q], given: Given
) -> Q:
    """Ask for each field that was not given, until the request is sound.

    Raises:
        BlockMissing: There is no profile of the name that was given.
    """
    while True:
        answers = {**given, **_answers(console, store, workflow, form, given)}
        try:
            return build_request(form, **answers)
        except SettingInvalid as error:
            print_error(error, as_json=False)


def see_it_is_wanted(
    console: Console, store: EventStore, workflow: str, request: DeliveryRequest
) -> None:
    """Show what will be done, where, and what it cost before; ask whether to begin.

    Raises:
        ApprovalDenied: The person said no.
    """
    from blocks.profile import load_profile  # noqa: PLC0415 - imports Prefect

    profile = load_profile(request.profile)
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for label, text in _preview(store, workflow, request, profile):
        table.add_row(label, Text(plain(text)))
    console.print()
    console.print(table)
    if not ask_yes(console, "Begin?"):
        raise ApprovalDenied("You said no: nothing was begun.", hint="The same command asks again.")


def _answers(
    console: Console, store: EventStore, workflow: str, form: type[DeliveryRequest], given: Given
) -> dict[str, Any]:
    """Ask for the fields that are missing, each with what there is to choose from."""
    from blocks.profile import load_profile  # noqa: PLC0415 - imports Prefect

    found: dict[str, Any] = {}

    def ask(name: str, choices: Choices) -> str:
        field = form.model_fields[name]
        default = choices.default or ("" if field.is_required() else str(field.default or ""))
        return ask_line(console, field.title or name, choices.known, default, choices.told)

    if "profile" not in given:
        found["profile"] = ask("profile", profiles())
    profile = load_profile(str({**given, **found}["profile"]))
    for name in ASKED:
        if name in given or not _is_asked(form, name):
            continue
        repository = str({**given, **found}.get("repository", ""))
        found[name] = ask(name, choices_of(name, workflow, profile, repository, store))
    if "approve" in found:
        found["approve"] = parse_approve(found["approve"])
    return found


def _is_asked(form: type[DeliveryRequest], name: str) -> bool:
    """Say whether a workflow has a field that people fill in; a ticket with a default is a name."""
    field = form.model_fields.get(name)
    return field is not None and (name != "ticket" or field.is_required())


def _preview(
    store: EventStore, workflow: str, request: DeliveryRequest, profile: "DeliveryProfile"
) -> list[tuple[str, str]]:
    policy = policy_in_force(workflow, request.policy_name())
    rehearsed = " A dry run: nothing is published." if request.dry_run else ""
    services = [
        f"{what} in {getattr(profile, name).get_block_type_name().removeprefix('Mergewright ')}"
        for name, what in SERVICES.items()
    ]
    return [
        ("what", f"{policy.title}{rehearsed}"),
        *(("ticket", request.ticket) for _ in range(_is_asked(type(request), "ticket"))),
        ("repository", request.repository or "what the profile's table says of the ticket"),
        *_places(request),
        ("profile", f"{request.profile}: {', '.join(services)}"),
        ("stops for", _stops_for(policy, request)),
        ("cost", past_costs(store, workflow, request.repository)),
        ("at most", f"${request.budget_usd:.2f}"),
    ]


def _places(request: DeliveryRequest) -> Iterator[tuple[str, str]]:
    """Yield what the change is built on and where it goes."""
    if not isinstance(request, HotfixRequest):
        yield "base", request.base
        return
    yield "release", request.base or "the latest"
    yield "severity", request.severity
    yield "main branch", request.main or "the repository's own default branch"


def _stops_for(policy: WorkflowPolicy, request: DeliveryRequest) -> str:
    """Say who is asked while it goes on, and about what."""
    points = {*request.approve, *(() if request.dry_run else policy.stops)}
    told = ", ".join(point for point in ApprovalPoint if point in points)
    if not told:
        return "nobody"
    who = "somebody other than who asks for it" if policy.approval.never_requester else "you"
    return f"{who}, about: {told}"
