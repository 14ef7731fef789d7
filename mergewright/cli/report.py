"""The report of a run on one screen: what came of it, the gates, the costs, how to look."""

import shlex
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mergewright.cli.formats import count, duration, money, place, plain
from mergewright.cli.live import GATE_STYLES, RECORDED_BADGE
from mergewright.domain.comparison import Comparison
from mergewright.domain.delivery import Costs, Delivery, Outcome
from mergewright.settings import settings
from mergewright.texts.comparison import comparison_notes, comparison_rows
from mergewright.texts.templates import unpaid

HEADLINES = {
    Outcome.DELIVERED: ("delivered", "bold green", "The pull request is open."),
    Outcome.REHEARSED: ("rehearsed", "bold green", "A dry run: nothing was published."),
    Outcome.NOTHING_TO_DO: ("nothing to do", "bold green", "All is as it should be."),
    Outcome.NOT_READY: ("not ready", "bold yellow", "The ticket cannot be worked on as it is."),
    Outcome.WAITING: ("waiting", "bold yellow", "A person has to answer before it goes on."),
    Outcome.FAILED: ("failed", "bold red", ""),
}


def print_report(console: Console, delivery: Delivery, *, exit_code: int | None = None) -> None:
    """Print the report of a run for a person.

    Args:
        console: Where to print it.
        delivery: The report.
        exit_code: What this process is going to end with, when it ends with the run.
    """
    console.print()
    console.print(_headline(delivery))
    console.print(Padding(_facts(delivery, exit_code), (0, 0, 0, 2)))
    if delivery.comparison:
        _print_comparison(console, delivery.comparison)
    elif delivery.gates:
        console.print()
        console.print(Padding(_gates(delivery), (0, 0, 0, 2)))
    for question in delivery.questions:
        console.print(Text(f"  ? {plain(question)}"))
    if commands := look_commands(delivery):
        console.print("\n  To look at the change:")
        for command in commands:
            console.print(Text(f"    {command}"), soft_wrap=True)


def look_commands(delivery: Delivery) -> tuple[str, ...]:
    """Return what to type to see the change: in the repository, or in the log."""
    if delivery.outcome is Outcome.DELIVERED and delivery.branch:
        base, branch = shlex.quote(delivery.base), shlex.quote(delivery.branch)
        if Path(delivery.repository).is_dir():
            folder = shlex.quote(place(delivery.repository))
            return (f"git -C {folder} diff {base}...{branch}",)
        return (f"git fetch origin {branch} && git switch {branch}",)
    show = f"mergewright show {delivery.run_id} --diff"
    own = [show] if delivery.changeset and not delivery.changeset.is_empty else []
    of_script = [f"{show} --script"] if delivery.comparison and delivery.comparison.diff else []
    return (*own, *of_script)


def report_path(run_id: str) -> Path:
    """Return where a run's report is written."""
    return settings().home / "runs" / run_id / "report.md"


def costs_line(costs: Costs) -> str:
    """Say what a run cost, and that nothing was paid where the answers are recorded."""
    text = f"{money(costs.settled_usd)} for {count(costs.calls, 'model call')}{unpaid(costs)}"
    if costs.replayed:
        text += f", {count(costs.replayed, 'answer')} taken from the log"
    if costs.recorded:
        text += f" at list prices; {RECORDED_BADGE}: nothing was paid"
    return text


def _headline(delivery: Delivery) -> Text:
    word, style, meaning = HEADLINES[delivery.outcome]
    if delivery.outcome is Outcome.DELIVERED and delivery.pull_request is None:
        meaning = ""
    key = delivery.ticket.key if delivery.ticket else delivery.run_id
    title = f" {plain(delivery.ticket.title)}" if delivery.ticket else ""
    return Text.assemble(
        (f"{word}", style), "  ", (key, "bold"), title, f"\n  {meaning}" if meaning else ""
    )


def _facts(delivery: Delivery, exit_code: int | None) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    seconds = (delivery.finished_at - delivery.started_at).total_seconds()
    rows: tuple[tuple[str, Text | str], ...] = (
        ("error", Text(plain(delivery.error), style="red")),
        ("hint", plain(delivery.hint)),
        *_published(delivery),
        ("model", delivery.model + (f" ({RECORDED_BADGE})" if delivery.recorded else "")),
        ("sandbox", "" if delivery.sandbox is None else delivery.sandbox.label),
        ("costs", costs_line(delivery.costs)),
        ("time", duration(seconds)),
        ("run", delivery.run_id),
        ("report", _existing(report_path(delivery.run_id))),
        ("exit code", "" if exit_code is None else str(exit_code)),
    )
    for label, value in rows:
        if value:
            table.add_row(label, value if isinstance(value, Text) else Text(value))
    return table


def _published(delivery: Delivery) -> Iterator[tuple[str, Text | str]]:
    if delivery.pull_request:
        yield "pull request", Text(place(delivery.pull_request.url), style="bold")
    if (other := delivery.backport) is not None:
        if other.pull_request is not None:
            yield "main branch", Text(place(other.pull_request.url), style="bold")
        elif other.reason:
            yield "main branch", Text(f"not done: {plain(other.reason)}", style="yellow")
    if delivery.branch:
        yield "branch", f"{delivery.branch} (for {delivery.base})"
    if delivery.page:
        yield "page", place(delivery.page.url)
    if change := delivery.changeset:
        yield "change", f"{count(len(change.files), 'file')}, {count(change.changed_lines, 'line')}"


def _existing(path: Path) -> str:
    return place(str(path)) if path.exists() else ""


def _print_comparison(console: Console, comparison: Comparison) -> None:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("", style="dim", no_wrap=True)
    for side in (comparison.old, comparison.new):
        table.add_column(Text(plain(side.name)) if side else "", overflow="fold", ratio=1)
    for row in comparison_rows(comparison, money=money, span=duration):
        table.add_row(row.what, _verdict(plain(row.old)), _verdict(plain(row.new)))
    console.print()
    console.print(Padding(table, (0, 0, 0, 2)))
    console.print()
    for note in comparison_notes(comparison):
        console.print(Padding(Text(plain(note), style="dim"), (0, 0, 0, 2)))


def _verdict(text: str) -> Text:
    styles = {"passed": "green", "failed": "red", "warned": "yellow"}
    return Text(text, style=styles.get(text.partition(":")[0], ""))


def _gates(delivery: Delivery) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for gate in delivery.gates:
        status = Text(gate.status, style=GATE_STYLES[gate.status])
        table.add_row(Text(gate.name), status, Text(plain(gate.summary)))
    return table
