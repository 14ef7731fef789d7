"""What was measured, as Markdown; and on what."""

import os
import platform
import sqlite3
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

import psutil

from benchmarks.logs import Rebuilding, Throughput

PACKAGES: Final = (
    "langchain",
    "langgraph",
    "langgraph-checkpoint-sqlite",
    "pydantic-ai-slim",
    "prefect",
    "pydantic",
    "redis",
)


class Sample(NamedTuple):
    """One conversation, per step."""

    wall_milliseconds: float
    cpu_milliseconds: float
    server_cpu_milliseconds: float
    stored_bytes: float | None


def describe_machine(folder: Path) -> str:
    """Return what the figures depend on, in a few lines."""
    disks = [
        part for part in psutil.disk_partitions(all=True) if folder.is_relative_to(part.mountpoint)
    ]
    disk = max(disks, key=lambda part: len(part.mountpoint))
    packages = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    return (
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {packages}.\n"
        f"{platform.system()} {platform.release()}, {os.cpu_count()} processors ({_processor()}),"
        f" files on {disk.fstype}."
    )


def describe_load() -> str:
    """Return the machine's load averages over 1, 5 and 15 minutes."""
    return " ".join(f"{load:.1f}" for load in os.getloadavg())


def steps_table(samples: dict[str, list[Sample]], bare: str) -> str:
    """Return medians per step, and their ratios to those of `bare`."""
    medians = {name: _median(rounds) for name, rounds in samples.items() if rounds}
    reference = medians[bare]
    rows = [
        (
            name,
            f"{one.cpu_milliseconds:.2f}",
            f"{one.cpu_milliseconds / reference.cpu_milliseconds:.1f}x",
            f"{one.wall_milliseconds:.2f}",
            f"{one.wall_milliseconds / reference.wall_milliseconds:.1f}x",
            f"{one.server_cpu_milliseconds:.2f}" if one.server_cpu_milliseconds else "",
            "" if one.stored_bytes is None else f"{one.stored_bytes:,.0f}",
            str(len(samples[name])),
        )
        for name, one in medians.items()
    ]
    heads = (
        "contender",
        "CPU ms",
        "ratio",
        "wall ms",
        "ratio",
        "server CPU ms",
        "bytes stored",
        "rounds",
    )
    return table(heads, rows)


def throughput_table(rows: Iterable[Throughput]) -> str:
    """Return how fast the logs take events."""
    return table(
        ("log", "events per append", "events/s", "ms per append", "CPU ms per event"),
        [
            (
                row.store,
                str(row.batch),
                f"{row.events_per_second:,.0f}",
                f"{row.append_milliseconds:.2f}",
                f"{row.cpu_milliseconds_per_event:.3f}",
            )
            for row in rows
        ],
    )


def rebuilding_table(rows: Iterable[Rebuilding]) -> str:
    """Return how long it takes to read a long run and to work out what it means, in seconds."""
    return table(
        ("log", "events", "written in", "read in", "costs", "stages", "summarise"),
        [
            (
                row.store,
                f"{row.events:,}",
                *(
                    f"{seconds:.2f}"
                    for seconds in (row.fill, row.read, row.costs, row.stages, row.summarise)
                ),
            )
            for row in rows
        ],
    )


def _median(samples: Sequence[Sample]) -> Sample:
    stored = [one.stored_bytes for one in samples if one.stored_bytes is not None]
    return Sample(
        median(one.wall_milliseconds for one in samples),
        median(one.cpu_milliseconds for one in samples),
        median(one.server_cpu_milliseconds for one in samples),
        median(stored) if stored else None,
    )


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return rows as a Markdown table: the first column to the left, numbers to the right."""
    columns = list(zip(heads, *rows, strict=True))
    widths = [max(map(len, column)) for column in columns]

    def line(cells: Sequence[str]) -> str:
        first, *others = (
            cell.ljust(width) if index == 0 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
        )
        return f"| {' | '.join([first, *others])} |"

    rule = [
        f"{'-' * (width - 1)}{'-' if index == 0 else ':'}" for index, width in enumerate(widths)
    ]
    return "\n".join([line(heads), line(rule), *map(line, rows)])


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(not installed)"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.machine())
