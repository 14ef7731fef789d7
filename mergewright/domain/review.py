"""What the QA agent thinks of a change."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from mergewright.domain.value import Value


class ReviewVerdict(StrEnum):
    """Whether the change may go on."""

    APPROVE = "approve"
    REQUEST_CHANGES = "request_changes"


class CriterionVerdict(Value):
    """Whether one acceptance criterion is met."""

    criterion: str
    met: bool
    evidence: str = Field(description="Test, file or line that shows it")


class ReviewFinding(Value):
    """One thing the reviewer found."""

    severity: Literal["blocking", "minor"]
    path: str
    line: int | None = Field(default=None, ge=1)
    message: str


class Review(Value):
    """The QA agent's answer."""

    verdict: ReviewVerdict
    summary: str
    criteria: tuple[CriterionVerdict, ...] = Field(min_length=1)
    findings: tuple[ReviewFinding, ...] = ()

    @property
    def approves(self) -> bool:
        """Whether the change may go on: approved, every criterion met, nothing blocking."""
        return (
            self.verdict is ReviewVerdict.APPROVE
            and all(criterion.met for criterion in self.criteria)
            and not any(finding.severity == "blocking" for finding in self.findings)
        )
