"""What runs went on without: listing it, and doing it later."""

from typing import Annotated, Any

from cyclopts import App, Parameter
from pydantic import ValidationError
from rich.console import Console
from rich.text import Text

from mergewright.cli.engine import prefect_engine
from mergewright.cli.exit_codes import OK
from mergewright.cli.formats import instant, place, plain
from mergewright.cli.options import reason_of
from mergewright.cli.output import PersonConsole, human_console, print_json
from mergewright.cli.selection import ALL_RUNS, find_run, open_log
from mergewright.domain.open_effects import (
    EffectsReport,
    EffectsRetryRequest,
    OpenEffect,
    RetriedEffect,
)
from mergewright.errors import ServiceError, SettingInvalid
from mergewright.events.projections import read_events
from mergewright.events.undo_list import open_effects

app = App(
    name="effects",
    help="List what runs went on without, and do it later.",
    console=PersonConsole(),
)
STYLES = {"done": "green", "found": "dim", "open": "red", "passed over": "yellow"}
WORDS_WIDTH = 13


@app.command(name="list")
def list_effects(run: str = "", /, *, json: Annotated[bool, Parameter(negative="")] = False) -> int:
    """List effects that were wanted and are not known to be done, oldest first.

    What a service refused and nothing does later comes at the end, with why.

    Args:
        run: Id of a run, the start of it, or `last`; without it, those of all runs.
        json: Print them as JSON.
    """
    store = open_log()
    runs = [find_run(store, run)] if run else list(reversed(store.run_ids(limit=ALL_RUNS)))
    found = [one for run_id in runs for one in open_effects(read_events(store, run_id))]
    if json:
        print_json([effect_document(one) for one in found])
    else:
        print_effects(human_console(), found)
    return OK


@app.command
def retry(
    run: str = "",
    /,
    *,
    all: Annotated[bool, Parameter(negative="")] = False,  # noqa: A002 - the option's name
    orphaned: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Do now what a run went on without: pages, messages, what tickets and pull requests get.

    Nothing is done twice, and nothing is paid; exits with 8 if something failed again. A run that
    still works is refused, and passed over with --all.

    Args:
        run: Id of the run, the start of it, or `last`.
        all: Do it for all runs in the log.
        orphaned: Do it for a run that has not ended although another machine worked on it last:
            only when that machine is gone.
        json: Print what came of it as JSON.
    """
    console = human_console(as_json=json)
    try:
        request = EffectsRetryRequest(
            run_id=find_run(open_log(), run) if run else "", all_runs=all, orphaned=orphaned
        )
    except ValidationError as error:
        raise SettingInvalid(
            f"Nothing was done: {reason_of(error)}.",
            hint="Use `mergewright effects retry RUN` or `mergewright effects retry --all`.",
        ) from error
    with prefect_engine(console):
        from flows.effects_retry import effects_retry as flow  # noqa: PLC0415 - see engine

        report = flow(request)
    if json:
        print_json({**report.model_dump(mode="json"), "complete": report.complete})
    else:
        print_retried(console, report)
    return OK if report.complete else ServiceError.exit_code


def effect_document(effect: OpenEffect) -> dict[str, Any]:
    """Return the JSON form of an open effect."""
    return {
        **effect.model_dump(mode="json", exclude={"wanted"}),
        "due_at": effect.due_at,
        "can_be_retried": effect.can_be_retried,
        "remedy": effect.remedy,
    }


def print_effects(console: Console, effects: list[OpenEffect]) -> None:
    """Print what is open: what can be done later, and then what was refused for good."""
    if not effects:
        console.print("Nothing is open.")
    for one in effects:
        if one.can_be_retried:
            _print_effect(console, one)
    refused = [one for one in effects if not one.can_be_retried]
    if refused:
        console.print("\nRefused, and nothing does it later:", style="bold")
    for one in refused:
        _print_effect(console, one)


def _print_effect(console: Console, one: OpenEffect) -> None:
    due = f" (due {plain(one.due_at)})" if one.due_at else ""
    line = Text.assemble(
        (one.effect, "bold"), f" {plain(one.target)} of {one.run_id}{due}, wanted "
    )
    console.print(line.append(instant(one.wanted_at)), soft_wrap=True)
    if one.reason:
        was = "refused: " if one.refused else ""
        console.print(Text(f"  {was}{plain(one.reason)}"), soft_wrap=True)
    if one.remedy:
        console.print(Text(f"  → {one.remedy}", style="dim"), soft_wrap=True)


def print_retried(console: Console, report: EffectsReport) -> None:
    """Print what came of doing effects later."""
    console.print()
    if not report.effects:
        console.print("Nothing is open: there was nothing to do.")
    for one in report.effects:
        _print_retried(console, one)


def _print_retried(console: Console, one: RetriedEffect) -> None:
    words = "still open" if one.outcome == "open" else one.outcome
    where = f" ({plain(place(one.reference))})" if one.reference else ""
    console.print(
        Text.assemble(
            (f"{words:<{WORDS_WIDTH}}", STYLES[one.outcome]),
            (one.effect, "bold"),
            f" {plain(one.target)} of {one.run_id}{where}",
        ),
        soft_wrap=True,
    )
    for text in (one.reason, one.hint):
        if text:
            console.print(Text(f"{'':<{WORDS_WIDTH}}{plain(text)}"), soft_wrap=True)
