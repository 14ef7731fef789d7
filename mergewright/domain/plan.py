"""What is known, and what is to be done about it: answers of the research and analysis agents."""

from typing import Literal

from pydantic import Field

from mergewright.domain.value import Value


class Source(Value):
    """Where a finding comes from."""

    path: str = Field(description="Repository path, or `ticket`")
    line: int | None = Field(default=None, ge=1, description="First line, if one is meant")


class Finding(Value):
    """One thing that is known and matters for the ticket."""

    statement: str
    sources: tuple[Source, ...] = ()


class Research(Value):
    """What the research agent found out."""

    summary: str = Field(description="What the ticket is about, in terms of this code base")
    findings: tuple[Finding, ...] = ()
    likely_cause: str = Field(default="", description="For a bug: where it comes from and why")
    open_questions: tuple[str, ...] = ()


class PlannedFile(Value):
    """A file that the change will touch."""

    path: str
    action: Literal["create", "edit", "delete"]
    why: str


class Plan(Value):
    """What the analysis agent proposes to do."""

    summary: str = Field(description="The change in one or two sentences")
    steps: tuple[str, ...] = Field(min_length=1, description="In order, each a thing to do")
    files: tuple[PlannedFile, ...] = Field(min_length=1)
    acceptance_criteria: tuple[str, ...] = Field(
        min_length=1, description="How anyone can see that the ticket is done"
    )
    test_plan: tuple[str, ...] = Field(min_length=1, description="Tests to add or change")
    risks: tuple[str, ...] = ()
