"""One run in full."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.syntax import Syntax

from mergewright.cli.approvals import go_on, is_answered
from mergewright.cli.exit_codes import OK
from mergewright.cli.formats import plain_lines
from mergewright.cli.live import decide_commands, is_finished, view
from mergewright.cli.output import human_console, print_json, print_text
from mergewright.cli.report import print_report
from mergewright.cli.runs import is_interrupted
from mergewright.cli.selection import events_of, find_run, open_log
from mergewright.cli.watch import Watch, can_ask
from mergewright.domain.approval_standing import open_question
from mergewright.domain.delivery import Delivery, Outcome
from mergewright.domain.events import Event, GateChecked
from mergewright.errors import NotFound
from mergewright.events.projections import costs, report_of, stages, summarise

GOES_ON = "It goes on where it stopped with: mergewright resume"


def show(
    run: str = "last",
    /,
    *,
    diff: Annotated[bool, Parameter(negative="")] = False,
    script: Annotated[bool, Parameter(negative="")] = False,
    follow: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Show a run: what came of it, its stages, gates, costs and what to do next.

    Args:
        run: Id of the run, the start of it, or `last`.
        diff: Print the change as a unified diff.
        script: With --diff, of a comparison: what the old script changed.
        follow: Watch the run until it is finished, and answer what it asks.
        json: Print everything as JSON.
    """
    console = human_console(as_json=json)
    store = open_log()
    run_id = find_run(store, run)
    if follow:
        ask = can_ask(console)
        with Watch(store, console, lambda: run_id, ask=ask, lines=json) as watch:
            watch.wait()
        if ask and is_answered(events_of(store, run_id)):
            go_on(console, run_id, events_of(store, run_id))
    events = events_of(store, run_id)
    if diff:
        _print_diff(console, run_id, events, of_script=script)
    elif json:
        print_json(document(events))
    else:
        _print_run(console, events, with_stages=not follow)
    return OK


def document(events: Sequence[Event]) -> dict[str, object]:
    """Return everything about a run as JSON values."""
    report = report_of(events)
    return {
        "run": summarise(events).model_dump(mode="json"),
        "stages": [record.model_dump(mode="json") for record in stages(events)],
        "gates": [
            event.gate.model_dump(mode="json") for event in events if isinstance(event, GateChecked)
        ],
        "costs": costs(events).model_dump(mode="json"),
        "report": report.model_dump(mode="json") if report else None,
    }


def _print_run(console: Console, events: Sequence[Event], *, with_stages: bool) -> None:
    if with_stages:
        console.print(view(events, _shown_until(events), whole=True))
    if is_finished(events) and (report := report_of(events)):
        print_report(console, report)
        if summarise(events).resumable and report.outcome is not Outcome.WAITING:
            console.print(f"\n{GOES_ON} {report.run_id}", soft_wrap=True)
    if (question := open_question(events)) is not None:
        console.print(f"\nIt waits for the approval of the {question.point}:")
        for command in decide_commands(question):
            console.print(f"  {command}", soft_wrap=True)
    elif is_finished(events):
        return
    elif is_interrupted(summarise(events)):
        run_id = events[0].run_id
        console.print(f"\nIts process is gone. {GOES_ON} {run_id}", soft_wrap=True)
    else:
        console.print("\nIt is still running: add --follow to watch it.")


def _shown_until(events: Sequence[Event]) -> datetime:
    """A run whose process is gone took no time after its last event."""
    return events[-1].at if is_interrupted(summarise(events)) else datetime.now(UTC)


def _print_diff(console: Console, run_id: str, events: Sequence[Event], *, of_script: bool) -> None:
    told = _diff_of(report_of(events), of_script=of_script)
    if told is None:
        raise NotFound(
            f"Run {run_id} has no change {'of an old script ' if of_script else ''}to show yet.",
            hint=f"See where it is with: mergewright show {run_id}",
        )
    diff = plain_lines(told.replace("\t", "    "))
    if console.is_terminal:
        console.print(Syntax(diff, "diff", theme="ansi_dark", background_color="default"))
    else:
        print_text(told)


def _diff_of(report: Delivery | None, *, of_script: bool) -> str | None:
    if report is None:
        return None
    if of_script:
        return report.comparison.diff if report.comparison else None
    return report.changeset.diff if report.changeset else None
