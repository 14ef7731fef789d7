"""The crash matrix: a workflow is killed with SIGKILL at every write, started again, and compared.

An undisturbed run lists the crash points: the instants before and after each write to the event
log. Then, for each point, a fresh place is made, the run is killed there, the same workflow is
started again, and what it left is held against the undisturbed run: paid calls and effects as the
services count them, and the state at the end. See `docs/how-to/crash-test-your-flow.md`.
"""

import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from itertools import count
from pathlib import Path
from queue import SimpleQueue
from time import monotonic
from typing import Annotated

from cyclopts import App, Parameter
from cyclopts.validators import Number
from rich.console import Console

from mergewright.errors import MergewrightError, SettingInvalid
from mergewright.testing.crash_arena import Arena, Undisturbed, Workload
from mergewright.testing.crash_choices import Choice, every_point, only, sample, spread
from mergewright.testing.crash_host import CrashHost, Start
from mergewright.testing.crash_table import CrashResult, CrashTable, Traces
from mergewright.testing.crashing_store import CrashPoint

__all__ = [
    "CrashPoint",
    "CrashTable",
    "Start",
    "Traces",
    "Undisturbed",
    "Workload",
    "every_point",
    "only",
    "run_matrix",
    "run_undisturbed",
    "sample",
    "spread",
]

START_SECONDS = 120.0
PROCESSORS = os.cpu_count() or 1


def run_undisturbed(
    workload: Workload, folder: Path, *, timeout_seconds: float = START_SECONDS
) -> Undisturbed:
    """Run a workflow once and list its crash points.

    Raises:
        WorkError: It cannot be started in another process, or does not come to its end.
    """
    with CrashHost() as host:
        return Arena(workload, folder, timeout_seconds).run_alone(host)


def run_matrix(
    workload: Workload,
    folder: Path,
    *,
    choose: Choice = every_point,
    jobs: int = 2,
    fresh: bool = False,
    timeout_seconds: float = START_SECONDS,
    tell: Callable[[CrashResult], None] = lambda _: None,
    tell_plan: Callable[[Undisturbed, int], None] = lambda _, __: None,
) -> CrashTable:
    """Kill a workflow at its crash points, one at a time, and compare each with a run left alone.

    Args:
        workload: The workflow.
        folder: Where to work; places of points that are clean are removed.
        choose: Which points to try.
        jobs: How many points are tried at the same time, each in a place of its own.
        fresh: Whether each start has an interpreter of its own, which imports everything anew and
            shares nothing; slower by the imports.
        timeout_seconds: How long one start of the workflow may take.
        tell: Is told each result as it comes, from several threads.
        tell_plan: Is told the undisturbed run and how many points will be tried.

    Raises:
        WorkError: The workflow cannot be started in another process, or does not come to its end
            when it is left alone.
        SettingInvalid: There is no point that `choose` names.
    """
    arena = Arena(workload, folder, timeout_seconds)
    with ExitStack() as stack:
        hosts: SimpleQueue[CrashHost] = SimpleQueue()
        for _ in range(jobs):
            hosts.put(stack.enter_context(CrashHost(fresh=fresh)))
        with _taken(hosts) as host:
            undisturbed = arena.run_alone(host)
        # a point has one place to work in, however often it is chosen
        chosen = tuple(dict.fromkeys(choose(undisturbed.points)))
        names = {point.name for point in chosen}
        for_both = {
            name: same for name, same in undisturbed.same_instants.items() if {name, same} <= names
        }
        tried = [point for point in chosen if point.name not in for_both]
        tell_plan(undisturbed, len(tried))

        def attempt(point: CrashPoint) -> CrashResult:
            with _taken(hosts) as host:
                result = arena.kill_at(point, undisturbed.traces, host)
            tell(result)
            return result

        with ThreadPoolExecutor(jobs) as pool:
            found = {result.point.name: result for result in pool.map(attempt, tried)}
    results = tuple(
        found[for_both.get(point.name, point.name)].model_copy(update={"point": point})
        for point in chosen
    )
    return CrashTable(all_points=len(undisturbed.points), tried=len(tried), results=results)


@contextmanager
def _taken(hosts: "SimpleQueue[CrashHost]") -> Iterator[CrashHost]:
    host = hosts.get()
    try:
        yield host
    finally:
        hosts.put(host)


_Positive = Annotated[int, Parameter(validator=Number(gte=1))]

app = App(name="crashes", help="Kill a workflow at every write, start it again, and compare.")


@app.default
def main(
    workload: str,
    /,
    *,
    every: _Positive = 1,
    at_most: int = 0,
    only_at: Annotated[tuple[str, ...], Parameter("--only", negative="")] = (),
    jobs: _Positive = PROCESSORS,
    fresh: Annotated[bool, Parameter(negative="")] = False,
    folder: Path | None = None,
    quiet: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Print the crash matrix of a workload; the exit code is 1 when it is not clean.

    Args:
        workload: `module:function` that returns a context manager of a workload.
        every: Try every n-th point only, and all points at effects.
        at_most: Try so many points only, spread over all kinds of writes; 0 is no limit.
        only_at: Try this point only, such as `51-before`; may be given several times.
        jobs: How many points to try at the same time; by default one for each processor.
        fresh: Start a new interpreter each time: slower, and nothing is shared between starts.
        folder: Where to work and keep what is not clean; without one, a temporary folder.
        quiet: Print the table only.
    """
    console = Console(highlight=False, soft_wrap=True)
    told = Console(quiet=quiet, highlight=False, soft_wrap=True)
    progress = _Progress(told, jobs)
    choose = _chosen(every, at_most, only_at)
    place = (folder or Path(tempfile.mkdtemp(prefix="crashes-"))).absolute()
    with _named(workload)() as opened:
        table = run_matrix(
            opened,
            place,
            choose=choose,
            jobs=jobs,
            fresh=fresh,
            tell=progress.tell,
            tell_plan=progress.tell_plan,
        )
    again = f"python -m mergewright.testing.crashes {workload}"
    console.print(str(table.model_copy(update={"again": again})), markup=False)
    if not table.is_clean:
        console.print(f"Kept for a look: {place}", markup=False)
    elif folder is None:
        shutil.rmtree(place, ignore_errors=True)
    return 0 if table.is_clean else 1


def _chosen(every: int, at_most: int, only_at: tuple[str, ...]) -> Choice:
    if only_at:
        return only(*only_at)
    if at_most:
        return spread(at_most)
    return every_point if every == 1 else sample(every)


class _Progress:
    """Tells a person how far the matrix is."""

    def __init__(self, console: Console, jobs: int) -> None:
        self._console = console
        self._jobs = jobs
        self._numbers = count(1)
        self._all = 0
        self._began = 0.0

    def tell_plan(self, undisturbed: Undisturbed, chosen: int) -> None:
        self._all = chosen
        self._began = monotonic()
        # a killed start and its second start do together about what one undisturbed run does
        seconds = chosen * undisturbed.seconds / min(self._jobs, PROCESSORS)
        self._console.print(
            f"{len(undisturbed.points)} crash points; {chosen} to try, {self._jobs} at a time:"
            f" about {_minutes(seconds)}."
        )

    def tell(self, result: CrashResult) -> None:
        number = next(self._numbers)
        rest = self._all - number
        left = f", {_minutes((monotonic() - self._began) / number * rest)} left" if rest else ""
        self._console.print(f"{number}/{self._all}{left}: {result}", markup=False)


def _minutes(seconds: float) -> str:
    return f"{max(1, round(seconds / 60))} min"


def _named(name: str) -> Callable[[], AbstractContextManager[Workload]]:
    module, _, function = name.partition(":")
    try:
        found: Callable[[], AbstractContextManager[Workload]] = getattr(
            importlib.import_module(module), function
        )
    except (ImportError, AttributeError, ValueError) as error:
        raise SettingInvalid(
            f"There is no workload {name!r}: {error}.",
            hint="Name it as `package.module:function`, importable from this folder.",
        ) from error
    return found


if __name__ == "__main__":
    try:
        sys.exit(app())
    except MergewrightError as error:
        Console(stderr=True, soft_wrap=True).print(str(error), markup=False)
        sys.exit(error.exit_code)
