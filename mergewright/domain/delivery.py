"""A run and its report: what was delivered, how, and what it cost."""

from decimal import Decimal
from enum import StrEnum

from pydantic import AwareDatetime, Field

from mergewright.domain.backport import Backport
from mergewright.domain.changeset import ChangeOrigin, Changeset
from mergewright.domain.checks import CheckReport, ProofRun, SandboxLevel
from mergewright.domain.comparison import Comparison
from mergewright.domain.documentation import DocumentationState
from mergewright.domain.gates import Gate
from mergewright.domain.open_effects import LeftOver
from mergewright.domain.page import Page
from mergewright.domain.plan import Plan, Research
from mergewright.domain.pull_request import PullRequest
from mergewright.domain.release import Release
from mergewright.domain.reproduction import Reproduction
from mergewright.domain.requests import ApprovalPoint
from mergewright.domain.review import Review
from mergewright.domain.shown import ShownValue
from mergewright.domain.ticket import Ticket
from mergewright.domain.value import Value


class Run(Value):
    """Who a stage works for: the part of a run's identity that every stage needs."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{2,80}$")
    workflow: str
    policy: str = ""
    """Workflow whose policy holds instead of its own: that of the run it goes on with."""
    profile: str
    ticket: str
    """The ticket as the request names it: key or file."""
    repository: str
    base: str
    model: str | None
    budget_usd: Decimal
    approve: tuple[ApprovalPoint, ...] = ()
    dry_run: bool = False
    started_at: AwareDatetime
    with_prompt: str = ""
    """Version of a prompt, as `NAME@DIGEST`: a replay asks a model from where it is first used."""


class Outcome(StrEnum):
    """How a run ended."""

    DELIVERED = "delivered"
    """The pull request is open."""
    REHEARSED = "rehearsed"
    """A dry run got as far as a dry run goes."""
    NOT_READY = "not ready"
    """The ticket cannot be worked on as it is; the questions are in the report."""
    NOTHING_TO_DO = "nothing to do"
    """All was as it should be: no model was asked, and nothing was changed."""
    WAITING = "waiting"
    """It waits for a person's answer, without a process, and goes on with it."""
    FAILED = "failed"


class StageState(StrEnum):
    """How far a stage is."""

    RUNNING = "running"
    DONE = "done"
    REUSED = "reused"
    """Its result was found, not computed again."""
    FAILED = "failed"


class StageRecord(Value):
    """One stage of a run, as the log tells it."""

    name: str
    state: StageState
    started_at: AwareDatetime
    seconds: float = 0.0
    cost_usd: Decimal = Decimal(0)
    calls: int = 0
    """Model calls paid for in this stage."""
    detail: str = ""
    """Last thing that happened in it, in words."""


class Costs(Value):
    """What a run has spent and still holds back."""

    settled_usd: Decimal = Decimal(0)
    reserved_usd: Decimal = Decimal(0)
    """Worst case of calls that are under way."""
    calls: int = 0
    """Model calls paid for."""
    replayed: int = 0
    """Answers taken from the log instead of being paid for again."""
    input_tokens: int = 0
    output_tokens: int = 0
    recorded: bool = False
    """Whether all answers came from a recording, so that nothing was really paid."""
    recorded_usd: Decimal = Decimal(0)
    """What of the settled sum is the list price of recorded answers, which nobody paid."""
    recorded_calls: int = 0
    """How many of the calls a recording answered."""

    @property
    def paid_usd(self) -> Decimal:
        """What was really paid."""
        return self.settled_usd - self.recorded_usd

    @property
    def is_mixed(self) -> bool:
        """Whether some answers came from a recording, and others were paid for."""
        return bool(self.recorded_calls) and not self.recorded


class Delivery(ShownValue):
    """The report of a run."""

    run_id: str
    workflow: str
    outcome: Outcome
    ticket: Ticket | None = None
    repository: str
    branch: str = ""
    base: str = ""
    base_commit: str = ""
    commit: str = ""
    model: str = ""
    recorded: bool = False
    """Whether the model's answers came from a recording."""
    sandbox: SandboxLevel | None = None
    documentation: DocumentationState | None = None
    """What was found of the documentation, where that is what the run is about."""
    release: Release | None = None
    """The release that was mended; None for work on any branch."""
    severity: str = ""
    """How bad the fault is, as the request says."""
    reproduction: Reproduction | None = None
    research: Research | None = None
    plan: Plan | None = None
    changeset: Changeset | None = None
    origin: ChangeOrigin | None = None
    """Where the change came from; None when it is as it passed the gates first."""
    follows: str = ""
    """The run whose pull request this run goes on with; empty for a run of its own."""
    comparison: Comparison | None = None
    """What came of a team's old script on the same ticket, where the run is held against one."""
    checks: CheckReport | None = None
    proof: ProofRun | None = None
    """The two runs that prove the change; None where no test does."""
    gates: tuple[Gate, ...] = ()
    review: Review | None = None
    repair_rounds: int = 0
    pull_request: PullRequest | None = None
    backport: Backport | None = None
    """What became of the same change for the main branch; None where nobody wants it there."""
    page: Page | None = None
    questions: tuple[str, ...] = ()
    left: tuple[LeftOver, ...] = ()
    """What the run went on without, and what does it later."""
    stages: tuple[StageRecord, ...] = ()
    costs: Costs = Costs()
    error: str = ""
    hint: str = ""
    started_at: AwareDatetime
    finished_at: AwareDatetime
