"""Beginning the work on tickets that are ready, from the command line."""

from typing import Annotated

from cyclopts import Parameter
from pydantic import ValidationError
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mergewright.cli.engine import api_url, prefect_engine
from mergewright.cli.exit_codes import OK
from mergewright.cli.formats import count, plain
from mergewright.cli.options import explain
from mergewright.cli.output import human_console, print_json
from mergewright.domain.polling import BEGINS, TicketsPollReport, TicketsPollRequest
from mergewright.errors import SettingInvalid

OPTIONS = {"query": "QUERY", "repository": "--repo"}


def poll(
    query: str,
    /,
    *,
    profile: str = "local",
    repo: str = "",
    begins: str = BEGINS,
    limit: int = 5,
    plan: Annotated[bool, Parameter(name=["--plan", "--dry-run"], negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Begin the work on the tickets that a query finds and that are to do, once each.

    A deployment of the Prefect server works on them: `mergewright serve` offers it. A ticket that was
    begun is begun again only after it was elsewhere. The same runs every ten minutes from the
    deployment `tickets-poll/default`, once its schedule is active.

    Args:
        query: In the tracker's own language: JQL for Jira; for GitHub and a ticket folder words and
            name:value, as in 'label:ready'.
        profile: Delivery profile whose tracker is asked.
        repo: Path or URL of the repository to change; without it the deployment or the profile's
            table says it.
        begins: Deployment that works on a ticket.
        limit: How many are begun at most.
        plan: Only show what would be begun.
        json: Print what became of each as JSON.
    """
    console = human_console(as_json=json)
    try:
        request = TicketsPollRequest(
            query=query,
            profile=profile,
            repository=repo,
            begins=begins,
            limit=limit,
            dry_run=plan,
        )
    except ValidationError as error:
        raise explain(error, TicketsPollRequest, OPTIONS) from error
    if not api_url():
        raise SettingInvalid(
            "There is no Prefect server that could work on tickets: PREFECT_API_URL is not set.",
            hint="Set it to your server's address, or run `mergewright serve`.",
        )
    with prefect_engine(console):
        from flows.tickets_poll import tickets_poll as flow  # noqa: PLC0415 - see engine

        report = flow(request)
    if json:
        print_json(report.model_dump(mode="json"))
    else:
        print_polled(console, report)
    return OK


def print_polled(console: Console, report: TicketsPollReport) -> None:
    """Print what became of each ticket."""
    console.print()
    if not report.tickets:
        console.print(Text(f"No ticket is found by: {plain(report.query)}"), soft_wrap=True)
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for name in ("ticket", "came out", "why"):
        table.add_column(name, overflow="fold")
    for one in report.tickets:
        table.add_row(Text(one.key, style="bold"), Text(one.outcome), Text(plain(one.reason)))
    console.print(table)
    words = "would be begun" if report.dry_run else "begun"
    more = " The query finds more than a poll looks at: narrow it." if report.more else ""
    told = f"\n{count(len(report.begun), 'ticket')} {words}.{more}"
    console.print(Text(told), soft_wrap=True)
