"""Whether a ticket can be worked on at all."""

from enum import StrEnum

from mergewright.domain.value import Value


class ReadinessVerdict(StrEnum):
    """What stands in the way of working on a ticket."""

    READY = "ready"
    UNCLEAR = "unclear"
    DUPLICATE = "duplicate"
    DONE = "done"


class Readiness(Value):
    """The verdict with its reasons, and the questions that would change it."""

    verdict: ReadinessVerdict
    reasons: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    """Exact questions to the ticket's author."""
