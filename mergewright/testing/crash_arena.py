"""Where a workflow is run over and over: left alone once, then killed at a point and started again."""

import shutil
import signal
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from mergewright.errors import WorkError
from mergewright.testing.crash_host import CrashHost, Play, Start
from mergewright.testing.crash_table import CrashResult, Traces, compare
from mergewright.testing.crashing_store import CrashPoint, passed_points, same_instants

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
    seconds: float
    """How long it took."""
    same_instants: Mapping[str, str]
    """Of which points the next one is the same instant, by name: one of them is tried for both."""


@dataclass(frozen=True, slots=True)
class Arena:
    """The folder in which a workload is run over and over, each time in a place of its own."""

    workload: Workload
    folder: Path
    timeout_seconds: float
    """How long one start may take."""

    def run_alone(self, host: CrashHost) -> Undisturbed:
        """Run the workload once without disturbing it.

        Raises:
            WorkError: It cannot be started in another process, or does not come to its end.
        """
        place = self._place("undisturbed")
        start = self.workload.prepare(place)
        # of a log elsewhere nobody could see whether it was left alone
        watched = place if str(place) in start.event_store_url else None
        play = replace(_play(place, start), watched=watched)
        code = host.play(play, timeout_seconds=self.timeout_seconds)
        if code != 0:
            raise WorkError(
                f"The workload does not come to its end when it is left alone: {_ending(code)}.",
                hint=_tail(play.log),
            )
        return Undisturbed(
            passed_points(play.passed),
            self.workload.look(place),
            host.seconds,
            same_instants(play.passed),
        )

    def kill_at(self, point: CrashPoint, undisturbed: Traces, host: CrashHost) -> CrashResult:
        """Kill the workload at a point, start it again, and compare what it left.

        Raises:
            WorkError: It cannot be started in another process.
        """
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
