"""Replaying a run: what is asked for, and what came of it."""

from decimal import Decimal

from pydantic import Field

from mergewright.domain.backport import Backport
from mergewright.domain.documentation import DocumentationState
from mergewright.domain.release import Release
from mergewright.domain.requests import DeliveryRequest
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


class ReplayWork(DeliveryRequest):
    """A replay as the run that it replays tells it."""

    policy: str
    """Workflow whose policy holds for it: that of the run that it replays."""

    def policy_name(self) -> str:
        """Workflow of the run that it replays."""
        return self.policy


class RecordedRun(Value):
    """What the log holds of a run, as far as replaying needs it."""

    run_id: str
    policy: str
    """Workflow whose policy the run kept."""
    ticket: Ticket
    repository: str
    base: str
    base_commit: str
    branch: str
    commit: str = ""
    """Commit of the change; empty where it was not pushed."""
    profile: str
    budget_usd: float
    max_repair_rounds: int
    diff_digest: str
    """SHA-256 of the diff that the run ended with."""
    documentation: DocumentationState | None = None
    """What was found of the documentation, where the run was about that."""
    release: Release | None = None
    severity: str = ""
    backport: Backport | None = None
    """The same change for the main branch, where it can be replayed as well."""
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
    expected_backport_digest: str = ""
    """SHA-256 of the diff for the main branch; empty where there is none to replay."""
    backport_digest: str = ""
    """SHA-256 of its replayed diff."""
    answers: int = 0
    """Recorded answers that were played; they cost nothing."""
    drifted: int = 0
    """Answers among them whose request is not the recorded one: prompt, tool or engine changed."""
    asked: int = 0
    """New answers, which a model gave and was paid for."""
    recorded_usd: Decimal = Decimal(0)
    """List price of the recorded answers: nobody paid it again."""
    paid_usd: Decimal = Decimal(0)
    """What the new answers cost."""

    @property
    def same(self) -> bool:
        """Whether the change is the same, byte for byte, on both branches where there are two."""
        return (self.digest, self.backport_digest) == (
            self.expected_digest,
            self.expected_backport_digest,
        )
