"""Replaying a run: what is asked for, and what came of it."""

from pydantic import Field

from mergewright.domain.ticket import Ticket
from mergewright.domain.value import Value


class ReplayRequest(Value):
    """Execute a run again from its recorded answers, without a model and without a network."""

    run_id: str = Field(
        title="Run",
        min_length=1,
        max_length=100,
        description="Id of the run to replay; it must have got as far as a change.",
        json_schema_extra={"position": 0},
    )
    until: str = Field(
        default="",
        title="Until",
        max_length=50,
        description="Stop after this stage, such as plan or check-0; empty replays all of it.",
        json_schema_extra={"position": 1},
    )

    with_prompt: str = Field(
        default="",
        title="With prompt",
        max_length=100,
        description=(
            "Version of a prompt, as NAME@DIGEST or NAME@current: from where it is first used, "
            "a model is asked and paid."
        ),
        json_schema_extra={"position": 2},
    )


class RecordedRun(Value):
    """What the log holds of a run, as far as replaying needs it."""

    run_id: str
    ticket: Ticket
    repository: str
    base: str
    base_commit: str
    branch: str
    profile: str
    budget_usd: float
    max_repair_rounds: int
    diff_digest: str
    """SHA-256 of the diff that the run ended with."""
    cassette: str
    """Path of its answers."""


class ReplayReport(Value):
    """Whether a replay came to the same change."""

    run_id: str
    """The run that was replayed."""
    replay_id: str
    expected_digest: str
    digest: str = ""
    """SHA-256 of the replayed diff; empty when the replay was asked to stop before."""
    answers: int = 0
    """Recorded answers that were played."""
    drifted: int = 0
    """Answers among them whose request is not the recorded one: prompt, tool or engine changed."""

    @property
    def same(self) -> bool:
        """Whether the change is the same, byte for byte."""
        return self.digest == self.expected_digest
