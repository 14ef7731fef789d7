"""Which workflows there are, what each is asked for, and how a Prefect server offers it."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from cyclopts import Parameter
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mergewright.cli.exit_codes import OK
from mergewright.cli.formats import count
from mergewright.cli.output import human_console, print_json
from mergewright.cli.workflow_facts import Workflow, find_workflows
from mergewright.cli.workflow_policies import policies_of, print_policy
from mergewright.domain.team_policy import PolicyValue
from mergewright.errors import NotFound


def workflows(
    name: str = "",
    /,
    *,
    profile: str = "",
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """List the workflows; of one, show what it does and may do, what it is asked for, and where it runs.

    Args:
        name: Name of a workflow, such as standard-dev.
        profile: Delivery profile whose team's policy is shown; without one, the workflow's own.
        json: Print all there is to know as JSON.
    """
    console = human_console(as_json=json)
    with console.status("Looking at the workflows …"):
        known = {one.name: one for one in find_workflows()}
    name = name.replace("_", "-")
    if name and name not in known:
        raise NotFound(f"There is no workflow {name!r}.", hint=f"There are: {', '.join(known)}.")
    chosen = [known[name]] if name else list(known.values())
    policies = policies_of(console, profile)
    if json:
        print_json([_document(one, policies) for one in chosen])
    elif name:
        _print_one(console, known[name])
        if held := policies.get(name.replace("-", "_")):
            print_policy(console, held, profile)
        _print_deployments(console, known[name])
    else:
        _print_all(console, chosen)
    return OK


def _print_all(console: Console, known: Iterable[Workflow]) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    table.add_column("workflow", no_wrap=True)
    table.add_column("what it does", overflow="fold")
    table.add_column("deployments", justify="right")
    for one in known:
        number = str(len(one.deployments)) if one.deployments else ""
        table.add_row(Text(one.name, style="bold"), Text(one.purpose), number)
    console.print(table)
    console.print("\nMore of one: mergewright workflows NAME", style="dim")


def _print_one(console: Console, one: Workflow) -> None:
    console.print(Text(one.name, style="bold"))
    console.print(Padding(Text(one.description), (0, 0, 1, 2)))
    if one.command:
        console.print(Text.assemble("Run it here: ", (one.command, "bold")), soft_wrap=True)
    console.print("It is asked for:")
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for asked in one.parameters:
        need = "required" if asked.is_required else f"default {asked.default_words}"
        told = Text.assemble(asked.description, "\n", (f"{asked.kind}; {need}", "dim"))
        table.add_row(Text(asked.name, style="bold"), told)
    console.print(Padding(table, (0, 0, 1, 2)))


def _document(one: Workflow, policies: Mapping[str, tuple[PolicyValue, ...]]) -> dict[str, Any]:
    held = policies.get(one.name.replace("-", "_"), ())
    return one.model_dump(mode="json") | {"policy": [each.model_dump() for each in held]}


def _print_deployments(console: Console, one: Workflow) -> None:
    if not one.deployments:
        console.print("No deployment runs it.", style="dim")
        return
    console.print(f"On a Prefect server, {count(len(one.deployments), 'deployment')}:")
    for offered in one.deployments:
        console.print(Text.assemble("  ", (offered.name, "bold")), soft_wrap=True)
        for line in (offered.description, *offered.begins):
            console.print(Text(f"    {line}"), soft_wrap=True)
