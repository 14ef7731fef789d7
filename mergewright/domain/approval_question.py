"""What a run asks a person, bound to all that they decide about; and what a flow makes of the answer."""

import hashlib
import json
from decimal import Decimal
from enum import StrEnum

from mergewright.domain.approval_identity import Identity
from mergewright.domain.approval_policy import ApprovalPolicy
from mergewright.domain.plan import Plan
from mergewright.domain.requests import ApprovalPoint
from mergewright.domain.value import Value

SHOWN_CHARACTERS = 12
"""Of a digest, where a person reads or types it."""


class Target(Value):
    """Where what is approved goes."""

    repository: str
    base: str
    base_commit: str = ""
    """Empty where the answer holds for whatever commit the base is at."""
    branch: str = ""
    ticket: str = ""
    profile: str = ""


class Bound(Value):
    """All that an answer is bound to: a changed byte of it voids the answer."""

    point: ApprovalPoint
    shown: str
    """Markdown that a person is shown."""
    plan: Plan | None = None
    diff_digest: str = ""
    """SHA-256 of the diff; empty before there is one."""
    cost_usd: Decimal = Decimal(0)
    """What the run has cost on its way to the question."""
    target: Target
    policy: ApprovalPolicy = ApprovalPolicy()
    """By which rules it may be answered."""

    @property
    def digest(self) -> str:
        """SHA-256 of all of it."""
        fields = self.model_dump(mode="json")
        # 0.10 and 0.1 are one amount
        fields["cost_usd"] = format(self.cost_usd.normalize(), "f")
        canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()


class Verdict(StrEnum):
    """What a person can answer."""

    APPROVE = "approve"
    SEND_BACK = "send back"
    """Rejected; the reason goes back to the agent."""
    END = "end the run"
    """Rejected; nothing is tried again."""


class Given(Value):
    """An answer as a door takes it."""

    verdict: Verdict
    person: Identity
    door: str
    """Where it was given: `terminal`, `command`, `form` ..."""
    comment: str = ""
    plan: Plan | None = None
    """The plan as the person edited it; None when they did not."""
    digest: str = ""
    """SHA-256, or its beginning, of what the person saw; empty where the door cannot tell."""


class Answer(Value):
    """What a flow makes of the answers."""

    approved: bool
    waits: bool = False
    """Nobody has decided yet: the run lets go of its process."""
    by: tuple[str, ...] = ()
    comment: str = ""
    """What who approved had to say; why it was rejected."""
    plan: Plan | None = None
    """The plan as a person edited it; None when nobody did."""
    question: str = ""
    """Natural key of the question."""
    flow_run_id: str = ""
    """Prefect's run that is to be suspended; empty where nothing can be."""


def question_key(point: str, digest: str, number: int = 0) -> str:
    """Return the natural key of a question: the same bytes asked again after nobody answered differ."""
    return f"{point}:{digest}#{number}" if number else f"{point}:{digest}"
