"""Running a workflow in this process and showing what it does."""

import importlib
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.console import Console

from mergewright.cli.delivery_options import DEFAULTS, DeliveryOptions
from mergewright.cli.engine import prefect_engine
from mergewright.cli.exit_codes import INTERRUPTED, OUTCOME_CODES
from mergewright.cli.formats import count
from mergewright.cli.options import OPTIONS, build_request
from mergewright.cli.output import human_console, print_json
from mergewright.cli.report import print_report
from mergewright.cli.run_interactive import asked_for
from mergewright.cli.runs import find_interrupted
from mergewright.cli.selection import open_log
from mergewright.cli.watch import Watch, can_ask
from mergewright.clients.person import local_identity
from mergewright.domain.delivery import Delivery
from mergewright.domain.requests import DeliveryRequest, StandardDevRequest
from mergewright.errors import MergewrightError, SettingInvalid
from mergewright.events.projections import read_summaries, report_of, summarise
from mergewright.events.store import EventStore
from mergewright.events.watching import own_run

EXAMPLES = """**Examples**

```
mergewright run standard-dev TALLY-7.md --repo ~/src/tally
mergewright run standard-dev TALLY-7.md --repo . --approve plan,change
mergewright run standard-dev TALLY-7.md --repo . --dry-run --json
mergewright run standard-dev --interactive
```
"""

app = App(name="run", help="Run a workflow here and now, and watch it.")
# by name: what it needs is imported when it runs
app.command(
    "mergewright.cli.run_hotfix:hotfix",
    name="hotfix",
    help="Mend a fault in a release, and in the main branch as well.",
)
app.command(
    "mergewright.cli.run_documentation:documentation",
    name="documentation",
    help="Find what the documentation says that is not true, and correct it.",
)


@app.command(name="standard-dev", help_epilogue=EXAMPLES)
def standard_dev(
    ticket: str = "",
    /,
    *,
    repo: str = "",
    base: str = "main",
    options: DeliveryOptions = DEFAULTS,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Take a ticket to a reviewed pull request.

    The same command after an interruption goes on where the run stopped, and pays for no answer
    twice.

    Args:
        ticket: Key in the profile's tracker, or a Markdown file with front matter.
        repo: Path or URL of the git repository; a working tree is never written to. Without it,
            the profile's table says which one the ticket is about.
        base: Branch that the pull request is meant for.
        options: What every run that delivers can be told.
        json: Print the report as JSON on standard output, progress on standard error.
    """
    fields = {"ticket": ticket, "repository": repo, "base": base}
    return deliver("standard_dev", StandardDevRequest, fields, options, as_json=json)


def deliver(
    workflow: str,
    form: type[DeliveryRequest],
    fields: Mapping[str, Any],
    options: DeliveryOptions,
    *,
    as_json: bool,
) -> int:
    """Run a workflow with what was typed, or with `--interactive` with what is asked for.

    Args:
        workflow: Name of the flow.
        form: Its request.
        fields: What was typed that belongs to this workflow alone; empty where it was not.
        options: What was typed that every workflow has.
        as_json: Print the report as JSON on standard output, and progress on standard error.

    Raises:
        SettingInvalid: Something is missing or out of bounds; or nobody can be asked.
        MergewrightError: The run ended with an error.
    """
    asked = {**fields, **options.fields}
    if not options.interactive:
        _see_all_is_named(form, asked)
        return run_delivery(workflow, build_request(form, **asked), as_json=as_json)
    if as_json:
        raise SettingInvalid(
            "--interactive goes with no --json: a program cannot be asked.",
            hint="Leave one of them out.",
        )
    console, store = human_console(), open_log()
    load = asked_for(console, store, workflow, form, asked)
    return watch_flow(console, store, load, as_json=False)


def _see_all_is_named(form: type[DeliveryRequest], asked: Mapping[str, Any]) -> None:
    for name, field in form.model_fields.items():
        if field.is_required() and not asked.get(name):
            raise SettingInvalid(
                f"{OPTIONS[name]} requires an argument.",
                hint=f"{field.description} Or let --interactive ask for it.",
            )


def run_delivery(
    workflow: str, request: DeliveryRequest, *, as_json: bool, run_id: str | None = None
) -> int:
    """Run a flow in this thread, show it from another, print the report; return the exit code.

    Args:
        workflow: Name of the flow.
        request: What is asked for.
        as_json: Print the report as JSON on standard output, and progress on standard error.
        run_id: The run to go on with; without it, an interrupted one of the request or a new one.

    Raises:
        MergewrightError: The run ended with an error; its report is printed already, except as
            JSON.
    """
    console = human_console(as_json=as_json)
    store = open_log()
    tell_of_others(console, store, request, run_id)

    def load() -> Callable[[], Delivery]:
        flow = getattr(importlib.import_module(f"flows.{workflow}"), workflow)
        return lambda: flow(request, run_id=run_id or "")

    return watch_flow(console, store, load, as_json=as_json)


def watch_flow(
    console: Console,
    store: EventStore,
    load: Callable[[], Callable[[], Delivery]],
    *,
    as_json: bool,
) -> int:
    """Run a flow that delivers, show it meanwhile, print its report; return the exit code.

    Args:
        console: Where a person reads.
        store: The log that is watched.
        load: Imports the flow, once the engine is there, and returns what runs it.
        as_json: Print the report as JSON on standard output, and progress on standard error.

    Raises:
        MergewrightError: The run ended with an error; its report is printed already, except as
            JSON.
    """
    with prefect_engine(console):
        start = load()
        asks = can_ask(console)
        watch = Watch(store, console, own_run(store), ask=asks, lines=as_json)
        try:
            with watch, _answered_here() if asks else nullcontext():
                delivery = start()
        except MergewrightError as error:
            error.run_id = error.run_id or watch.run_id or ""
            _print_failure(console, watch, error, as_json=as_json)
            raise
        except KeyboardInterrupt:
            run = f"Run {watch.run_id} stopped" if watch.run_id else "Stopped"
            console.print(f"\n{run}. The same command goes on where it stopped.")
            return INTERRUPTED
    code = OUTCOME_CODES[delivery.outcome]
    _print_delivery(console, delivery, code, as_json=as_json)
    return code


def _answered_here() -> AbstractContextManager[None]:
    from tasks.approvals import answered_here  # noqa: PLC0415 - see engine

    return answered_here(local_identity())


def tell_of_others(
    console: Console, store: EventStore, request: DeliveryRequest, run_id: str | None
) -> None:
    """Say that runs were interrupted which this command does not go on with."""
    own = (request.ticket, request.repository)
    others = [
        summary
        for summary in find_interrupted(read_summaries(store))
        if summary.run_id != run_id and (summary.ticket, summary.repository) != own
    ]
    if others:
        were = "was" if len(others) == 1 else "were"
        console.print(
            f"{count(len(others), 'run')} {were} interrupted: mergewright runs", style="yellow"
        )


def _print_failure(
    console: Console, watch: Watch, error: MergewrightError, *, as_json: bool
) -> None:
    """Print the report of a run that ended with an error; as JSON the error is the document."""
    delivery = report_of(watch.events)
    if delivery and not as_json:
        # the error itself is told by `main`, once
        shown = delivery.model_copy(update={"error": "", "hint": ""})
        print_report(console, shown, exit_code=error.exit_code)
        if summarise(watch.events).resumable:
            console.print("\nOnce the cause is gone, the same command goes on where it stopped.")
        console.print()


def _print_delivery(console: Console, delivery: Delivery, code: int, *, as_json: bool) -> None:
    if as_json:
        print_json(delivery.model_dump(mode="json"))
    else:
        print_report(console, delivery, exit_code=code)
