"""Making a ticket from the command line."""

import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from mergewright.cli.engine import prefect_engine
from mergewright.cli.exit_codes import INTERRUPTED, OK
from mergewright.cli.formats import place, plain
from mergewright.cli.options import explain
from mergewright.cli.output import human_console, print_json
from mergewright.domain.ticket_new import AskedKind, TicketMade, TicketNewRequest
from mergewright.errors import SettingInvalid

Several = Annotated[tuple[str, ...], Parameter(negative="")]
STANDARD_INPUT = "-"
OPTIONS = {"links": "--link", "link_as": "--as", "labels": "--label", "components": "--component"}


def new(
    *,
    title: str,
    kind: AskedKind = AskedKind.TASK,
    description: str = "",
    project: str = "",
    parent: str | None = None,
    link: Several = (),
    link_as: Annotated[str, Parameter(name="--as")] = "relates to",
    label: Several = (),
    component: Several = (),
    profile: str = "local",
    fresh: Annotated[bool, Parameter(negative="")] = False,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Make a ticket, once: the same command again says which one it is, also after a crash.

    It is a run of its own: `mergewright undo` takes the ticket back if nobody worked on it.

    Args:
        title: One line that says what is wanted.
        kind: What it is.
        description: File with the description in Markdown; - reads standard input.
        project: Key of the project; without it the parent's, or else the profile's.
        parent: Key of the epic of a story, or of the story of a subtask.
        link: Key of another ticket to link it to; may be given several times.
        link_as: What the links say, as in: the new ticket "is blocked by" SHOP-7.
        label: A label; may be given several times.
        component: A component; may be given several times.
        profile: Delivery profile in whose tracker it is made.
        fresh: Make another ticket although the same one was made before.
        dry_run: Look whether it could be made, and make nothing.
        json: Print what came of it as JSON.
    """
    console = human_console(as_json=json)
    request = build_request(
        title=title,
        kind=kind,
        description=read_description(description),
        project=project,
        parent=parent,
        links=link,
        link_as=link_as,
        labels=label,
        components=component,
        profile=profile,
        fresh=fresh,
        dry_run=dry_run,
    )
    return run_ticket_new(console, request, as_json=json)


def build_request(**fields: object) -> TicketNewRequest:
    """Return the request.

    Raises:
        SettingInvalid: A value is of the wrong form; the message names its option.
    """
    try:
        return TicketNewRequest.model_validate(fields)
    except ValidationError as error:
        raise explain(error, TicketNewRequest, OPTIONS) from error


def read_description(name: str) -> str:
    """Return what is in the file of this name; of `-`, what standard input holds.

    Raises:
        SettingInvalid: The file cannot be read as text.
    """
    if not name:
        return ""
    try:
        if name == STANDARD_INPUT:
            return sys.stdin.read()
        return Path(name).expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, RuntimeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text in UTF-8"
        raise SettingInvalid(
            f"--description {name!r} cannot be read: {reason}.",
            hint="Name a file, or give - and write it to standard input.",
        ) from error


def run_ticket_new(
    console: Console, request: TicketNewRequest, *, as_json: bool, run_id: str | None = None
) -> int:
    """Run the flow and print what came of it; return the exit code.

    Args:
        console: Where a person reads.
        request: What is asked for.
        as_json: Print what came of it as JSON on standard output.
        run_id: The run to go on with; without it, the one that the request means.

    Raises:
        MergewrightError: The ticket was not made, or not linked.
    """
    with prefect_engine(console):
        from flows.ticket_new import ticket_new as flow  # noqa: PLC0415 - see engine

        try:
            made = flow(request, run_id=run_id or "")
        except KeyboardInterrupt:
            console.print("\nStopped. The same command goes on, and makes nothing twice.")
            return INTERRUPTED
    if as_json:
        print_json(made.model_dump(mode="json"))
    else:
        print_made(console, made)
    return OK


def print_made(console: Console, made: TicketMade) -> None:
    """Print what came of making a ticket."""
    draft = made.draft
    console.print()
    if made.dry_run:
        _print_rehearsal(console, made)
        return
    word, style = ("made", "green") if made.is_new else ("was there already", "dim")
    console.print(
        Text.assemble((word, style), "  ", (made.key, "bold"), f" {plain(draft.title)}"),
        soft_wrap=True,
    )
    for told in (place(made.url), *made.relations):
        if told:
            console.print(Text(f"  {plain(told)}"), soft_wrap=True)
    console.print(Text(f"Take it back with: mergewright undo {made.run_id}", style="dim"))


def _print_rehearsal(console: Console, made: TicketMade) -> None:
    draft = made.draft
    kind = draft.issue_type or draft.level
    below = f", below {draft.parent}" if draft.parent else ""
    told = f"Could be made in {draft.project}{below}: {kind.lower()} {draft.title!r}."
    console.print(Text(plain(told)), soft_wrap=True)
    for relation in made.relations:
        console.print(Text(f"  {plain(relation)}"), soft_wrap=True)
    console.print("A dry run: nothing was made.", style="dim")
