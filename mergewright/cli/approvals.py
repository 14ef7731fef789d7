"""Approving and rejecting what a run asks for: the terminal's question and two commands."""

import getpass
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal, NamedTuple

from cyclopts import Parameter

from mergewright.cli.exit_codes import OK
from mergewright.cli.output import human_console, print_json
from mergewright.cli.selection import events_of, find_run, open_log
from mergewright.domain.events import (
    ApprovalDecided,
    ApprovalRequested,
    Event,
    RunFinished,
    RunStarted,
    StageStarted,
)
from mergewright.errors import NotFound, Rejected
from mergewright.events.store import EventStore

YES = {"y", "yes"}
NO = {"n", "no", ""}


class Answer(NamedTuple):
    """What a person said."""

    approved: bool
    comment: str = ""


def read_answer(text: str) -> Answer:
    """Read an answer: yes or no with an optional comment; anything else is a no that says why."""
    word, _, rest = text.strip().partition(" ")
    word = word.strip(",.;:!").lower()
    if word in YES or word in NO:
        return Answer(word in YES, rest.strip())
    return Answer(approved=False, comment=text.strip())


def open_request(events: Sequence[Event], point: str = "") -> ApprovalRequested | None:
    """Return what the run waits for, if it runs and waits for a person.

    A run that goes on finds its question in the log and does not write it again, so the question
    is open from when the resumed run is back in that stage.
    """
    request: ApprovalRequested | None = None
    current = False
    for event in events:
        match event:
            case ApprovalRequested() if point in ("", event.point):
                request, current = event, True
            case ApprovalDecided() if request and (event.point, event.digest) == (
                request.point,
                request.digest,
            ):
                request = None
            case RunStarted() | RunFinished():
                current = False
            case StageStarted() if request and event.stage == request.stage:
                current = True
            case _:
                pass
    return request if current else None


def decide(
    store: EventStore,
    request: ApprovalRequested,
    answer: Answer,
    *,
    door: Literal["terminal", "command"],
) -> ApprovalDecided:
    """Write a decision; return the one that counts, which is the first.

    Raises:
        StoreFailed: The log cannot be written.
    """
    decision = ApprovalDecided(
        run_id=request.run_id,
        stage=request.stage,
        at=datetime.now(UTC),
        key=f"{request.point}:{request.digest}",
        point=request.point,
        digest=request.digest,
        approved=answer.approved,
        by=user_name(),
        door=door,
        comment=answer.comment,
    )
    (stored,) = store.append([decision])
    return stored.event if isinstance(stored.event, ApprovalDecided) else decision


def user_name() -> str:
    """Return the name of the person at this terminal, as far as the system knows it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def approve(
    run: str,
    /,
    *,
    stage: Literal["plan", "change"] | None = None,
    comment: str = "",
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Approve what a run waits for.

    Args:
        run: Id of the run, the start of it, or `last`.
        stage: What to approve; may be left out when the run waits for one thing.
        comment: A word to whoever reads the log.
        json: Print the decision as JSON.
    """
    return _decide_by_command(run, stage, Answer(approved=True, comment=comment), as_json=json)


def reject(
    run: str,
    /,
    *,
    stage: Literal["plan", "change"] | None = None,
    comment: str = "",
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Reject what a run waits for, which ends the run.

    Args:
        run: Id of the run, the start of it, or `last`.
        stage: What to reject; may be left out when the run waits for one thing.
        comment: Why; it is in the report.
        json: Print the decision as JSON.
    """
    return _decide_by_command(run, stage, Answer(approved=False, comment=comment), as_json=json)


def _decide_by_command(run: str, stage: str | None, answer: Answer, *, as_json: bool) -> int:
    store = open_log()
    run_id = find_run(store, run)
    events = events_of(store, run_id)
    request = open_request(events, stage or "")
    if request is None:
        raise _nothing_asked(run_id, stage, events)
    decision = decide(store, request, answer, door="command")
    word = "approved" if decision.approved else "rejected"
    if decision.approved is not answer.approved:
        raise Rejected(
            f"The {decision.point} of {run_id} was {word} by {decision.by!r} in the meantime.",
            hint="The first answer counts.",
        )
    if as_json:
        print_json(decision.model_dump(mode="json"))
    else:
        human_console(as_json=False).print(f"The {decision.point} of {run_id} is {word}.")
    return OK


def _nothing_asked(run_id: str, stage: str | None, events: Sequence[Event]) -> NotFound | Rejected:
    last = next((e for e in reversed(events) if isinstance(e, RunStarted | RunFinished)), None)
    if isinstance(last, RunFinished):
        return Rejected(
            f"Run {run_id} is finished ({last.outcome}): nothing is left to decide.",
            hint=f"See it with: mergewright show {run_id}",
        )
    what = f"approval of the {stage}" if stage else "an approval"
    other = open_request(events)
    hint = f"It asks for the {other.point}: --stage {other.point}" if other else ""
    return NotFound(
        f"Run {run_id} does not ask for {what}.",
        hint=hint or f"See where it is with: mergewright show {run_id} --follow",
    )
