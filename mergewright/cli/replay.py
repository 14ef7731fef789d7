"""Executing a run again from its recorded answers."""

from typing import Annotated

from cyclopts import Parameter
from rich.text import Text

from mergewright.cli.engine import prefect_engine
from mergewright.cli.exit_codes import OK
from mergewright.cli.formats import count, money
from mergewright.cli.output import human_console, print_json
from mergewright.cli.selection import find_run, open_log
from mergewright.cli.watch import Watch
from mergewright.domain.replay import ReplayReport, ReplayRequest
from mergewright.events.watching import own_run


def replay(
    run: str,
    /,
    *,
    until: str = "",
    with_prompt: str = "",
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Execute a run again from its recorded answers: no model, no network, nothing published.

    It must come to the same change, byte for byte; a change of a prompt, a tool or the engine
    shows here before it costs anything. The exit code is 5 when the change is another one.

    Args:
        run: Id of the run, the start of it, or `last`.
        until: Stop after this stage, such as plan or check-0.
        with_prompt: Version of a prompt, as NAME@DIGEST or NAME@current: from where it is first
            used, a model is asked and paid, and the change may be another one.
        json: Print what came of it as JSON on standard output, progress on standard error.
    """
    console = human_console(as_json=json)
    store = open_log()
    request = ReplayRequest(run_id=find_run(store, run), until=until, with_prompt=with_prompt)
    with prefect_engine(console):
        from flows.replay import replay as flow  # noqa: PLC0415 - see engine

        with Watch(store, console, own_run(store), ask=False, lines=json):
            report = flow(request)
    if json:
        print_json(report.model_dump(mode="json") | {"same": report.same})
    else:
        console.print(_told(report, until, with_prompt))
    return OK


def _told(report: ReplayReport, until: str, with_prompt: str) -> Text:
    played = f"{count(report.answers, 'recorded answer')} played"
    if report.drifted:
        played += f", {report.drifted} of them to a changed request"
    asked = "no model was asked"
    if report.asked:
        asked = (
            f"{count(report.asked, 'new answer')} paid with {money(report.paid_usd)}; the recorded"
            f" ones, {money(report.recorded_usd)} at list price, cost nothing again"
        )
    if until:
        return Text(
            f"\n{report.run_id} replayed until {until} as {report.replay_id}: {played}; {asked}."
        )
    if with_prompt:
        same = "the same change" if report.same else "another change"
        return Text(
            f"\n{report.run_id} replayed with {with_prompt} as {report.replay_id}: {same}."
            f" {played}; {asked}. Compare: mergewright show {report.replay_id} --diff"
        )
    second = f" and {report.backport_digest[:16]}" if report.backport_digest else ""
    return Text(
        f"\nThe same change as {report.run_id}: diff {report.digest[:16]}{second}. {played}; "
        f"{asked} and nothing was published."
    )
