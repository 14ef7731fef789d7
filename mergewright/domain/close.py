"""Closing runs that nobody works on any more: what is asked for, and what came of it."""

from typing import Self

from pydantic import Field, model_validator

from mergewright.domain.open_effects import STAGE as RETRY_STAGE
from mergewright.domain.ticket_done import STAGE as DONE_STAGE
from mergewright.domain.undo import STAGE as UNDO_STAGE
from mergewright.domain.value import Value

STAGE = "close"
"""Stage of all events about closing a run."""

AFTERWARDS = frozenset({STAGE, UNDO_STAGE, RETRY_STAGE, DONE_STAGE})
"""Stages that are no part of a run's own work, and may come long after it."""


class CloseRequest(Value):
    """Close a run that was interrupted or waits, and that nobody will go on with; or all of them."""

    run_id: str = Field(
        default="",
        title="Run",
        pattern=r"^$|^[a-z0-9][a-z0-9-]{2,80}$",
        description="Id of the run; empty closes all interrupted ones.",
        json_schema_extra={"position": 0},
    )
    interrupted: bool = Field(
        default=False,
        title="All interrupted runs",
        description="Close every run of this machine that has no end and no process.",
        json_schema_extra={"position": 1},
    )
    reason: str = Field(
        default="",
        title="Reason",
        max_length=1000,
        description="Why nobody goes on with it: for the ticket and the report.",
        json_schema_extra={"position": 2},
    )
    orphaned: bool = Field(
        default=False,
        title="Its machine is gone",
        description=(
            "Close a run although another machine worked on it last: say yes only when that machine"
            " no longer does."
        ),
        json_schema_extra={"position": 3},
    )

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        if bool(self.run_id) == self.interrupted:
            raise ValueError("name one run, or ask for all interrupted ones: one of the two")
        if self.interrupted and self.orphaned:
            raise ValueError("whether a machine is gone is said of one run, not of all")
        return self


class ClosedRun(Value):
    """What came of closing one run."""

    run_id: str
    closed: bool
    """Whether it was closed now; if not, it had ended before."""
    outcome: str
    comment: str = ""
    """Where the ticket was told; empty when it was not."""
    untold: str = ""
    """Why the ticket was not told."""
    flow_runs: tuple[str, ...] = ()
    """Prefect's suspended runs of it that were ended."""


class CloseReport(Value):
    """What came of closing runs."""

    runs: tuple[ClosedRun, ...] = ()
