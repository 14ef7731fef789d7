"""The question as a form of Prefect's: the run is suspended, and filling in the form wakes it.

A suspended run has no process and holds nothing; when it is woken, its flow begins again from the
top and comes back to the question, whose answers the log and the form hold.

Source: `prefect.flow_runs.suspend_flow_run` and `prefect.server.api.flow_runs.resume_flow_run`
3.8.8, read and run 2026-11-20: the server validates the form, keeps it as `<key>-response` and
schedules the run; an empty form of a type with required fields is refused; who filled it in is not
kept, so that the form has to ask.
"""

import hashlib
from typing import Any, Literal, NamedTuple
from uuid import UUID

import httpx
from prefect import get_run_logger
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRunInput
from prefect.exceptions import FlowPauseTimeout, NotPausedError, ObjectNotFound
from prefect.flow_runs import resume_flow_run, suspend_flow_run
from prefect.input import RunInput
from prefect.runtime import deployment, flow_run
from pydantic import AwareDatetime, Field, ValidationError

from mergewright.domain.approval_events import ApprovalRequested
from mergewright.domain.approval_identity import read_identity
from mergewright.domain.approval_question import Given, Verdict
from mergewright.domain.plan import Plan
from mergewright.errors import ServiceUnavailable, SettingInvalid
from mergewright.events.journal import utc_now
from mergewright.texts.approvals import form_description
from mergewright.texts.approvals_plan import MAX_CHARACTERS, plan_document, read_plan

DOOR = "form"
LOOK_AGAIN = "look again"
MAX_DESCRIPTION_CHARACTERS = 120_000
MAX_INPUTS = 200
"""Most that Prefect gives at once; each form of a question takes three."""


def _plan_field(document: str) -> Any:  # noqa: ANN401 - a field is of any type, as pydantic has it
    """Return the field that holds a plan as a document to edit."""
    return Field(
        default=document,
        title="Plan",
        max_length=MAX_CHARACTERS,
        description=(
            "What is going to be done. If you change it here and approve, the run goes on with your"
            " plan: keep the headings, and a line for each item."
        ),
        json_schema_extra={"position": 3},
    )


class ApprovalForm(RunInput):
    """What a person fills in below the question."""

    decision: Literal["approve", "send back", "end the run", "look again"] = Field(
        title="Decision",
        description=(
            "approve; send back: the agent does it again, with your reason; end the run; look again:"
            " somebody has answered elsewhere."
        ),
        json_schema_extra={"position": 0},
    )
    person: str = Field(
        title="Your name",
        min_length=1,
        max_length=200,
        description="Who you are, as Ada Moreau <ada@example.org>; the log keeps it.",
        json_schema_extra={"position": 1},
    )
    comment: str = Field(
        default="",
        title="Comment or reason",
        max_length=10_000,
        description="What is wrong, if you send it back; else a word to whoever reads the log.",
        json_schema_extra={"position": 2},
    )


class PlanForm(ApprovalForm):
    """The same where a plan is asked about."""

    plan: str = _plan_field("")


class FormAnswer(NamedTuple):
    """A form that was filled in, and when."""

    given: Given
    at: AwareDatetime
    edited: str = ""
    """The plan as a person changed it; empty where they did not."""

    def with_plan(self) -> Given:
        """Return what was given, with the plan that was edited.

        Raises:
            SettingInvalid: A part of it cannot be read; names the line.
        """
        if not self.edited or self.given.verdict is not Verdict.APPROVE:
            return self.given
        try:
            plan = read_plan(self.edited, "The plan in the form")
        except SettingInvalid as error:
            hint = "What was typed is in the form below: mend that line there."
            raise SettingInvalid(error.message, hint=hint) from error
        return self.given.model_copy(update={"plan": plan})


def suspendable_run() -> str:
    """Return the id of Prefect's run if it can be suspended; empty where it has no deployment."""
    return str(flow_run.id) if deployment.id and flow_run.id else ""


def form_answers(question: ApprovalRequested, flow_run_id: str) -> tuple[FormAnswer, ...]:
    """Return the answers that came by the forms of a question, oldest first.

    Raises:
        ServiceUnavailable: The Prefect server does not answer.
    """
    answers: list[FormAnswer] = []
    for one in _filled_in(question, flow_run_id):
        try:
            form = PlanForm(**one.decoded_value)
        except (ValidationError, TypeError, ValueError):
            get_run_logger().warning("The form %r cannot be read and is passed over.", one.key)
            continue
        if form.decision != LOOK_AGAIN:
            edited = "" if _is_as_asked(form.plan, question) else form.plan
            answers.append(FormAnswer(_given(form), one.created or utc_now(), edited))
    return tuple(answers)


def suspend(question: ApprovalRequested, refusals: tuple[str, ...]) -> None:
    """Suspend this flow run until its form is filled in, or somebody wakes it.

    Args:
        question: What the form asks.
        refusals: Why answers by the form were not taken.

    Raises:
        Pause: Always, where Prefect takes the suspension; it ends the process.
        ServiceUnavailable: The Prefect server does not answer.
    """
    text = form_description(question, refusals, MAX_DESCRIPTION_CHARACTERS)
    filled_in = _filled_in(question, suspendable_run())
    form: type[ApprovalForm]
    if question.plan:
        document = _last_edited(filled_in) or plan_document(Plan.model_validate(question.plan))
        form = PlanForm.with_initial_data(description=text, plan=_plan_field(document))
    else:
        form = ApprovalForm.with_initial_data(description=text)
    suspend_flow_run(wait_for_input=form, key=f"{_stem(question)}-{len(filled_in)}")


def wake(flow_run_id: str) -> bool:
    """Wake a suspended run; return whether it was suspended.

    Raises:
        ServiceUnavailable: The Prefect server does not answer, or refuses.
    """
    filled_in = {"decision": LOOK_AGAIN, "person": "mergewright", "comment": ""}
    try:
        resume_flow_run(UUID(flow_run_id), run_input=filled_in)
    except (NotPausedError, ObjectNotFound, FlowPauseTimeout):
        return False
    except (httpx.HTTPError, RuntimeError) as error:
        raise ServiceUnavailable(
            f"Prefect's run {flow_run_id!r} could not be woken: {error}.",
            hint="The answer is in the log. Wake the run in the Prefect UI with `look again`, or wait"
            " for the next `mergewright notices send-due`.",
        ) from error
    return True


def _given(form: ApprovalForm) -> Given:
    return Given(
        verdict=Verdict(form.decision),
        person=read_identity(form.person),
        door=DOOR,
        comment=form.comment,
    )


def _is_as_asked(document: str, question: ApprovalRequested) -> bool:
    """Say whether a document is the plan that is asked about, or none; browsers change line ends."""
    given = document.replace("\r\n", "\n").strip()
    if not given or not question.plan:
        return not given
    return given == plan_document(Plan.model_validate(question.plan)).strip()


def _last_edited(filled_in: list[FlowRunInput]) -> str:
    """Return the plan of the last form that had one: what was not taken is not lost."""
    values = (one.decoded_value for one in reversed(filled_in))
    plans = (str(value.get("plan", "")) for value in values if isinstance(value, dict))
    return next((document for document in plans if document.strip()), "")


def _filled_in(question: ApprovalRequested, flow_run_id: str) -> list[FlowRunInput]:
    """Return the forms of a question that were filled in, oldest first."""
    prefix = f"suspended-{_stem(question)}-"
    try:
        with get_client(sync_client=True) as client:
            kept = client.filter_flow_run_input(UUID(flow_run_id), prefix, MAX_INPUTS, set())
    except httpx.HTTPError as error:
        raise ServiceUnavailable(
            f"The Prefect server does not say how its form was answered: {error}.",
            hint="See that it runs; the answer is kept there.",
        ) from error
    return [one for one in kept if one.key.endswith("-response")]


def _stem(question: ApprovalRequested) -> str:
    """Return what the keys of a question's forms begin with: letters, digits and dashes."""
    digest = hashlib.sha256(question.key.encode()).hexdigest()[:24]
    return f"{question.point}-{digest}"
