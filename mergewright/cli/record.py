"""Keeping a run's model answers as a cassette."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.text import Text

from mergewright.cli.exit_codes import OK
from mergewright.cli.formats import count
from mergewright.cli.output import human_console, print_json, refuse_existing
from mergewright.cli.selection import events_of, find_run, open_log
from mergewright.events.projections import summarise


def record(
    run: str,
    /,
    *,
    output: Path,
    title: str = "",
    force: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Keep a run's model answers in a file that `--model recorded:FILE` plays back.

    Args:
        run: Id of the run, the start of it, or `last`.
        output: File to write.
        title: What the recording shows; the ticket if left out.
        force: Replace the file if it is there.
        json: Print what was written as JSON.
    """
    store = open_log()
    run_id = find_run(store, run)
    events = events_of(store, run_id)
    refuse_existing(output, option="--output", force=force)
    from mergewright.testing.recorded import (  # noqa: PLC0415 - imports LangChain
        cassette_of,
        save_cassette,
    )

    cassette = cassette_of(events, title or summarise(events).ticket)
    save_cassette(cassette, output)
    answers = len(cassette.entries)
    if json:
        print_json({"run": run_id, "output": str(output), "answers": answers})
        return OK
    console = human_console(as_json=False)
    told = f"{count(answers, 'answer')} of {run_id} written to {output}."
    console.print(Text(told), soft_wrap=True)
    console.print(Text(f"Play them back with: --model recorded:{output}"), soft_wrap=True)
    return OK
