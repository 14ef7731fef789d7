"""The table of runs."""

import socket
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated

import psutil
from cyclopts import Parameter
from rich.table import Table
from rich.text import Text

from mergewright.cli.exit_codes import OK
from mergewright.cli.formats import duration, instant, money, place, plain
from mergewright.cli.live import RECORDED_BADGE
from mergewright.cli.output import human_console, print_json
from mergewright.cli.selection import events_of, open_log
from mergewright.domain.delivery import Outcome
from mergewright.events.projections import RunSummary, summarise
from mergewright.settings import settings

DEFAULT_LIMIT = 20
RUNNING = "running"
INTERRUPTED = "interrupted"
MAX_TICKET_WIDTH = 24
COLUMNS = {
    "run": 0,
    "ticket": 100,
    "workflow": 110,
    "outcome": 0,
    "cost": 0,
    "started": 60,
    "time": 75,
}
"""The columns, each with the width of terminal from which it is shown."""
OUTCOME_STYLES = {
    "delivered": "green",
    "rehearsed": "green",
    "not ready": "yellow",
    "waiting": "yellow",
    "failed": "red",
    RUNNING: "cyan",
    INTERRUPTED: "yellow",
}


def runs(
    *, limit: int = DEFAULT_LIMIT, json: Annotated[bool, Parameter(negative="")] = False
) -> int:
    """List runs, newest first.

    Args:
        limit: How many at most.
        json: Print them as JSON.
    """
    store = open_log()
    found = [summarise(events_of(store, run_id)) for run_id in store.run_ids(limit=max(limit, 1))]
    if json:
        print_json(
            [
                {**summary.model_dump(mode="json"), "interrupted": is_interrupted(summary)}
                for summary in found
            ]
        )
        return OK
    console = human_console(as_json=False)
    if not found:
        console.print(Text(f"No runs yet in {str(settings().home)!r}."), soft_wrap=True)
        console.print("Start one: mergewright run standard-dev TICKET --repo PATH_OR_URL")
        return OK
    console.print(runs_table(found, datetime.now(UTC), console.width))
    if any(summary.recorded for summary in found):
        console.print(f"* {RECORDED_BADGE}: list prices, nothing was paid", style="dim")
    if told := _how_to_go_on(found):
        console.print(Text(f"\n{told}"), soft_wrap=True)
    return OK


def find_interrupted(summaries: Iterable[RunSummary]) -> tuple[RunSummary, ...]:
    """Return the runs whose process is gone and after which nobody began the same request anew.

    Args:
        summaries: Runs, the newest first.
    """
    interrupted: list[RunSummary] = []
    begun: set[str] = set()
    for summary in summaries:
        if summary.request_digest not in begun and is_interrupted(summary):
            interrupted.append(summary)
        begun.add(summary.request_digest)
    return tuple(interrupted)


def _how_to_go_on(found: Sequence[RunSummary]) -> str:
    interrupted = find_interrupted(found)
    if not interrupted:
        return ""
    if len(interrupted) == 1:
        run_id = interrupted[0].run_id
        return f"1 run was interrupted and goes on with: mergewright resume {run_id}"
    number = len(interrupted)
    return f"{number} runs were interrupted; each goes on with: mergewright resume RUN"


def runs_table(found: Sequence[RunSummary], now: datetime, width: int) -> Table:
    """Return the table that a person sees; a narrow one tells less, and cuts no run's id."""
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    columns = [name for name, least_width in COLUMNS.items() if width >= least_width]
    for name in columns:
        right = name in {"cost", "time"}
        table.add_column(
            name, justify="right" if right else "left", no_wrap=name != "run", overflow="fold"
        )
    for summary in found:
        cells = _cells(summary, now)
        table.add_row(*(cells[name] for name in columns))
    return table


def _cells(summary: RunSummary, now: datetime) -> dict[str, Text]:
    working = summary.outcome == RUNNING and not is_interrupted(summary)
    end = now if working else summary.last_event_at
    return {
        "run": Text(summary.run_id),
        "ticket": Text(plain(place(summary.ticket))[-MAX_TICKET_WIDTH:]),
        "workflow": Text(summary.workflow),
        "outcome": outcome_text(summary),
        "cost": Text(money(summary.cost_usd) + ("*" if summary.recorded else "")),
        "started": Text(instant(summary.started_at)),
        "time": Text(duration((end - summary.started_at).total_seconds())),
    }


def is_interrupted(summary: RunSummary) -> bool:
    """Say whether a run is unfinished and the process that worked on it, here, is gone."""
    host, _, process_id = summary.process.rpartition(":")
    if summary.outcome != RUNNING or host != socket.gethostname() or not process_id.isdigit():
        return False
    return not psutil.pid_exists(int(process_id))


def outcome_text(summary: RunSummary) -> Text:
    """Return how a run ended, or the stage that it is in."""
    outcome = INTERRUPTED if is_interrupted(summary) else summary.outcome
    in_a_stage = {RUNNING, INTERRUPTED, Outcome.WAITING}
    text = f"{outcome}: {summary.stage}" if outcome in in_a_stage else outcome
    return Text(text, style=OUTCOME_STYLES.get(outcome, ""))
