"""What a run is doing, as pure functions of its events: a live view, and plain lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from mergewright.cli.formats import count, duration, money, place, plain
from mergewright.domain.approval_events import (
    ApprovalAwaited,
    ApprovalDecided,
    ApprovalExpired,
    ApprovalRequested,
)
from mergewright.domain.approval_question import SHOWN_CHARACTERS
from mergewright.domain.close import AFTERWARDS
from mergewright.domain.delivery import Costs, StageRecord, StageState
from mergewright.domain.events import (
    CallReserved,
    CallSettled,
    EffectDone,
    EffectUndone,
    Event,
    GateChecked,
    Noted,
    RunFinished,
    RunStarted,
    StageFinished,
    StageStarted,
    ToolFinished,
    ToolStarted,
)
from mergewright.domain.gates import GateStatus
from mergewright.events.projections import costs, stages
from mergewright.texts.templates import unpaid

MAX_WIDTH = 100
STAGE_WIDTH = 15
OTHER_ROWS = 9
"""Rows of the view that are not stages: heading, activity, costs, and the lines between them."""
LEAST_STAGES = 3
DEFAULT_HEIGHT = 24
RECORDED_BADGE = "recorded answers"

STYLES = {
    StageState.RUNNING: "bold cyan",
    StageState.DONE: "green",
    StageState.REUSED: "blue",
    StageState.FAILED: "bold red",
}
GLYPHS = {
    StageState.RUNNING: "●",
    StageState.DONE: "✓",
    StageState.REUSED: "↺",
    StageState.FAILED: "✗",
}
PLAIN_GLYPHS = {
    StageState.RUNNING: ">",
    StageState.DONE: "+",
    StageState.REUSED: "=",
    StageState.FAILED: "x",
}
GATE_STYLES = {GateStatus.PASSED: "green", GateStatus.WARNED: "yellow", GateStatus.FAILED: "red"}


@dataclass(frozen=True, slots=True)
class View:
    """A run at an instant, as large as the terminal allows."""

    events: Sequence[Event]
    now: datetime
    whole: bool = False
    """Show every stage, however low the terminal."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        started = _last_start(self.events)
        if started is None:
            yield Text("Waiting for the run to begin …", style="dim")
            return
        width = min(options.max_width, MAX_WIDTH)
        height = options.height or console.size.height or DEFAULT_HEIGHT
        spent = costs(self.events)
        yield from console.render(
            Group(
                _heading(started, self.events, spent),
                "",
                self._stages(width, height, ascii_only=options.ascii_only),
                "",
                _totals(started, self.events, spent, self.now),
            ),
            options.update(width=width, height=None),
        )

    def _stages(self, width: int, height: int, *, ascii_only: bool) -> RenderableType:
        records = stages(self.events)
        titles = {e.stage: e.title for e in self.events if isinstance(e, StageStarted)}
        table = Table.grid(padding=(0, 1))
        table.width = width
        table.add_column(width=1)
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis")
        table.add_column(justify="right", no_wrap=True, min_width=7)
        table.add_column(justify="right", no_wrap=True, min_width=6)
        glyphs = PLAIN_GLYPHS if ascii_only else GLYPHS
        room = len(records) if self.whole else max(height - OTHER_ROWS, LEAST_STAGES)
        folded = len(records) - room + 1 if len(records) > room else 0
        if folded:
            _add_folded(table, records[:folded], glyphs)
        for record in records[folded:]:
            running = record.state is StageState.RUNNING
            seconds = _seconds_since(record.started_at, self.now) if running else record.seconds
            style = STYLES[record.state]
            table.add_row(
                Text(glyphs[record.state], style=style),
                Text(plain(titles.get(record.name, record.name)), style="bold" if running else ""),
                duration(seconds),
                money(record.cost_usd) if record.cost_usd else "",
            )
            if running and (doing := activity(self.events, record.name)):
                table.add_row("", Text(doing, style="dim"), "", "")
        return table


def view(events: Sequence[Event], now: datetime, *, whole: bool = False) -> View:
    """Return what a person sees of a run at `now`."""
    return View(tuple(events), now, whole)


def activity(events: Sequence[Event], stage: str) -> str:
    """Say what goes on in a stage: the last thing that began in it and has not ended."""
    doing = ""
    for event in events:
        if event.stage == stage:
            told = _doing(event)
            doing = doing if told is None else told
    return doing


def line(event: Event) -> str | None:
    """Return the plain line that tells an event, or nothing for what a log need not hold."""
    told = _told(event)
    if told is None:
        return None
    stage = event.stage or "run"
    return f"{event.at.astimezone():%H:%M:%S} {stage:<{STAGE_WIDTH}} {told}"


def is_finished(events: Sequence[Event]) -> bool:
    """Say whether the run has ended and has not begun again; its report may still be written."""
    last = next((e for e in reversed(events) if isinstance(e, RunStarted | RunFinished)), None)
    return isinstance(last, RunFinished)


def decide_commands(question: ApprovalRequested) -> tuple[str, str]:
    """Return the commands that approve and reject what a run asks for, and nothing else."""
    about = f"--stage {question.point} --digest {question.digest[:SHOWN_CHARACTERS]}"
    return (
        f"mergewright approve {question.run_id} {about}",
        f"mergewright reject {question.run_id} {about} --comment 'why'",
    )


def _told(event: Event) -> str | None:  # noqa: C901, PLR0911, PLR0912 - one flat table of event types
    match event:
        case RunStarted():
            return f"{event.run_id}: ticket {place(event.ticket)} in {place(event.repository)}"
        case RunFinished():
            return f"{event.run_id}: {event.outcome}"
        case StageStarted():
            return plain(event.title)
        case StageFinished():
            summary = f": {plain(event.summary)}" if event.summary else ""
            return f"{event.state} in {duration(event.seconds)}{summary}"
        case Noted():
            return plain(event.text)
        case GateChecked():
            return f"gate {event.gate.name} {event.gate.status}: {plain(event.gate.summary)}"
        case EffectDone():
            was = "was there already" if event.found else "done"
            reference = f" ({plain(event.reference)})" if event.reference else ""
            return f"{event.effect} {was}{reference}"
        case EffectUndone():
            return f"{event.effect} {event.outcome}: {plain(event.reason)}"
        case ApprovalRequested():
            approve, reject = decide_commands(event)
            return (
                f"approval of the {event.point} is asked for; decide with\n  {approve}\n  {reject}"
            )
        case ApprovalDecided():
            decision = "approved" if event.approved else "rejected"
            comment = f": {plain(event.comment)}" if event.comment else ""
            return f"{event.point} {decision} by {plain(event.by)} ({event.door}){comment}"
        case ApprovalAwaited():
            return "nothing runs until somebody has answered"
        case ApprovalExpired():
            return f"nobody answered about the {event.point} in time"
        case _:
            return None


def _doing(event: Event) -> str | None:  # noqa: PLR0911 - one flat table of event types
    match event:
        case StageStarted() | CallSettled():
            return ""
        case Noted():
            return plain(event.text)
        case ToolStarted():
            return f"{event.agent}: {plain(event.summary)}"
        case ToolFinished():
            return f"{event.agent}: {plain(event.summary)}, {_tool_end(event)}"
        case CallReserved():
            return f"{event.agent}: asking {event.model}"
        case ApprovalRequested():
            return "waiting for a person's approval"
        case ApprovalDecided():
            return f"{'approved' if event.approved else 'rejected'} by {plain(event.by)}"
        case _:
            return None


def _tool_end(event: ToolFinished) -> str:
    return "failed" if event.failed else "done"


def _ended_at(events: Sequence[Event]) -> datetime | None:
    """Return when the run's own work ended; undoing it may come much later."""
    own = [event.at for event in events if event.stage not in AFTERWARDS]
    return own[-1] if own and is_finished(events) else None


def _last_start(events: Sequence[Event]) -> RunStarted | None:
    return next((event for event in reversed(events) if isinstance(event, RunStarted)), None)


def _seconds_since(start: datetime, now: datetime) -> float:
    return (now - start).total_seconds()


def _add_folded(
    table: Table, records: Sequence[StageRecord], glyphs: dict[StageState, str]
) -> None:
    spent = sum((record.cost_usd for record in records), Decimal(0))
    table.add_row(
        Text(glyphs[StageState.DONE], style="green"),
        Text(f"{count(len(records), 'stage')} before", style="dim"),
        duration(sum(record.seconds for record in records)),
        money(spent) if spent else "",
    )


def _heading(started: RunStarted, events: Sequence[Event], spent: Costs) -> RenderableType:
    model = str(started.request.get("model") or "") or next(
        (event.model for event in reversed(events) if isinstance(event, CallReserved)), ""
    )
    base = started.request.get("base")
    recorded = spent.recorded or model.startswith("recorded:")
    shown_model = next(
        (event.model for event in events if isinstance(event, CallReserved) and recorded), model
    )
    table = Table.grid(padding=(0, 1))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(no_wrap=True, overflow="ellipsis", ratio=1)
    table.add_row("ticket", Text(plain(place(started.ticket)), style="bold"))
    where = plain(place(started.repository)) + (f" ({plain(str(base))})" if base else "")
    table.add_row("repository", where)
    table.add_row("run", started.run_id)
    if shown_model:
        badge = [("  ", ""), (f" {RECORDED_BADGE} ", "black on yellow")] if recorded else []
        table.add_row("model", Text.assemble(_model_name(shown_model), *badge))
    return table


def _model_name(model: str) -> str:
    kind, _, name = model.partition(":")
    return plain(place(name)) if kind == "recorded" else plain(model)


def _totals(
    started: RunStarted, events: Sequence[Event], spent: Costs, now: datetime
) -> RenderableType:
    end = _ended_at(events) or now
    budget = Decimal(str(started.request.get("budget_usd") or 0))
    amount = money(spent.settled_usd) + (f" of {money(budget)}" if budget else "")
    text = Text.assemble(
        (duration(_seconds_since(started.at, end)), "bold"),
        " · ",
        (amount, "bold"),
        f" · {count(spent.calls, 'model call')}{unpaid(spent)}",
    )
    if spent.reserved_usd:
        text.append(f" · {money(spent.reserved_usd)} held back", style="dim")
    if spent.replayed:
        text.append(f" · {count(spent.replayed, 'answer')} from the log")
    if spent.recorded:
        text.append(f"\n{RECORDED_BADGE}: list prices, nothing was paid", style="yellow")
    return text
