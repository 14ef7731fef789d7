"""What an audit of a run finds, in the log or in an export."""

from collections.abc import Sequence
from typing import Final, Literal

from mergewright.domain.events import Event, RunFinished, RunStarted
from mergewright.domain.value import Value

MAX_FINDINGS: Final = 20
"""Further ones tell nothing new."""

FindingKind = Literal["changed", "missing", "moved", "torn", "unreadable"]


class AuditFinding(Value):
    """One place where a run is not as it was written."""

    kind: FindingKind
    """`torn`: the beginning or the end is not there."""
    seq: int | None
    """Event at which it shows; None when it belongs to none."""
    detail: str


class AuditResult(Value):
    """What an audit of a run found."""

    run_id: str
    events: int
    """How many were read."""
    scrubbed: int = 0
    """How many of them had secrets taken out, so that their own text cannot be checked."""
    head: str
    """Digest of the last event: keep it elsewhere, and this much of the run is fixed for ever."""
    finished: bool
    """Whether the run came to its end; one that did not is at work, was interrupted or cut off."""
    findings: tuple[AuditFinding, ...] = ()

    @property
    def intact(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


def is_finished(events: Sequence[Event]) -> bool:
    """Say whether a run has come to its end since it last began."""
    ends = [event for event in events if isinstance(event, RunStarted | RunFinished)]
    return bool(ends) and isinstance(ends[-1], RunFinished)
