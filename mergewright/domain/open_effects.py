"""Effects that a run wanted and that are not known to be done: what is open, and what came of it later."""

from typing import Any, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from mergewright.domain.undo import MESSAGE
from mergewright.domain.value import Value

STAGE = "effects retry"
"""Stage of all events about doing later what could not be done, long after the run has ended."""

DONE_LATER = frozenset(
    {
        *("page", "comment", "transition", "ticket link", MESSAGE),
        *("ready", "labels", "reviewers", "assignment", "gates"),
    }
)
"""Effects without which a run goes on, and which need nothing but the log to be done later."""


class LeftOver(Value):
    """Something that a run went on without."""

    effect: str
    """What kind of change, as `page`."""
    target: str = ""
    reason: str
    """Why it was not done, in words."""
    remedy: str = ""
    """What does it later: a command, or what a person can do."""
    done: str = ""
    """Where it was done later, after the run's end; empty while it is not."""


class OpenEffect(Value):
    """An effect that is open, with all that doing it needs."""

    run_id: str
    stage: str
    effect: str
    target: str
    wanted: dict[str, Any] = Field(default_factory=dict)
    wanted_at: AwareDatetime
    refused: bool = False
    """Whether the service said no; it will again, unless something is changed there."""
    reason: str = ""
    """Why it was put off or refused, where the log tells."""

    @property
    def can_be_retried(self) -> bool:
        """Whether anything does it later: what was refused of a run's own work nothing does."""
        return self.effect in DONE_LATER or not self.refused

    @property
    def due_at(self) -> str:
        """When it is meant to be done, as ISO 8601; empty is at once."""
        return str(self.wanted.get("due_at") or "")

    @property
    def remedy(self) -> str:
        """The command that does it; empty when none does."""
        if not self.can_be_retried:
            return ""
        if self.due_at:
            return "mergewright notices send-due"
        if self.effect in DONE_LATER:
            return f"mergewright effects retry {self.run_id}"
        return f"mergewright resume {self.run_id}"


class EffectsRetryRequest(Value):
    """Do now what runs could not do."""

    run_id: str = Field(
        default="",
        title="Run",
        pattern=r"^([a-z0-9][a-z0-9-]{2,80})?$",
        description="Id of the run, as in its report.",
        json_schema_extra={"position": 0},
    )
    all_runs: bool = Field(
        default=False,
        title="All runs",
        description="Do what is open of all runs in the log; those that still go are passed over.",
        json_schema_extra={"position": 1},
    )
    orphaned: bool = Field(
        default=False,
        title="Its machine is gone",
        description=(
            "Do it for a run that has not ended although another machine worked on it: say yes only"
            " when that machine no longer does."
        ),
        json_schema_extra={"position": 2},
    )

    @model_validator(mode="after")
    def _one_or_all(self) -> Self:
        if bool(self.run_id) is self.all_runs:
            raise ValueError("name a run, or ask for all of them")
        return self


class RetriedEffect(Value):
    """What came of one effect."""

    run_id: str
    effect: str
    target: str
    outcome: Literal["done", "found", "open", "passed over"]
    """`found`: it had been done already; `open`: it failed again; `passed over`: not for us to do."""
    reference: str = ""
    reason: str = ""
    hint: str = ""


class EffectsReport(Value):
    """What came of doing later what runs could not do."""

    effects: tuple[RetriedEffect, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing failed again."""
        return all(effect.outcome != "open" for effect in self.effects)
