"""Stages that tidy this machine: only what ended runs have left, and only what can be made again."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prefect.artifacts import create_markdown_artifact

from mergewright.clients.locks import file_lock
from mergewright.domain.housekeeping import HousekeepingReport, Kind, TidiedPlace
from mergewright.errors import MergewrightError, NotFound, RunInterrupted
from mergewright.events import projections
from mergewright.settings import settings
from tasks._policies import stage
from tasks._runs import event_store

LOCK_TIMEOUT_SECONDS = 1.0
ENVIRONMENTS = "environments"
_OF_RUNS: dict[str, Kind] = {"worktree": "worktree", "checks": "checks"}
"""What a run leaves that can be made again from mirror and log, by how names of its folders begin."""


@stage("Tidy what runs have left", kept=False)
def tidy_runs(older_than_days: float, dry_run: bool) -> tuple[TidiedPlace, ...]:
    """Remove worktrees and checks folders of runs that are over for so long.

    Never of a run that can go on, that somebody holds, or that the log does not know.

    Raises:
        StoreFailed: The log cannot be read.
    """
    places: list[TidiedPlace] = []
    for folder in _folders(settings().home / "runs"):
        left: list[tuple[Kind, Path]] = [
            (kind, path)
            for name, kind in _OF_RUNS.items()
            for path in sorted(folder.glob(f"{name}*"))
            if path.is_dir()
        ]
        if not left:
            continue
        with ExitStack() as stack:
            reason = _why_kept(folder.name, older_than_days, stack)
            for kind, path in left:
                places.append(_tidy(kind, path, folder.name, reason, dry_run=dry_run))
    return tuple(places)


@stage("Tidy environments", kept=False)
def tidy_environments(older_than_days: float, dry_run: bool) -> tuple[TidiedPlace, ...]:
    """Remove environments that nobody has used for so long; none while a run is at work here.

    Raises:
        StoreFailed: The log cannot be read.
    """
    at_work = _at_work()
    places: list[TidiedPlace] = []
    for folder in _folders(settings().home / ENVIRONMENTS):
        reason = at_work
        lock = folder.with_name(f"{folder.name}.lock")
        with ExitStack() as stack:
            try:
                stack.enter_context(file_lock(lock, timeout_seconds=LOCK_TIMEOUT_SECONDS))
            except MergewrightError:
                reason = "somebody is building it"
            if not reason and not _is_old(_last_used(folder), older_than_days):
                reason = "it was used lately"
            places.append(_tidy("environment", folder, "", reason, dry_run=dry_run))
    return tuple(places)


@stage("Report what was tidied", kept=False)
def write_report(places: tuple[TidiedPlace, ...], dry_run: bool) -> HousekeepingReport:
    """Publish what became of each folder as a Prefect artifact; return it."""
    report = HousekeepingReport(machine=socket.gethostname(), dry_run=dry_run, places=places)
    lines = ["| What | Where | MB | Came out | Why |", "| --- | --- | ---: | --- | --- |"]
    lines += [
        f"| {one.kind} | `{one.path}` | {one.size_bytes / 1e6:.1f} | {one.outcome} | {one.reason} |"
        for one in places
    ]
    would = "would free" if dry_run else "freed"
    text = f"{report.machine}: {would} {report.freed_bytes / 1e6:.1f} MB.\n\n" + "\n".join(lines)
    create_markdown_artifact(key="housekeeping", markdown=text, description="Housekeeping")
    return report


def _why_kept(run_id: str, older_than_days: float, stack: ExitStack) -> str:
    """Return why a run's folders stay; if nothing speaks for it, hold the run and return nothing."""
    try:
        run = projections.summarise(projections.read_events(event_store(), run_id))
    except NotFound:
        return "the log does not know the run"
    if run.resumable:
        return "the run can go on"
    if not _is_old(run.last_event_at, older_than_days):
        return "the run has not been over for long"
    try:
        stack.enter_context(event_store().hold(run_id))
    except RunInterrupted:
        return "somebody holds the run"
    return ""


def _at_work() -> str:
    """Say which run is at work on this machine; empty when none is."""
    for folder in _folders(settings().home / "runs"):
        try:
            with event_store().hold(folder.name):
                continue
        except RunInterrupted:
            return f"the run {folder.name} is at work"
    return ""


def _tidy(kind: Kind, path: Path, run_id: str, reason: str, *, dry_run: bool) -> TidiedPlace:
    place = TidiedPlace(
        kind=kind,
        path=str(path),
        run_id=run_id,
        size_bytes=_size(path),
        outcome="kept",
        reason=reason,
    )
    if reason:
        return place
    if dry_run:
        return place.model_copy(update={"outcome": "would be removed", "reason": "it is over"})
    try:
        shutil.rmtree(path)
    except OSError as error:
        return place.model_copy(update={"reason": f"it cannot be removed: {error.strerror}"})
    return place.model_copy(update={"outcome": "removed", "reason": "it is over"})


def _folders(parent: Path) -> Iterator[Path]:
    """Yield the folders in a folder; a link is none: what it leads to is not ours."""
    if parent.is_dir():
        yield from sorted(one for one in parent.iterdir() if one.is_dir() and not one.is_symlink())


def _size(path: Path) -> int:
    return sum(one.lstat().st_size for one in path.rglob("*") if not one.is_dir())


def _last_used(folder: Path) -> datetime:
    """Return when Python last began in an environment, or when it was made.

    Python reads `pyvenv.cfg` when it begins. The folder's own access time says nothing: looking at
    it, as this does, is an access.
    """
    marks = (*folder.glob("pyvenv.cfg"), *folder.glob("*/pyvenv.cfg"))
    seconds = max([folder.stat().st_mtime, *(mark.stat().st_atime for mark in marks)])
    return datetime.fromtimestamp(seconds, UTC)


def _is_old(at: datetime, days: float) -> bool:
    return datetime.now(UTC) - at >= timedelta(days=days)
