"""A fault that shows in a test before it is mended: the agent's answer, and what the checks say of it."""

from pydantic import Field

from mergewright.domain.changeset import Changeset
from mergewright.domain.plan import Finding, Research
from mergewright.domain.value import Value


class ReproductionAnswer(Value):
    """What the reproduction agent says: its answer, proof of nothing."""

    reproduced: bool = Field(description="Whether a test of yours is red because of the fault")
    summary: str = Field(description="How the fault shows, in terms of this code base")
    likely_cause: str = Field(default="", description="Where it comes from and why")
    tried: tuple[str, ...] = Field(
        default=(), description="What you tried, each in a sentence with what came of it"
    )
    questions: tuple[str, ...] = Field(
        default=(), description="What you would have to know to reproduce it; empty if you did"
    )


class Reproduction(Value):
    """A fault as tests show it on the release."""

    answer: ReproductionAnswer
    changeset: Changeset
    """The tests alone."""
    red: tuple[str, ...] = ()
    """Ids of tests that are red on the release because of the fault; none: it is not reproduced."""
    output: str = ""
    """What the checks say of the tests, in words."""

    @property
    def shows_the_fault(self) -> bool:
        """Whether the checks confirm what the agent says."""
        return self.answer.reproduced and bool(self.red)

    def as_research(self, bounds: tuple[str, ...] = ()) -> Research:
        """Return what is known, in the form in which the other agents read it.

        Args:
            bounds: What a change of this workflow may be, each in a sentence.
        """
        return Research(
            summary=self.answer.summary,
            likely_cause=self.answer.likely_cause,
            findings=tuple(
                Finding(statement=statement)
                for statement in (
                    *(f"The test {name} is red because of the fault." for name in self.red),
                    *bounds,
                )
            ),
        )
