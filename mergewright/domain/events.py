"""What a run did, as a closed union of typed, versioned events.

The log is the only truth (design idea 2): balance, run state, costs and audit are projections of
these events. An event is never changed; a new shape gets a new `version`.
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from mergewright.domain.approval_events import (
    ApprovalAwaited,
    ApprovalDecided,
    ApprovalExpired,
    ApprovalRequested,
)
from mergewright.domain.gates import Gate
from mergewright.domain.logged_event import Json, LoggedEvent
from mergewright.domain.polling import TicketSeen
from mergewright.domain.undo import UndoOutcome


class RunStarted(LoggedEvent):
    """A run began, or began again after an interruption."""

    type: Literal["run_started"] = "run_started"
    workflow: str
    request: Json
    request_digest: str
    """SHA-256 of what makes two requests the same work."""
    ticket: str
    repository: str
    flow_run_id: str = ""
    process: str
    """Host and process id that works on the run."""
    package_version: str
    pins: dict[str, str] = Field(default_factory=dict)
    """What the run works with, by name: digests of prompts and policy, names of models."""


class RunFinished(LoggedEvent):
    """A run ended, well or not."""

    type: Literal["run_finished"] = "run_finished"
    outcome: str
    resumable: bool = False
    """Whether the same request goes on with this run instead of starting a new one."""
    report: Json = Field(default_factory=dict)


class StageStarted(LoggedEvent):
    """A stage began."""

    type: Literal["stage_started"] = "stage_started"
    title: str


class StageFinished(LoggedEvent):
    """A stage ended."""

    type: Literal["stage_finished"] = "stage_finished"
    state: Literal["done", "reused", "failed"]
    seconds: float
    summary: str = ""


class FactPinned(LoggedEvent):
    """A fact from outside that the run keeps: whoever goes on with it reads it here."""

    type: Literal["fact_pinned"] = "fact_pinned"
    name: str
    """What it is: `ticket`, `base`; its natural key as well."""
    value: Json


class Noted(LoggedEvent):
    """Something worth showing while it happens."""

    type: Literal["noted"] = "noted"
    text: str


class CallReserved(LoggedEvent):
    """The worst case of a model call was set aside before it was sent."""

    type: Literal["call_reserved"] = "call_reserved"
    reservation_id: str
    step_key: str
    agent: str
    model: str
    worst_case_usd: Decimal = Field(ge=0)
    input_tokens: int
    """Upper estimate."""
    max_output_tokens: int
    recorded: bool = False


class CallSettled(LoggedEvent):
    """A reservation was replaced by what the call really cost."""

    type: Literal["call_settled"] = "call_settled"
    reservation_id: str
    agent: str
    model: str
    cost_usd: Decimal = Field(ge=0)
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    outcome: Literal["answered", "failed", "unknown"]
    """`failed`: the service refused and charges nothing; `unknown`: settled at the worst case."""
    recorded: bool = False
    price_source: str = ""


class ModelAnswered(LoggedEvent):
    """A model call's answer, kept so that it is never paid for again."""

    type: Literal["model_answered"] = "model_answered"
    agent: str
    model: str
    prompt_name: str
    prompt_digest: str
    turn: int = Field(ge=0)
    """How many answers the conversation already held: with the stage, the answer's place."""
    request_digest: str
    answer: Json
    seconds: float


class ToolStarted(LoggedEvent):
    """An agent's tool call is being carried out."""

    type: Literal["tool_started"] = "tool_started"
    agent: str
    tool: str
    summary: str


class ToolFinished(LoggedEvent):
    """A tool call's result and the tree it left, kept so that it is not repeated."""

    type: Literal["tool_finished"] = "tool_finished"
    agent: str
    tool: str
    summary: str
    failed: bool = False
    result: Json
    tree: str = ""
    """Recorded tree after the call."""
    parent: str = ""
    """Recorded tree before the call, where the call changed it."""
    patch: str = ""
    """What makes the tree of its parent, for a machine that has only the log and the remote."""
    seconds: float


class StepReplayed(LoggedEvent):
    """A recorded step was used again instead of being repeated."""

    type: Literal["step_replayed"] = "step_replayed"
    kind: Literal["model", "tool"]
    agent: str


class GateChecked(LoggedEvent):
    """A gate came out."""

    type: Literal["gate_checked"] = "gate_checked"
    gate: Gate


class EffectIntended(LoggedEvent):
    """Something outside is about to be changed."""

    type: Literal["effect_intended"] = "effect_intended"
    effect: str
    target: str
    before: Json = Field(default_factory=dict)
    """What was there before: what undoing the effect brings back."""
    wanted: Json = Field(default_factory=dict)
    """What is to be there: by this, undoing tells ours from what others made of it since."""
    effect_key: str = ""
    """Natural key of the effect, where this intent takes the place of an earlier one."""
    put_off: bool = False
    """Whether it is to be done later: nothing came of it so far, and nothing is there to undo."""
    refused: bool = False
    """Whether the service said no: trying again helps only once something has been changed there."""
    reason: str = ""
    """Why it is put off, or was refused, in words."""


class EffectDone(LoggedEvent):
    """Something outside was changed, or found to be changed already."""

    type: Literal["effect_done"] = "effect_done"
    effect: str
    target: str
    found: bool
    """Whether it was there before this attempt."""
    reference: str = ""
    """URL, commit or number by which it is found again."""
    result: Json = Field(default_factory=dict)


class EffectUndone(LoggedEvent):
    """Undoing an effect was tried, and came out like this."""

    type: Literal["effect_undone"] = "effect_undone"
    effect: str
    target: str
    effect_key: str
    """Natural key of the effect. An effect that was kept may be tried again, and has no key here."""
    outcome: UndoOutcome
    reason: str
    """Why it came out so, in words."""
    reference: str = ""
    """Where to look: what was kept, or the correction that was sent."""


Event = Annotated[
    RunStarted
    | RunFinished
    | StageStarted
    | StageFinished
    | FactPinned
    | Noted
    | CallReserved
    | CallSettled
    | ModelAnswered
    | ToolStarted
    | ToolFinished
    | StepReplayed
    | GateChecked
    | ApprovalRequested
    | ApprovalDecided
    | ApprovalAwaited
    | ApprovalExpired
    | EffectIntended
    | EffectDone
    | EffectUndone
    | TicketSeen,
    Field(discriminator="type"),
]

EVENT: TypeAdapter[Event] = TypeAdapter(Event)
