"""How far a run is, in its log and as its progress artifact; and that no stage goes on for ever."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

from prefect.artifacts import create_progress_artifact, update_progress_artifact

from mergewright.domain.delivery import Run
from mergewright.domain.events import StageFinished, StageStarted
from mergewright.errors import StageOverdue
from mergewright.events import projections
from tasks._policies import is_paid
from tasks._runs import event_store, journal_of
from tasks._shown import last_shown
from tasks._summaries import summarise_result
from tasks._time_limits import Overdue, ended_after, hurrying, seconds_of

__all__ = [
    "Progress",
    "StageOutcome",
    "artifact_name",
    "hurrying",
    "is_paid",
    "recorded_stage",
    "worked_seconds",
]

STAGES_OF_A_RUN = 21
"""Stages of a run without repairs: the scale of the progress artifact."""


@dataclass(slots=True)
class StageOutcome:
    """How a stage went, for its record."""

    title: str = ""
    reused: bool = False
    summary: str = ""

    @property
    def told(self) -> str:
        """What whoever reads the run's log is told."""
        source = " (as recorded before)" if self.reused else ""
        return f"{self.title}: {self.summary or 'done'}{source}"

    def came_out(self, result: object, *, reused: bool) -> None:
        """Note what the stage returned, and whether it had returned it before."""
        self.reused = reused
        self.summary = summarise_result(result)


@contextmanager
def recorded_stage(run: Run, stage_id: str, title: str) -> Iterator[StageOutcome]:
    """Say in the log that a stage began and how it ended; end it if it does not end.

    Raises:
        StageOverdue: It did not end in its time.
    """
    journal = journal_of(run, stage_id)
    attempt = stage_id.rpartition("-")[2]
    shown = f"{title} (round {attempt})" if attempt.isdigit() and attempt != "0" else title
    journal.append(journal.make(StageStarted, title=shown))
    began, outcome, state = perf_counter(), StageOutcome(shown), "failed"
    try:
        with ended_after(seconds_of(stage_id)):
            yield outcome
        state = "reused" if outcome.reused else "done"
    except Overdue:
        raise _overdue(run, stage_id, perf_counter() - began) from None
    finally:
        seconds = round(perf_counter() - began, 3)
        journal.append(
            journal.make(StageFinished, state=state, seconds=seconds, summary=outcome.summary)
        )


def worked_seconds(run: Run, *, apart_from: str | tuple[str, ...]) -> float:
    """Return how long the stages of a run took that have ended, in all its processes.

    Args:
        run: The run.
        apart_from: What the stages begin with that do not count.

    Raises:
        StoreFailed: The log cannot be read.
    """
    stored = event_store().read(run_id=run.id, types=("stage_finished",))
    return sum(
        found.event.seconds
        for found in stored
        if isinstance(found.event, StageFinished) and not found.event.stage.startswith(apart_from)
    )


def _overdue(run: Run, stage_id: str, seconds: float) -> StageOverdue:
    stages = projections.stages(projections.read_events(event_store(), run.id))
    did = next((one.detail for one in stages if one.name == stage_id), "")
    last = f"The last thing it did: {did}." if did else "It had told of nothing yet."
    return StageOverdue(
        f"The stage {stage_id!r} did not end and was ended after {seconds:.0f} s. {last}",
        hint="Look whether what it waited for answers: model, service, disk. Then the same command"
        " goes on from the last recorded step. On a slow machine, set"
        " MERGEWRIGHT_STAGE_TIME_FACTOR above 1.",
        run_id=run.id,
        step=stage_id,
    )


def artifact_name(run: Run) -> str:
    """Return the part of an artifact's key that tells the ticket."""
    return re.sub(r"[^a-z0-9]+", "-", run.id.rsplit("-", 1)[0]).strip("-")


class Progress:
    """The progress artifact of a run.

    Args:
        run: The run it shows.
    """

    def __init__(self, run: Run) -> None:
        self._done = 0
        key = f"progress-{artifact_name(run)}"
        shown = last_shown(key)
        self._artifact = (
            shown.id
            if shown
            else create_progress_artifact(progress=0.0, key=key, description=f"Run {run.id}")
        )

    def step(self) -> None:
        """Count one more stage as done; repairs never take it to the end."""
        self._done += 1
        share = min(self._done / STAGES_OF_A_RUN, 0.99)
        update_progress_artifact(self._artifact, progress=round(100 * share, 1))  # type: ignore[arg-type]  # sync dispatch returns the id

    def finish(self) -> None:
        """Show the run as done."""
        update_progress_artifact(self._artifact, progress=100.0)  # type: ignore[arg-type]  # sync dispatch returns the id
