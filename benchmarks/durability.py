"""What durability costs per step of an agent, ours and others', measured in turns in one process.

Prints Markdown tables. `docs/benchmarks.md` says what they mean and what they do not.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from benchmarks.contenders import Bare, Contender, Journaled, NoLog, size_of
from benchmarks.conversation import Counts
from benchmarks.logs import append_throughputs, rebuild
from benchmarks.redis_process import RunningRedis, find_redis, running_redis
from benchmarks.stopwatch import Stopwatch
from benchmarks.tables import (
    Sample,
    describe_load,
    describe_machine,
    rebuilding_table,
    steps_table,
    throughput_table,
)
from mergewright.events.redis_streams import RedisEventStore
from mergewright.events.sqlite import SqliteEventStore
from mergewright.events.store import EventStore

WARM_UP_STEPS: Final = 3
SHORT_STEPS: Final = 50
LONG_STEPS: Final = 500
SLOW: Final = "pydantic-ai + PrefectDurability"
SLOW_ROUNDS: Final = 2
"""A step there takes tens of times as long as any other, so fewer tell as much."""


def main() -> None:
    """Measure and print."""
    options, began = _read_options(), time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="benchmark-", dir=options.folder) as name,
        ExitStack() as stack,
    ):
        folder = Path(name).resolve()
        print(f"{describe_machine(folder)}\nLoad when it began: {describe_load()}.\n", flush=True)
        redis = stack.enter_context(_redis(folder / "redis"))
        contenders = [*_contenders(redis), *stack.enter_context(_pydantic(folder / "prefect"))]
        for contender in contenders:
            _hold(contender, WARM_UP_STEPS, folder)
        _compare(contenders, SHORT_STEPS, options.rounds, folder)
        quick = [one for one in contenders if one.name != SLOW or options.everything]
        if len(quick) < len(contenders):
            _skip(f"{SLOW} with {LONG_STEPS} steps", "takes minutes; --everything measures it")
        _compare(quick, LONG_STEPS, options.long_rounds, folder)
        _measure_logs(_stores(folder, redis), options.events)
        print(f"Load when it ended: {describe_load()}; {time.monotonic() - began:.0f} seconds.")


def _read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help=f"of {SHORT_STEPS} steps")
    parser.add_argument("--long-rounds", type=int, default=2, help=f"of {LONG_STEPS} steps")
    parser.add_argument("--events", type=int, default=100_000, help="of which projections are made")
    parser.add_argument("--folder", help="where the logs are written: the disk that is measured")
    parser.add_argument(
        "--everything", action="store_true", help=f"also {SLOW} with {LONG_STEPS} steps (once)"
    )
    return parser.parse_args()


def _contenders(redis: RunningRedis | None) -> Iterator[Contender]:
    yield Bare()
    yield Journaled("ours, no log", lambda _: NoLog(), lambda _: 0)
    yield Journaled(
        "ours, journal in SQLite", lambda folder: SqliteEventStore(folder / "events.db"), size_of
    )
    if redis is not None:
        yield Journaled(
            "ours, journal in Redis",
            lambda _: RedisEventStore(redis.url),
            lambda _: size_of(redis.folder),
            (redis.process,),
        )
    try:
        from benchmarks.checkpoints import Checkpointed  # noqa: PLC0415 - may not be installed
    except ImportError as error:
        _skip("LangGraph's SqliteSaver", f"{error}; `make benchmarks` installs it")
    else:
        yield Checkpointed()


@contextmanager
def _redis(folder: Path) -> Iterator[RunningRedis | None]:
    """Start a Redis server that is as durable as it can be, if there is one."""
    program = find_redis()
    if program is None:
        _skip("Redis", "no redis-server: apt-get install redis-server")
        yield None
        return
    with running_redis(program, folder) as server:
        yield server


@contextmanager
def _pydantic(folder: Path) -> Iterator[list[Contender]]:
    try:
        from benchmarks.pydantic_prefect import (  # noqa: PLC0415 - may not be installed
            prefect_server,
        )
    except ImportError as error:
        _skip(SLOW, f"{error}; `make benchmarks` installs it")
        yield []
        return
    with prefect_server(SLOW, folder) as contender:
        yield [contender]


def _compare(contenders: list[Contender], steps: int, rounds: int, folder: Path) -> None:
    samples: dict[str, list[Sample]] = {contender.name: [] for contender in contenders}
    for number in range(rounds):
        # Whoever is first in one round is last in the next: load that comes and goes hits everyone.
        turn = number % len(contenders)
        for contender in contenders[turn:] + contenders[:turn]:
            if contender.name != SLOW or number < _slow_rounds(steps):
                samples[contender.name].append(_hold(contender, steps, folder))
    print(f"### {steps} steps, each a model call and a tool call\n")
    print(f"{steps_table(samples, Bare.name)}\n", flush=True)


def _slow_rounds(steps: int) -> int:
    return 1 if steps == LONG_STEPS else SLOW_ROUNDS


def _hold(contender: Contender, steps: int, parent: Path) -> Sample:
    counts, stopwatch = Counts(), Stopwatch(contender.servers)
    with tempfile.TemporaryDirectory(dir=parent) as folder:
        stored = contender.hold(steps, counts, stopwatch, Path(folder))
    if not counts.is_complete(steps):
        raise RuntimeError(
            f"{contender.name} made {counts.model} model calls and {counts.tool} tool calls"
            f" in {steps} steps."
        )
    return Sample(
        stopwatch.wall_seconds / steps * 1_000,
        stopwatch.cpu_seconds / steps * 1_000,
        stopwatch.server_cpu_seconds / steps * 1_000,
        None if stored is None else stored / steps,
    )


def _stores(folder: Path, redis: RunningRedis | None) -> dict[str, EventStore]:
    stores: dict[str, EventStore] = {"SQLite": SqliteEventStore(folder / "log.db")}
    if redis is not None:
        stores["Redis"] = RedisEventStore(redis.url)
    return stores


def _measure_logs(stores: dict[str, EventStore], events: int) -> None:
    appended = [row for name, store in stores.items() for row in append_throughputs(name, store)]
    print(f"### Appending events\n\n{throughput_table(appended)}\n", flush=True)
    rebuilt = [rebuild(name, store, events) for name, store in stores.items()]
    print(f"### Rebuilding projections (seconds)\n\n{rebuilding_table(rebuilt)}\n")
    for store in stores.values():
        store.close()


def _skip(what: str, why: str) -> None:
    print(f"Skipped: {what} ({why}).", file=sys.stdout, flush=True)


if __name__ == "__main__":
    main()
