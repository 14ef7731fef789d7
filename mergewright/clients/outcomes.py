"""What comes of an outside change, and of taking it back: the answers of all ports."""

from typing import Generic, NamedTuple, TypeVar

from mergewright.domain.undo import UndoOutcome

T = TypeVar("T")


class Effect(NamedTuple, Generic[T]):
    """What an outside change left behind."""

    value: T
    found: bool
    """Whether it was there already."""


class Compensation(NamedTuple):
    """What came of taking an effect back."""

    outcome: UndoOutcome
    reason: str
    """Why it came out so: one sentence for a person."""
    reference: str = ""
    """Where to look."""
