"""Proving that a run's log is as it was written, and taking it out as a file."""

import os
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.text import Text

from mergewright.cli.exit_codes import OK
from mergewright.cli.formats import count, place, plain
from mergewright.cli.output import (
    human_console,
    print_error,
    print_json,
    print_text,
    refuse_existing,
    write_file,
)
from mergewright.cli.selection import find_run, open_log
from mergewright.errors import NotFound, SettingInvalid, StoreFailed
from mergewright.events.audit import AuditResult, export_run, verify_export, verify_run
from mergewright.safety.redaction import redact

app = App(name="audit", help="Prove that a run's log is as it was written.")


@app.command
def verify(
    run: str,
    /,
    *,
    head: str = "",
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Check that no event of a run was changed, removed or moved; exit 5 where one was.

    Args:
        run: Id of the run, the start of it, or `last`; or an exported file, whose name has a dot
            or a slash in it.
        head: A digest that the run had once, from an earlier audit: shows whether its end was cut
            off since.
        json: Print what was found as JSON.
    """
    if not is_file_name(run):
        store = open_log()
        result = verify_run(store, find_run(store, run), head=head)
    elif head:
        raise SettingInvalid(
            f"--head {head!r}: {run!r} is a file, which tells its last digest itself.",
            hint="Compare the two, or check the run in the log.",
        )
    else:
        result = verify_export(_read(Path(run)))
    if json:
        print_json({**result.model_dump(mode="json"), "intact": result.intact})
    else:
        _print(human_console(), result)
    if result.intact:
        return OK
    error = _broken(result)
    print_error(error, as_json=False)
    return error.exit_code


@app.command
def export(
    run: str,
    /,
    *,
    output: Path | None = None,
    force: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Write a run's events to one file, without secrets; `audit verify FILE` checks it.

    Args:
        run: Id of the run, the start of it, or `last`.
        output: File to write; standard output if left out.
        force: Replace the file if it is there.
        json: Print what was written as JSON; needs --output.
    """
    if json and output is None:
        raise SettingInvalid(
            "--json: the export itself goes to standard output.", hint="Name a file with --output."
        )
    if output is not None:
        refuse_existing(output, option="--output", force=force)
    store = open_log()
    run_id = find_run(store, run)
    text = export_run(store, run_id, scrub=redact)
    if output is None:
        print_text(text)
        return OK
    write_file(output, text, option="--output")
    result = verify_export(text)
    if json:
        print_json({"run": run_id, "output": str(output), "events": result.events})
        return OK
    told = f"{count(result.events, 'event')} of {run_id} written to {place(str(output))}."
    console = human_console()
    console.print(Text(told), soft_wrap=True)
    console.print(Text(f"Check it with: mergewright audit verify {output}"), soft_wrap=True)
    return OK


def is_file_name(name: str) -> bool:
    """Say whether a name means a file: no run's id has a dot or a slash in it."""
    return "." in name or os.sep in name


def _print(console: Console, result: AuditResult) -> None:
    verdict = ("intact", "bold green") if result.intact else ("BROKEN", "bold red")
    end = (
        "finished" if result.finished else "not finished: nothing shows whether its end is missing"
    )
    events = count(result.events, "event")
    console.print(Text.assemble(verdict, f"  {result.run_id}: {events}, {end}"), soft_wrap=True)
    if result.scrubbed:
        scrubbed = count(result.scrubbed, "event")
        told = f"Secrets were taken out of {scrubbed}: their own text cannot be checked."
        console.print(Text(told), soft_wrap=True)
    for finding in result.findings:
        told = f"  {finding.kind}: {plain(finding.detail)}"
        console.print(Text(told), soft_wrap=True)
    if result.head:
        told = f"Its last digest, to be kept elsewhere: {result.head}"
        console.print(Text(told, style="dim"), soft_wrap=True)


def _broken(result: AuditResult) -> StoreFailed:
    first = result.findings[0]
    more = len(result.findings) - 1
    others = f" ({count(more, 'more finding')})" if more else ""
    return StoreFailed(
        f"The log of the run {result.run_id!r} is not as it was written: {first.detail}{others}",
        hint="Do not go on with this run; compare the log with a copy from before.",
        run_id=result.run_id,
    )


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise NotFound(
            f"{str(path)!r} cannot be read: {error.strerror}.",
            hint="Name a file that `mergewright audit export` wrote, or a run's id.",
        ) from error
    except UnicodeDecodeError as error:
        raise StoreFailed(
            f"{str(path)!r} is no export: byte {error.start} is not text.",
            hint="Name a file that `mergewright audit export` wrote.",
        ) from error
