"""Asking at the terminal for what a workflow was not told, and showing what it will do first."""

import importlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from rich.console import Console
from rich.table import Table
from rich.text import Text

from mergewright.cli.formats import plain
from mergewright.cli.options import build_request, parse_approve
from mergewright.cli.output import print_error
from mergewright.cli.past_costs import past_costs
from mergewright.cli.run_choices import Choices, branches, profiles, repositories, tickets
from mergewright.cli.typed_lines import ask_line, ask_yes
from mergewright.cli.watch import can_ask
from mergewright.domain.delivery import Delivery
from mergewright.domain.requests import ApprovalPoint, DeliveryRequest
from mergewright.errors import ApprovalDenied, SettingInvalid
from mergewright.events.store import EventStore

if TYPE_CHECKING:
    from blocks.profile import DeliveryProfile

Q = TypeVar("Q", bound=DeliveryRequest)
Given = Mapping[str, Any]

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
            hint="Leave it out and give TICKET and --repo.",
        )
    given = {name: value for name, value in fields.items() if _is_given(form, name, value)}

    def load() -> Callable[[], Delivery]:
        request = ask_request(console, store, form, given)
        see_it_is_wanted(console, store, workflow, request)
        flow = getattr(importlib.import_module(f"flows.{workflow}"), workflow)
        return lambda: flow(request)

    return load


def _is_given(form: type[DeliveryRequest], name: str, value: object) -> bool:
    return value not in ("", ()) and value != form.model_fields[name].default


def ask_request(console: Console, store: EventStore, form: type[Q], given: Given) -> Q:
    """Ask for each field that was not given, until the request is sound.

    Raises:
        BlockMissing: There is no profile of the name that was given.
    """
    while True:
        answers = {**given, **_answers(console, store, form, given)}
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
    console: Console, store: EventStore, form: type[DeliveryRequest], fields: Given
) -> dict[str, Any]:
    """Ask for the fields that are missing, each with what there is to choose from."""
    from blocks.profile import load_profile  # noqa: PLC0415 - imports Prefect

    found: dict[str, Any] = {}

    def ask(name: str, choices: Choices) -> str:
        field = form.model_fields[name]
        default = choices.default or ("" if field.is_required() else str(field.default or ""))
        return ask_line(console, field.title or name, choices.known, default, choices.told)

    if "profile" not in fields:
        found["profile"] = ask("profile", profiles())
    profile = load_profile(str({**fields, **found}["profile"]))
    if "ticket" not in fields:
        found["ticket"] = ask("ticket", tickets(profile))
    if "repository" not in fields:
        found["repository"] = ask("repository", repositories(profile, store))
    if "base" not in fields:
        repository = str({**fields, **found}["repository"])
        found["base"] = ask("base", branches(profile, repository))
    if "budget_usd" not in fields:
        found["budget_usd"] = ask("budget_usd", Choices())
    if "approve" not in fields:
        points = tuple(point.value for point in ApprovalPoint)
        choices = Choices(("none", *points), default="none", told="Several: plan,change")
        found["approve"] = parse_approve(ask("approve", choices))
    return found


def _preview(
    store: EventStore, workflow: str, request: DeliveryRequest, profile: "DeliveryProfile"
) -> list[tuple[str, str]]:
    flow = getattr(importlib.import_module(f"flows.{workflow}"), workflow)
    purpose = str(flow.fn.__doc__).partition("\n")[0]
    rehearsed = " A dry run: nothing is published." if request.dry_run else ""
    services = [
        f"{what} in {getattr(profile, name).get_block_type_name().removeprefix('Mergewright ')}"
        for name, what in SERVICES.items()
    ]
    return [
        ("what", f"{purpose}{rehearsed}"),
        ("ticket", request.ticket),
        ("repository", request.repository or "what the profile's table says of the ticket"),
        ("base", request.base or "found by the run"),
        ("profile", f"{request.profile}: {', '.join(services)}"),
        ("asks you", ", ".join(request.approve) or "nothing before the pull request"),
        ("cost", past_costs(store, workflow, request.repository)),
        ("at most", f"${request.budget_usd:.2f}"),
    ]
