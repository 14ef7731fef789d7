"""Answering what a run asks: the terminal's question, and three commands."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal, NamedTuple

from cyclopts import Parameter
from rich.console import Console
from rich.text import Text

from mergewright.cli.engine import api_url, prefect_engine
from mergewright.cli.exit_codes import OK
from mergewright.cli.output import human_console, print_json, print_text
from mergewright.cli.selection import events_of, find_run, open_log
from mergewright.clients.person import local_identity
from mergewright.domain.approval_events import (
    ApprovalAwaited,
    ApprovalDecided,
    ApprovalRequested,
)
from mergewright.domain.approval_question import Given, Verdict
from mergewright.domain.approval_standing import Standing, open_question
from mergewright.domain.delivery import Outcome
from mergewright.domain.events import Event, RunFinished, RunStarted
from mergewright.domain.plan import Plan
from mergewright.errors import NotFound, Rejected, ServiceUnavailable, SettingInvalid
from mergewright.events.answers import take_answer
from mergewright.events.store import EventStore
from mergewright.texts.approvals_plan import plan_document, read_plan

YES = {"y", "yes"}
NO = {"n", "no", ""}
TERMINAL, COMMAND = "terminal", "command"

Stage = Literal["plan", "change", "publish"]

_WORDS: Mapping[Verdict, str] = MappingProxyType(
    {
        Verdict.APPROVE: "approved",
        Verdict.SEND_BACK: "rejected and goes back",
        Verdict.END: "rejected, which ends the run",
    }
)


class Said(NamedTuple):
    """What a person said."""

    verdict: Verdict
    comment: str = ""


def read_answer(text: str) -> Said:
    """Read an answer: a yes with an optional comment, a plain no that ends the run, or what is wrong."""
    word, _, rest = text.strip().partition(" ")
    word, rest = word.strip(",.;:!").lower(), rest.strip()
    if word in YES:
        return Said(Verdict.APPROVE, rest)
    if word in NO:
        return Said(Verdict.SEND_BACK, rest) if rest else Said(Verdict.END)
    return Said(Verdict.SEND_BACK, text.strip())


def decide(
    store: EventStore,
    question: ApprovalRequested,
    said: Said,
    *,
    door: str,
    plan: Plan | None = None,
    digest: str = "",
) -> Standing:
    """Take the answer of the person at this machine; return what all answers come to.

    Raises:
        AnswerRefused: It is about other bytes, too late, or not theirs to give.
        StoreFailed: The log cannot be read or written.
    """
    given = Given(
        verdict=said.verdict,
        person=local_identity(),
        door=door,
        comment=said.comment,
        plan=plan,
        digest=digest,
    )
    return take_answer(store, question, given, datetime.now(UTC))


def approve(
    run: str,
    /,
    *,
    stage: Stage | None = None,
    comment: str = "",
    edit: Path | None = None,
    digest: str = "",
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Approve what a run waits for; a suspended run then goes on by itself.

    Args:
        run: Id of the run, the start of it, or `last`.
        stage: What to approve; may be left out when the run waits for one thing.
        comment: A word to whoever reads the log.
        edit: A plan to go on with instead, as a document: begin with what
            `mergewright question RUN --plan` prints.
        digest: The beginning of the digest of what you saw: refused if it has changed since.
        json: Print the answer as JSON.
    """
    plan = None if edit is None else read_plan(_read(edit), str(edit))
    said = Said(Verdict.APPROVE, comment)
    return _decide_by_command(run, stage, said, digest=digest, plan=plan, as_json=json)


def reject(
    run: str,
    /,
    *,
    stage: Stage | None = None,
    comment: Annotated[str, Parameter(name=["--comment", "--reason"])] = "",
    end: Annotated[bool, Parameter(negative="")] = False,
    digest: str = "",
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Reject what a run waits for, and say why: the agent does it again.

    Args:
        run: Id of the run, the start of it, or `last`.
        stage: What to reject; may be left out when the run waits for one thing.
        comment: What is wrong; the agent is told, and it is in the report.
        end: End the run instead.
        digest: The beginning of the digest of what you saw: refused if it has changed since.
        json: Print the answer as JSON.
    """
    said = Said(Verdict.END if end else Verdict.SEND_BACK, comment)
    return _decide_by_command(run, stage, said, digest=digest, as_json=json)


def question(
    run: str = "last",
    /,
    *,
    stage: Stage | None = None,
    plan: Annotated[bool, Parameter(negative="")] = False,
    json: Annotated[bool, Parameter(negative="")] = False,
) -> int:
    """Show what a run waits for, as the Markdown that people decide about.

    Args:
        run: Id of the run, the start of it, or `last`.
        stage: Which question; may be left out when the run waits for one thing.
        plan: Print the plan as a document to edit, for `mergewright approve RUN --edit PLAN.md`.
        json: Print the question as JSON.
    """
    store = open_log()
    run_id = find_run(store, run)
    asked = _asked(run_id, stage, events_of(store, run_id))
    if json:
        print_json(asked.model_dump(mode="json"))
    elif not plan:
        print_text(asked.subject)
    elif asked.plan:
        print_text(plan_document(Plan.model_validate(asked.plan)))
    else:
        raise NotFound(
            f"The question about the {asked.point} of {run_id} is about no plan.",
            hint=f"See it with: mergewright question {run_id}",
        )
    return OK


def _decide_by_command(
    run: str,
    stage: str | None,
    said: Said,
    *,
    digest: str,
    plan: Plan | None = None,
    as_json: bool,
) -> int:
    store = open_log()
    run_id = find_run(store, run)
    asked = _asked(run_id, stage, events_of(store, run_id))
    standing = decide(store, asked, said, door=COMMAND, plan=plan, digest=digest)
    console = human_console(as_json=as_json)
    told = f"The {asked.point} of {run_id} is {_WORDS[said.verdict]}."
    if not standing.is_settled:
        missing = asked.needed - len(standing.approvals)
        told = f"Your yes to the {asked.point} of {run_id} counts; it takes {missing} more."
    if as_json:
        own = _newest(events_of(store, run_id))
        print_json({**own.model_dump(mode="json"), "settled": standing.is_settled})
    else:
        console.print(told)
    if standing.is_settled:
        go_on(console, run_id, events_of(store, run_id))
    return OK


def is_answered(events: Sequence[Event]) -> bool:
    """Say whether a run that let go of its process can go on: what it waited for was answered."""
    last = next((e for e in reversed(events) if isinstance(e, RunStarted | RunFinished)), None)
    waits = isinstance(last, RunFinished) and last.outcome == Outcome.WAITING
    return waits and open_question(events) is None


def go_on(console: Console, run_id: str, events: Sequence[Event]) -> None:
    """Wake a run that is suspended and was answered, or say how it goes on.

    Raises:
        ServiceUnavailable: Prefect's run could not be woken; the answer is in the log.
    """
    last = next((e for e in reversed(events) if isinstance(e, RunStarted | ApprovalAwaited)), None)
    if not isinstance(last, ApprovalAwaited):
        return
    told = f"Go on with it: mergewright resume {run_id}"
    if last.flow_run_id and api_url():
        if _wake(console, last):
            told = "Prefect goes on with it."
    elif last.flow_run_id:
        told = (
            "It is suspended: wake it in the Prefect UI with `look again`, or wait for the next"
            " `mergewright notices send-due` beside its server."
        )
    console.print(Text(told), soft_wrap=True)


def _wake(console: Console, waits: ApprovalAwaited) -> bool:
    try:
        with prefect_engine(console):
            from tasks.approvals import wake  # noqa: PLC0415 - see engine

            return wake(waits.flow_run_id)
    except ServiceUnavailable as error:
        raise ServiceUnavailable(
            f"The answer is in the log, and the suspended run was not woken: {error.message}",
            hint="Wake it in the Prefect UI with `look again`, or with the next"
            " `mergewright notices send-due` beside the server.",
            run_id=waits.run_id,
        ) from error


def _asked(run_id: str, stage: str | None, events: Sequence[Event]) -> ApprovalRequested:
    asked = open_question(events, stage or "", early=True)
    if asked is None:
        raise _nothing_asked(run_id, stage, events)
    return asked


def _newest(events: Sequence[Event]) -> ApprovalDecided:
    return next(event for event in reversed(events) if isinstance(event, ApprovalDecided))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingInvalid(
            f"--edit {str(path)!r} cannot be read: {error}.",
            hint="Give a file in UTF-8, as `mergewright question RUN --plan > PLAN.md` writes it.",
        ) from error


def _nothing_asked(run_id: str, stage: str | None, events: Sequence[Event]) -> NotFound | Rejected:
    last = next((e for e in reversed(events) if isinstance(e, RunStarted | RunFinished)), None)
    if isinstance(last, RunFinished) and last.outcome != Outcome.WAITING:
        return Rejected(
            f"Run {run_id} is finished ({last.outcome}): nothing is left to decide.",
            hint=f"See it with: mergewright show {run_id}",
        )
    what = f"approval of the {stage}" if stage else "an approval"
    other = open_question(events, early=True)
    hint = f"It asks for the {other.point}: --stage {other.point}" if other else ""
    return NotFound(
        f"Run {run_id} does not ask for {what}.",
        hint=hint or f"See where it is with: mergewright show {run_id} --follow",
    )
