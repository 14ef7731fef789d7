"""Taking back what a run did outside."""

from typing import Annotated

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from mergewright.cli.engine import prefect_engine
from mergewright.cli.exit_codes import INTERRUPTED, OK
from mergewright.cli.formats import count, place, plain
from mergewright.cli.output import human_console, print_json
from mergewright.cli.selection import find_run, open_log
from mergewright.domain.undo import UndoneEffect, UndoReport, UndoRequest
from mergewright.errors import PolicyError
from mergewright.texts.undo import outcome_words

STYLES = {"undone": "green", "already": "dim", "kept": "yellow", "impossible": "cyan"}
WORDS_WIDTH = 20
LED_TO = ("kept", "impossible")
"""Outcomes of which there is something to look at."""


def undo(
    run: str,
    /,
    *,
    dry_run: Annotated[bool, Parameter(negative="")] = False,
    orphaned: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Take back what a run did outside: branch, pull request, page, comment, transition.

    What someone else has changed since is kept, and you are told why; the exit code is then 3.
    People who were told of the run are sent a correction. The same command again tries what was
    kept, and does nothing about the rest.

    Args:
        run: Id of the run, the start of it, or `last`.
        dry_run: Look what would come of it, and change nothing.
        orphaned: Undo a run that has not ended although another machine worked on it last: only
            when that machine is gone.
        json: Print what came of it as JSON.
    """
    console = human_console(as_json=json)
    run_id = find_run(open_log(), run)
    request = UndoRequest(run_id=run_id, dry_run=dry_run, orphaned=orphaned)
    with prefect_engine(console):
        from flows.undo import undo as flow  # noqa: PLC0415 - see engine

        try:
            report = flow(request)
        except KeyboardInterrupt:
            console.print("\nStopped. The same command goes on with what is left.")
            return INTERRUPTED
    if json:
        print_json({**report.model_dump(mode="json"), "complete": report.complete})
    else:
        print_undo(console, report)
    return OK if report.complete else PolicyError.exit_code


def print_undo(console: Console, report: UndoReport) -> None:
    """Print what came of undoing a run."""
    console.print()
    if report.dry_run and report.effects:
        console.print("A dry run: nothing was changed.", style="dim")
    for effect in report.effects:
        _print_effect(console, effect, outcome_words(effect, dry_run=report.dry_run))
    if not report.effects:
        console.print(f"Nothing is left to undo of {report.run_id}.", soft_wrap=True)
    if report.earlier:
        were = "was" if len(report.earlier) == 1 else "were"
        told = f"{count(len(report.earlier), 'effect')} {were} undone before."
        console.print(told, style="dim", soft_wrap=True)
    if not report.complete and not report.dry_run:
        told = (
            "\nWhat was kept is as it was. Once the reason is gone, the same command tries again."
        )
        console.print(told, soft_wrap=True)


def _print_effect(console: Console, effect: UndoneEffect, words: str) -> None:
    where = f" ({plain(place(effect.reference))})" if effect.outcome in LED_TO else ""
    text = Text.assemble(
        (f"{words:<{WORDS_WIDTH}}", STYLES[effect.outcome]),
        (effect.effect, "bold"),
        f" {plain(effect.target)}\n{'':<{WORDS_WIDTH}}{plain(effect.reason)}",
        where if effect.reference else "",
    )
    console.print(text, soft_wrap=True)
