"""What model calls cost, as a table, as bars, and as a picture."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from mergewright.cli.bars import Bar, Bars
from mergewright.cli.exit_codes import OK
from mergewright.cli.formats import count, money, place, plain
from mergewright.cli.live import RECORDED_BADGE
from mergewright.cli.output import human_console, print_json, write_file
from mergewright.cli.selection import open_log
from mergewright.errors import SettingInvalid
from mergewright.events.cost_report import CostKey, CostReport, CostRow, CostTable, read_costs
from mergewright.settings import settings

COLUMNS = {
    "settled": 0,
    "unknown": 0,
    "reserved": 0,
    "calls": 0,
    "replayed": 70,
    "input": 80,
    "output": 80,
    "cache read": 112,
    "cache write": 112,
}
"""The columns after the key, each with the width of terminal from which it is shown."""
OPTIONAL = ("unknown", "reserved", "replayed")
"""Columns that are left out where they hold nothing."""
PICTURE_WIDTH = 112
PICTURE_SUFFIX = ".svg"
ADDRESSES = re.compile(r"\s*(?:@font-face\s*\{[^}]*\}|<!--.*?-->)", re.DOTALL)
"""Parts of Rich's picture that name places in the web: fonts to load, and a comment."""


def costs(
    *,
    by: CostKey = CostKey.STAGE,
    since: float | None = None,
    picture: Path | None = None,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Show what model calls cost, over all runs in the log.

    Args:
        by: What to group by.
        since: Only calls of the last so many days.
        picture: Write table and bars as a picture to this SVG file.
        json: Print the sums as JSON.
    """
    start = _start_of(since)
    if picture is not None and picture.suffix.lower() != PICTURE_SUFFIX:
        raise SettingInvalid(
            f"--picture {str(picture)!r}: the picture is an SVG.", hint="Name a file in .svg."
        )
    report = read_costs(open_log(), by, since=start)
    if picture is not None:
        write_file(
            picture, draw_picture(report, f"mergewright costs --by {by}"), option="--picture"
        )
    if json:
        print_json(report.model_dump(mode="json"))
        return OK
    console = human_console()
    console.print(costs_view(report, console.width))
    if picture is not None:
        console.print(Text(f"\nThe picture is in {place(str(picture))}."), soft_wrap=True)
    return OK


def costs_view(report: CostReport, width: int) -> RenderableType:
    """Return what a person sees of a cost report: first what was paid, then what was not."""
    parts: list[RenderableType] = []
    if report.paid.rows:
        parts += [_table(report, report.paid, width), *_warnings(report.paid.total), ""]
        parts += [_bars(report, report.paid)]
    if report.recorded.rows:
        heading = f"{RECORDED_BADGE} at list prices; nothing was paid for them"
        parts += [""] if parts else []
        parts += [Text(heading.capitalize(), style="yellow")]
        parts += [_table(report, report.recorded, width), "", _bars(report, report.recorded)]
    if not parts:
        when = "" if report.since is None else f" since {report.since:%Y-%m-%d %H:%M} UTC"
        parts += [Text(f"No model call yet{when} in {str(settings().home)!r}.")]
    return Group(*parts)


def draw_picture(report: CostReport, title: str) -> str:
    """Return a cost report as SVG that loads nothing from anywhere."""
    console = Console(
        record=True,
        file=StringIO(),
        width=PICTURE_WIDTH,
        force_terminal=True,
        force_jupyter=False,
        color_system="truecolor",
        highlight=False,
    )
    console.print(costs_view(report, PICTURE_WIDTH))
    return ADDRESSES.sub("", console.export_svg(title=title))


def _start_of(days: float | None) -> datetime | None:
    if days is None:
        return None
    try:
        if days > 0:
            return datetime.now(UTC) - timedelta(days=days)
    except OverflowError:
        pass
    raise SettingInvalid(
        f"--since {days:g}: that is no number of days to look back.",
        hint="Give a number above 0, for example --since 7.",
    )


def _table(report: CostReport, costs: CostTable, width: int) -> Table:
    table = Table(
        box=None, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False, show_footer=True
    )
    total = _cells(costs.total)
    shown = [
        name
        for name, least_width in COLUMNS.items()
        if width >= least_width and (name not in OPTIONAL or total[name])
    ]
    table.add_column(str(report.by), footer=Text("total", style="bold"), overflow="fold")
    for name in shown:
        footer = Text(total[name], style="bold")
        table.add_column(name, footer=footer, justify="right", no_wrap=True)
    for row in costs.rows:
        cells = _cells(row)
        table.add_row(_label(report, row), *(cells[name] for name in shown))
    return table


def _cells(row: CostRow) -> dict[str, str]:
    return {
        "settled": money(row.settled_usd),
        "unknown": money(row.unknown_usd) if row.unknown_calls else "",
        "reserved": money(row.reserved_usd) if row.open_calls else "",
        "calls": f"{row.calls:,}",
        "replayed": f"{row.replayed:,}" if row.replayed else "",
        "input": f"{row.input_tokens:,}",
        "output": f"{row.output_tokens:,}",
        "cache read": f"{row.cache_read_tokens:,}",
        "cache write": f"{row.cache_write_tokens:,}",
    }


def _warnings(total: CostRow) -> Iterator[Text]:
    if total.unknown_calls:
        yield Text(
            f"\nUNKNOWN OUTCOME: {count(total.unknown_calls, 'call')} ended between the question "
            f"and the answer and may have been charged; settled at the worst case, "
            f"{money(total.unknown_usd)} of the sum.",
            style="bold red",
        )
    if total.open_calls:
        yield Text(
            f"\n{money(total.reserved_usd)} more is reserved for {count(total.open_calls, 'call')} "
            "without an end: under way, or of interrupted runs (mergewright runs).",
            style="yellow",
        )


def _bars(report: CostReport, costs: CostTable) -> Bars:
    return Bars(
        tuple(
            Bar(
                label=_label(report, row).plain,
                known=row.settled_usd - row.unknown_usd,
                unknown=row.unknown_usd,
                reserved=row.reserved_usd,
            )
            for row in costs.rows
        )
    )


def _label(report: CostReport, row: CostRow) -> Text:
    name = place(row.key) if report.by is CostKey.REPOSITORY else row.key
    return Text(plain(name) or "-")
