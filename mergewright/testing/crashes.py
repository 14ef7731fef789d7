"""The crash matrix: a workflow is killed with SIGKILL at every write, started again, and compared.

An undisturbed run lists the crash points: the instants before and after each write to the event
log. Then, for each point, a fresh place is made, the run is killed there, the same workflow is
started again, and what it left is held against the undisturbed run: paid calls and effects as the
services count them, and the state at the end. See `docs/how-to/crash-test-your-flow.md`.
"""

import importlib
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Annotated, Protocol

from cyclopts import App, Parameter
from rich.console import Console

from mergewright.errors import MergewrightError, SettingInvalid, WorkError
from mergewright.testing.crash_host import CrashHost, Play, Start
from mergewright.testing.crash_table import CrashResult, CrashTable, Traces, compare
from mergewright.testing.crashing_store import CrashPoint, passed_points

__all__ = [
    "CrashPoint",
    "CrashTable",
    "Start",
    "Traces",
    "Undisturbed",
    "Workload",
    "every_point",
    "run_matrix",
    "run_undisturbed",
    "sample",
]

START_SECONDS = 120.0
SHOWN_LOG_LINES = 12


class Workload(Protocol):
    """A workflow that can be run in a fresh place, and looked at from outside."""

    def prepare(self, place: Path) -> Start:
        """Make a fresh place (repository, ticket, home ...) in an empty folder.

        Returns:
            How the workflow is started there.
        """
        ...

    def look(self, place: Path) -> Traces:
        """Count what the services hold and name the state that the run has come to."""
        ...


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """A run that was left alone."""

    points: tuple[CrashPoint, ...]
    """Where it could have been killed, in order."""
    traces: Traces


Choice = Callable[[Sequence[CrashPoint]], Sequence[CrashPoint]]
"""Chooses the points to try."""


def every_point(points: Sequence[CrashPoint]) -> Sequence[CrashPoint]:
    """Choose all of them."""
    return points


def sample(step: int) -> Choice:
    """Return the choice of every `step`-th point and of all points at effects."""

    def choose(points: Sequence[CrashPoint]) -> Sequence[CrashPoint]:
        return [
            point for place, point in enumerate(points) if place % step == 0 or point.is_at_effect
        ]

    return choose


def run_undisturbed(
    workload: Workload, folder: Path, *, timeout_seconds: float = START_SECONDS
) -> Undisturbed:
    """Run a workflow once and list its crash points.

    Raises:
        WorkError: It cannot be started in another process, or does not come to its end.
    """
    with CrashHost() as host:
        return _Arena(workload, folder, timeout_seconds).run_alone(host)


def run_matrix(
    workload: Workload,
    folder: Path,
    *,
    choose: Choice = every_point,
    workers: int = 2,
    timeout_seconds: float = START_SECONDS,
    tell: Callable[[CrashResult], None] = lambda _: None,
) -> CrashTable:
    """Kill a workflow at its crash points, one at a time, and compare each with a run left alone.

    Args:
        workload: The workflow.
        folder: Where to work; places of points that are clean are removed.
        choose: Which points to try.
        workers: How many points are tried at the same time, each in a place of its own.
        timeout_seconds: How long one start of the workflow may take.
        tell: Is told each result as it comes, from several threads.

    Raises:
        WorkError: The workflow cannot be started in another process, or does not come to its end
            when it is left alone.
    """
    arena = _Arena(workload, folder, timeout_seconds)
    with ExitStack() as stack:
        hosts: SimpleQueue[CrashHost] = SimpleQueue()
        for _ in range(workers):
            hosts.put(stack.enter_context(CrashHost()))
        with _taken(hosts) as host:
            undisturbed = arena.run_alone(host)

        def attempt(point: CrashPoint) -> CrashResult:
            with _taken(hosts) as host:
                result = arena.kill_at(point, undisturbed.traces, host)
            tell(result)
            return result

        with ThreadPoolExecutor(workers) as pool:
            results = tuple(pool.map(attempt, choose(undisturbed.points)))
    return CrashTable(all_points=len(undisturbed.points), results=results)


@contextmanager
def _taken(hosts: "SimpleQueue[CrashHost]") -> Iterator[CrashHost]:
    host = hosts.get()
    try:
        yield host
    finally:
        hosts.put(host)


@dataclass(frozen=True, slots=True)
class _Arena:
    """The folder in which a workload is run over and over."""

    workload: Workload
    folder: Path
    timeout_seconds: float

    def run_alone(self, host: CrashHost) -> Undisturbed:
        place = self._place("undisturbed")
        play = _play(place, self.workload.prepare(place))
        code = host.play(play, timeout_seconds=self.timeout_seconds)
        if code != 0:
            raise WorkError(
                f"The workload does not come to its end when it is left alone: {_ending(code)}.",
                hint=_tail(play.log),
            )
        return Undisturbed(passed_points(play.passed), self.workload.look(place))

    def kill_at(self, point: CrashPoint, undisturbed: Traces, host: CrashHost) -> CrashResult:
        place = self._place(f"{point.number:04}-{point.moment}")
        start = self.workload.prepare(place)
        first = _play(place, start, deadly=point)
        code = host.play(first, timeout_seconds=self.timeout_seconds)
        died_at = passed_points(first.passed)[-1:]
        if code != -signal.SIGKILL or died_at != (point,):
            came_to = str(died_at[0]) if died_at else "no point"
            told = f"not the same run each time: it came to {came_to}, {_ending(code)}"
            return CrashResult(point=point, trouble=f"{told}; see {first.log}")
        second = _play(place, start)
        code = host.play(second, timeout_seconds=self.timeout_seconds)
        result = compare(point, undisturbed, self.workload.look(place))
        if result.trouble:
            told = f"{result.trouble}; started again, {_ending(code)}; see {second.log}"
            return result.model_copy(update={"trouble": told})
        if result.is_clean:
            shutil.rmtree(place.parent, ignore_errors=True)
        return result

    def _place(self, name: str) -> Path:
        place = self.folder / name / "place"
        place.mkdir(parents=True)
        return place


def _play(place: Path, start: Start, *, deadly: CrashPoint | None = None) -> Play:
    name = "killed" if deadly else "run"
    passed, log, imports = (
        place.with_name(f"{name}.{kind}") for kind in ("points", "log", "imports")
    )
    return Play(start=start, passed=passed, log=log, imports=imports, deadly=deadly)


def _ending(code: int | None) -> str:
    if code is None:
        return "it took too long"
    return f"it died of signal {-code}" if code < 0 else f"it ended with code {code}"


def _tail(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines() if log.exists() else []
    return "\n".join(["The end of what it printed:", *lines[-SHOWN_LOG_LINES:]])


app = App(name="crashes", help="Kill a workflow at every write, start it again, and compare.")


@app.default
def main(
    workload: str,
    /,
    *,
    every: int = 1,
    workers: int = 2,
    folder: Path | None = None,
    quiet: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Print the crash matrix of a workload; the exit code is 1 when it is not clean.

    Args:
        workload: `module:function` that returns a context manager of a workload.
        every: Try every n-th point only, and all points at effects.
        workers: How many points to try at the same time.
        folder: Where to work; without one, a temporary folder.
        quiet: Print the table only.
    """
    console = Console(highlight=False, soft_wrap=True)
    with ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        opened = stack.enter_context(_named(workload)())
        table = run_matrix(
            opened,
            place,
            choose=every_point if every == 1 else sample(every),
            workers=workers,
            tell=lambda result: None if quiet else console.print(str(result), markup=False),
        )
    console.print(str(table), markup=False)
    return 0 if table.is_clean else 1


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
