"""Undoing what a run did outside: what is asked for, what there is to undo, what came of it."""

from typing import Any, Literal

from pydantic import Field

from mergewright.domain.value import Value

UndoOutcome = Literal["undone", "already", "kept", "impossible"]
"""`already`: nothing of it was there any more; `kept`: it is there still, for the reason told;
`impossible`: an effect of a kind that nothing takes back."""

STAGE = "undo"
"""Stage of all events about undoing, which may come long after the run has ended."""

MESSAGE = "message"
"""The effect that nothing takes back: people have read it. They are sent a correction."""


REMARK = "remark"
"""The effect that answers people's review comments below a pull request."""

REPLY = "reply"
"""The effect that answers people's review comments in their thread."""


class UndoRequest(Value):
    """Undo what a run did outside."""

    run_id: str = Field(
        title="Run",
        pattern=r"^[a-z0-9][a-z0-9-]{2,80}$",
        description="Id of the run, as in its report.",
        json_schema_extra={"position": 0},
    )
    dry_run: bool = Field(
        default=False,
        title="Dry run",
        description="Look what could be undone, and change nothing.",
        json_schema_extra={"position": 1},
    )
    orphaned: bool = Field(
        default=False,
        title="Its machine is gone",
        description=(
            "Undo a run that has not ended although another machine worked on it: say yes only when"
            " that machine no longer does."
        ),
        json_schema_extra={"position": 2},
    )


class UndoStep(Value):
    """An effect of a run that is not undone yet, with all that undoing it needs."""

    key: str
    """The effect's natural key in the run."""
    effect: str
    target: str
    done: bool
    """Whether its outcome is in the log; if not, it may have happened all the same."""
    reference: str = ""
    before: dict[str, Any] = Field(default_factory=dict)
    wanted: dict[str, Any] = Field(default_factory=dict)
    result: dict[str, Any] = Field(default_factory=dict)


class UndoneEffect(Value):
    """What came of undoing one effect, or would come of it."""

    effect: str
    target: str
    outcome: UndoOutcome
    reason: str
    reference: str = ""


class UndoReport(Value):
    """What came of undoing a run."""

    run_id: str
    dry_run: bool = False
    """Whether this is what would come of it: nothing was changed."""
    effects: tuple[UndoneEffect, ...] = ()
    """In the order in which they were undone: the last one that was done first."""
    earlier: tuple[UndoneEffect, ...] = ()
    """What had been undone before, so that nothing is left to do about it."""

    @property
    def complete(self) -> bool:
        """Whether all that can be taken back is; a message never can."""
        return all(
            effect.outcome in {"undone", "already"} or effect.effect == MESSAGE
            for effect in self.effects
        )
