"""Workflows as crash matrices in tests: their tables are shown at the end of the test session."""

from collections.abc import Callable
from pathlib import Path

from mergewright.testing.crashes import CrashTable, run_matrix
from mergewright.testing.messages_server import MessagesServer
from tests.journeys.killed_shop import KilledShop

AGAIN = "python -m mergewright.testing.crashes"

Record = Callable[[str, object], None]


def tried(
    make: type[KilledShop], engine: str, folder: Path, record: Record, *, redis: str = "", **how
) -> CrashTable:
    """Run the matrix, or a part of it, and leave its table to the session's summary."""
    with MessagesServer(make.reply) as messages:
        table = run_matrix(make(engine, messages, redis), folder, **how)
    opened, log = ("on_redis", "in Redis") if redis else ("opened", "in a local file")
    table = table.model_copy(update={"again": f"{AGAIN} {make.__module__}:{opened}"})
    record(f"crash matrix of {make.workflow}, its log {log}", table.model_dump_json())
    return table


def refuse_faults(make: type[KilledShop], table: CrashTable) -> None:
    """Fail with the whole table, which says for each fault what broke and how to try it again."""
    assert table.is_clean, f"\n{table}"
    assert table.all_points >= make.least_points
    # the one call that nobody can avoid paying again: once per window, and nowhere else
    windows = [result for result in table.results if result.point.is_window]
    assert all(result.paid_in_window == 1 for result in windows)
    assert table.paid_in_window == len(windows) <= make.calls
