"""Tidying a machine: what is asked for, and what came of it."""

from typing import Literal

from pydantic import Field

from mergewright.domain.value import Value

Kind = Literal["worktree", "checks", "environment"]


class HousekeepingRequest(Value):
    """Remove from this machine what ended runs have left and nothing needs."""

    older_than_days: float = Field(
        default=14,
        title="Older than",
        ge=0,
        le=3650,
        description="Days that a run has been over, or an environment has not been used.",
        json_schema_extra={"position": 0},
    )
    dry_run: bool = Field(
        default=False,
        title="Dry run",
        description="Say what would be removed, and remove nothing.",
        json_schema_extra={"position": 1},
    )


class TidiedPlace(Value):
    """A folder of this machine, and what became of it."""

    kind: Kind
    path: str
    run_id: str = ""
    size_bytes: int = 0
    outcome: Literal["removed", "would be removed", "kept"]
    reason: str
    """Why, in words."""


class HousekeepingReport(Value):
    """What housekeeping did on one machine."""

    machine: str
    dry_run: bool
    places: tuple[TidiedPlace, ...] = ()

    @property
    def freed_bytes(self) -> int:
        """How much disk it freed, or would free."""
        return sum(place.size_bytes for place in self.places if place.outcome != "kept")
