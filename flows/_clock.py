"""How long a run may work: the time limit of its workflow's policy, over all its processes."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from mergewright.domain.delivery import Run
from mergewright.errors import LimitReached, StageOverdue
from tasks import stages

UNCOUNTED = ("approve", "script")
"""What stages begin with whose time is not the run's own: a person is waited for, or it is that of the
old script that a workflow is compared with."""


class RunClock:
    """Ends the stages of a run that has worked for as long as it may.

    Args:
        run: The run; what it worked before an interruption counts.
        limit_minutes: How long it may work; None is without end.
    """

    def __init__(self, run: Run, limit_minutes: int | None) -> None:
        self._run = run
        self._limit_minutes = limit_minutes
        self._ends_at: float | None = None
        if limit_minutes is not None:
            worked = stages.worked_seconds(run, apart_from=UNCOUNTED)
            self._ends_at = monotonic() + 60 * limit_minutes - worked

    def lift(self) -> None:
        """Let the run take what time it needs from here on: it is about to end."""
        self._ends_at = None

    @contextmanager
    def counting(self, stage_id: str) -> Iterator[None]:
        """Give a stage the time that is left.

        Raises:
            LimitReached: The time is over.
        """
        ends_at = self._ends_at
        if ends_at is None:
            yield
        elif stage_id.startswith(UNCOUNTED):
            began = monotonic()
            try:
                yield
            finally:
                self._ends_at = ends_at + monotonic() - began
        else:
            yield from self._ended_at(ends_at, stage_id)

    def _ended_at(self, ends_at: float, stage_id: str) -> Iterator[None]:
        if monotonic() >= ends_at:
            raise self._over(stage_id)
        try:
            with stages.hurrying(ends_at - monotonic()):
                yield
        except StageOverdue as error:
            if monotonic() < ends_at:
                raise
            raise self._over(stage_id) from error

    def _over(self, stage_id: str) -> LimitReached:
        return LimitReached(
            f"The run has worked for the {self._limit_minutes} minutes that a {self._run.workflow}"
            f" may take, and was ended in stage {stage_id!r}.",
            hint="What it had done is kept: a person goes on from there, or start another run with"
            " --fresh.",
            run_id=self._run.id,
            step=stage_id,
        )
