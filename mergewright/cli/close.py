"""Closing runs that were interrupted or wait, and that nobody goes on with."""

from typing import Annotated

from cyclopts import Parameter
from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from mergewright.cli.engine import prefect_engine
from mergewright.cli.exit_codes import OK
from mergewright.cli.formats import place, plain
from mergewright.cli.options import reason_of
from mergewright.cli.output import human_console, print_json
from mergewright.cli.selection import find_run, open_log
from mergewright.domain.close import ClosedRun, CloseReport, CloseRequest
from mergewright.errors import SettingInvalid


def close(
    run: str = "",
    /,
    *,
    interrupted: Annotated[bool, Parameter(negative="")] = False,
    reason: str = "",
    orphaned: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Close a run that was interrupted or waits, and that nobody goes on with; tell its ticket.

    The run counts as failed, the same request begins another one. What it did outside stays;
    `mergewright undo` takes that back. Of a run that waits for people the question is withdrawn, and
    Prefect's suspended run ends. A run that still works is refused.

    Args:
        run: Id of the run, the start of it, or `last`.
        interrupted: Close all runs of this machine that have no end and no process.
        reason: Why nobody goes on with it, for the ticket and the report.
        orphaned: Close a run although another machine worked on it last: only when that machine is
            gone.
        json: Print what came of it as JSON.
    """
    console = human_console(as_json=json)
    try:
        request = CloseRequest(
            run_id=find_run(open_log(), run) if run else "",
            interrupted=interrupted,
            reason=reason,
            orphaned=orphaned,
        )
    except ValidationError as error:
        raise SettingInvalid(
            f"This cannot be closed: {reason_of(error)}.",
            hint="Use `mergewright close RUN` or `mergewright close --interrupted`.",
        ) from error
    with prefect_engine(console):
        from flows.close import close as flow  # noqa: PLC0415 - see engine

        report = flow(request)
    if json:
        print_json(report.model_dump(mode="json"))
    else:
        print_closed(console, report)
    return OK


def print_closed(console: Console, report: CloseReport) -> None:
    """Print what came of closing runs."""
    console.print()
    if not report.runs:
        console.print("No run is interrupted: nothing was closed.", soft_wrap=True)
    for run in report.runs:
        console.print(Text(_told(run)), soft_wrap=True)


def _told(run: ClosedRun) -> str:
    if not run.closed and not run.comment and not run.untold:
        return f"{run.run_id} had ended before ({run.outcome}): there is nothing to close."
    told = f"{run.run_id} is closed."
    if run.comment:
        told += f" Its ticket was told: {plain(place(run.comment))}"
    if run.flow_runs:
        told += f" Prefect's suspended run has ended: {', '.join(run.flow_runs)}"
    if run.untold:
        told += f" Its ticket could not be told: {plain(run.untold)} The same command tries again."
    return told
