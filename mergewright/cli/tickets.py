"""Tickets of a profile's tracker: finding them, and reading one as agents do."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from mergewright.cli.engine import prefect_engine
from mergewright.cli.exit_codes import OK
from mergewright.cli.formats import count, plain, plain_lines
from mergewright.cli.output import PersonConsole, human_console, print_json, print_text
from mergewright.domain.ticket import StatusCategory, TicketSummary
from mergewright.errors import SettingInvalid
from mergewright.events.health import open_health
from mergewright.settings import settings

if TYPE_CHECKING:
    from blocks.services import TrackerService

DEFAULT_LIMIT = 20
MAX_LIMIT = 1000
FILES = {".md", ".markdown"}
COLUMNS = {"key": 0, "title": 0, "kind": 70, "status": 0, "where": 130}
"""The columns, each with the width of terminal from which it is shown."""
STATUS_STYLES = {
    StatusCategory.TO_DO: "",
    StatusCategory.IN_PROGRESS: "cyan",
    StatusCategory.IN_REVIEW: "yellow",
    StatusCategory.DONE: "green",
}

app = App(
    name="tickets",
    help="Find, read, make and begin tickets of a profile's tracker.",
    console=PersonConsole(),
)
app.command("mergewright.cli.ticket_new:new", name="new", help="Make a ticket, once.")
app.command(
    "mergewright.cli.tickets_poll:poll",
    name="poll",
    help="Begin the work on tickets that are ready, once each.",
)


@app.command(name="list")
def list_tickets(
    query: str = "",
    /,
    *,
    profile: str = "local",
    limit: int = DEFAULT_LIMIT,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """List the tickets that a query finds; without one, those that are not done.

    Args:
        query: In the tracker's own language: JQL for Jira; for a ticket folder words and
            name:value, as in 'label:money status:"to do" total'.
        profile: Delivery profile whose tracker is asked.
        limit: How many at most; it is told when there are more.
        json: Print them as JSON.
    """
    if not 0 < limit <= MAX_LIMIT:
        raise SettingInvalid(
            f"--limit {limit}: it is not between 1 and {MAX_LIMIT}.",
            hint="Give a smaller number, and narrow the query.",
        )
    console = human_console(as_json=json)
    with tracker_of(console, profile) as service:
        query = query.strip() or service.open_tickets_query
        found = service.connect_searching().search(query, limit=limit + 1)
    more, shown = len(found) > limit, found[:limit]
    if json:
        tickets = [one.model_dump(mode="json") for one in shown]
        print_json({"query": query, "tickets": tickets, "more": more})
        return OK
    if not shown:
        console.print(Text(f"No ticket is found by: {plain(query)}"), soft_wrap=True)
        return OK
    console.print(tickets_table(shown, console.width))
    if more:
        told = f"\nThere are more than {count(limit, 'ticket')}: see them with --limit."
        console.print(Text(told, style="dim"), soft_wrap=True)
    return OK


@app.command
def show(
    key: str,
    /,
    *,
    profile: str = "local",
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Show a ticket with all that agents are told of it.

    Args:
        key: Key of the ticket.
        profile: Delivery profile whose tracker is asked.
        json: Print it as JSON.
    """
    if Path(key).suffix.lower() in FILES:
        raise SettingInvalid(
            f"{key!r} is a file, and no ticket of the tracker yet.",
            hint=f"A run takes it in: mergewright run standard-dev {key} --repo PATH_OR_URL",
        )
    console = human_console(as_json=json)
    with tracker_of(console, profile) as service:
        ticket = service.connect().ticket(key)
    if json:
        print_json(ticket.model_dump(mode="json"))
        return OK
    from mergewright.texts.tickets import ticket_text  # noqa: PLC0415 - imports Jinja

    text = plain_lines(ticket_text(ticket))
    if console.is_terminal:
        console.print(Markdown(text))
    else:
        print_text(text)
    return OK


@contextmanager
def tracker_of(console: Console, profile: str) -> Iterator["TrackerService"]:
    """Give the tracker of a profile; calls to it count for `mergewright services`.

    Raises:
        BlockMissing: There is no profile of this name.
        SettingInvalid: The profile cannot be read.
        ServiceUnavailable: The configured Prefect API does not answer.
    """
    from mergewright.clients.breaker import share_circuits, tell_health  # noqa: PLC0415 - only here

    with prefect_engine(console):
        from blocks.profile import load_profile  # noqa: PLC0415 - imports Prefect

        share_circuits(open_health(settings().event_store_url))
        try:
            yield load_profile(profile).tracker
        finally:
            tell_health()


def tickets_table(found: Sequence[TicketSummary], width: int) -> Table:
    """Return the table that a person sees; a narrow one tells less."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    columns = [name for name, least_width in COLUMNS.items() if width >= least_width]
    for name in columns:
        table.add_column(name, no_wrap=name != "title", overflow="fold")
    for one in found:
        cells = {
            "key": Text(one.key, style="bold"),
            "title": Text(plain(one.title)),
            "kind": Text(one.kind),
            "status": Text(one.status, style=STATUS_STYLES[one.status]),
            "where": Text(plain(one.url)),
        }
        table.add_row(*(cells[name] for name in columns))
    return table
