"""Keeping the record of a run: its beginning and end, its stages, and the report that people read."""

import os
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from importlib.metadata import version

from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
)
from prefect.runtime import flow_run

from mergewright.domain.delivery import Delivery, Outcome, Run
from mergewright.domain.events import (
    Event,
    GateChecked,
    RunFinished,
    RunStarted,
)
from mergewright.domain.gates import Gate
from mergewright.domain.open_effects import LeftOver
from mergewright.domain.requests import DeliveryRequest
from mergewright.domain.undo import MESSAGE
from mergewright.domain.workflow_policy import WorkflowPolicy
from mergewright.errors import (
    MergewrightError,
    RunCancelled,
    RunInterrupted,
)
from mergewright.events import projections
from mergewright.events.journal import utc_now
from mergewright.events.undo_list import open_effects
from mergewright.safety.redaction import redact
from mergewright.texts.delivery import report
from mergewright.texts.timeline import timeline
from tasks._holds import alone_on_ticket, held
from tasks._identity import (
    as_given,
    find_earlier,
    new_run_id,
    request_digest,
    stops_of,
    ticket_as_given,
)
from tasks._models import keep_prompts
from tasks._pins import PACKAGE, pins_of, see_it_may_go_on
from tasks._policies import stage
from tasks._runs import (
    event_store,
    forget_profiles,
    journal_of,
    policy_of,
    profile_of,
    run_folder,
)
from tasks.artifacts import show_end
from tasks.stages import artifact_name

PICTURE = "picture"
"""What a ticket's attachment is called that agents are not shown."""


def begin_run(workflow: str, request: DeliveryRequest, run_id: str | None = None) -> Run:
    """Start a run, or go on with an interrupted one of the same request.

    Args:
        workflow: Name of the flow.
        request: What is asked for.
        run_id: The run to go on with; without it, the newest one of the request that can go on.

    Raises:
        NotFound: The log holds no run of this id.
        SettingInvalid: The run of this id is about another request.
        StoreFailed: The event log cannot be opened or read.
    """
    store = event_store()
    earlier = find_earlier(store, workflow, request, run_id, str(flow_run.id or ""))
    return Run(
        id=earlier.run_id if earlier else new_run_id(request.ticket),
        workflow=workflow,
        policy=request.policy_name(),
        profile=request.profile,
        ticket=ticket_as_given(request.ticket),
        repository=as_given(request.repository),
        base=request.base,
        model=request.model or None,
        budget_usd=Decimal(str(request.budget_usd)),
        approve=stops_of(store, request, earlier),
        dry_run=request.dry_run,
        started_at=earlier.at if earlier else utc_now(),
    )


def policy_kept(run: Run) -> WorkflowPolicy:
    """Return what the run does and may do: by its workflow, as its team has it.

    Raises:
        BlockMissing: There is no profile of its name.
        SettingInvalid: The policy cannot be read.
    """
    return policy_of(run)


@contextmanager
def working_on(run: Run, request: DeliveryRequest) -> Iterator[None]:
    """Hold the run for this process, and say in the log that it began.

    Raises:
        BlockMissing: There is no profile of this name.
        SettingInvalid: A prompt is not what it declares.
        RunInterrupted: Another process works on the run, or what it works with has changed; or
            another run of a workflow that goes alone works on the ticket.
        Rejected: The run came to an end that nothing goes on from.
        StoreFailed: The event log or the run's folder cannot be written.
    """
    with ExitStack() as stack:
        stack.enter_context(held(run, lambda error: _is_held(run, error)))
        forget_profiles()
        stack.enter_context(alone_on_ticket(run))
        profile = profile_of(run)
        journal = journal_of(run, "", profile)
        keep_prompts()
        pins, package = pins_of(run, profile), version("mergewright")
        drift = see_it_may_go_on(
            journal.store, run, {PACKAGE: package, **pins}, accept_drift=request.accept_drift
        )
        journal.ledger.reconcile()
        journal.append(
            journal.make(
                RunStarted,
                workflow=run.workflow,
                request=request.model_dump(mode="json"),
                request_digest=request_digest(run.workflow, request),
                ticket=run.ticket,
                repository=run.repository,
                flow_run_id=str(flow_run.id or ""),
                process=f"{socket.gethostname()}:{os.getpid()}",
                package_version=package,
                pins=pins,
            )
        )
        if drift:
            journal.note(f"Goes on although this changed since the run began: {'; '.join(drift)}")
        yield


def _is_held(run: Run, error: RunInterrupted) -> RunInterrupted:
    return RunInterrupted(
        f"Another process works on the run {run.id!r}. {error.message}",
        hint=f"{error.hint} Watch it with `mergewright show {run.id} --follow`, or start another"
        " run with --fresh.",
        run_id=run.id,
    )


def record_gates(run: Run, stage_id: str, gates: tuple[Gate, ...]) -> None:
    """Write to the log how gates came out."""
    journal = journal_of(run, stage_id)
    journal.append(*(journal.make(GateChecked, gate=gate) for gate in gates))


def finish_run(
    run: Run, delivery: Delivery, error: BaseException | None = None, *, stage_id: str = ""
) -> Delivery:
    """Write the end of the run to the log, with the report, and return the completed report."""
    complete = counted(run, delivery)
    journal = journal_of(run, stage_id)
    journal.append(
        journal.make(
            RunFinished,
            outcome=complete.outcome,
            resumable=complete.outcome is Outcome.WAITING
            or (complete.outcome is Outcome.FAILED and is_resumable(error)),
            report=complete.model_dump(mode="json"),
        )
    )
    return complete


def is_resumable(error: BaseException | None) -> bool:
    """Say whether the same request should go on with a failed run: the cause may have gone."""
    return error.resumable if isinstance(error, MergewrightError) else error is not None


def cancelled(run: Run, told: BaseException) -> RunCancelled:
    """Return the error of a run that was told to end, by Ctrl-C or by a signal to its process.

    Raises:
        StoreFailed: The log cannot be read.
    """
    summary = projections.summarise(projections.read_events(event_store(), run.id))
    by = (
        "Ctrl-C" if isinstance(told, KeyboardInterrupt) else "SIGTERM: in Prefect, or by the system"
    )
    where = f" in stage {summary.stage!r}" if summary.stage else ""
    return RunCancelled(
        f"The run was cancelled{where} ({by}).",
        hint=f"The same command goes on where it stopped, and so does: mergewright resume {run.id}",
        run_id=run.id,
    )


def empty_report(run: Run) -> Delivery:
    """Return the report of a run of which nothing is known yet."""
    return Delivery(
        run_id=run.id,
        workflow=run.workflow,
        outcome=Outcome.FAILED,
        repository=run.repository,
        base=run.base,
        started_at=run.started_at,
        finished_at=run.started_at,
    )


def failed(
    delivery: Delivery, error: BaseException, *, outcome: Outcome = Outcome.FAILED
) -> Delivery:
    """Return the report of a run that ended with an error."""
    if isinstance(error, MergewrightError):
        message, hint = error.message, error.hint
    else:
        message, hint = f"{type(error).__name__}: {error}", ""
    return delivery.model_copy(
        update={"outcome": outcome, "error": redact(message), "hint": redact(hint)}
    )


def counted(run: Run, delivery: Delivery) -> Delivery:
    """Return the report with the stages and costs that the log holds now."""
    events = [stored.event for stored in event_store().read(run_id=run.id)]
    return delivery.model_copy(
        update={
            "stages": projections.stages(events),
            "costs": projections.costs(events),
            "left": (*delivery.left, *_untold(delivery, events), *_unseen(delivery)),
            "finished_at": utc_now(),
        }
    )


def _untold(delivery: Delivery, events: Sequence[Event]) -> tuple[LeftOver, ...]:
    """Return whom nobody could tell of what, as the log has it now."""
    known = {one.target for one in delivery.left}
    return tuple(
        LeftOver(effect=one.effect, target=one.target, reason=one.reason, remedy=one.remedy)
        for one in open_effects(events)
        if one.effect == MESSAGE and one.reason and one.target not in known and not one.due_at
    )


def _unseen(delivery: Delivery) -> tuple[LeftOver, ...]:
    """Return the ticket's pictures that agents were not shown."""
    known = {one.target for one in delivery.left if one.effect == PICTURE}
    files = delivery.ticket.attachments if delivery.ticket else ()
    return tuple(
        LeftOver(
            effect=PICTURE,
            target=one.name,
            reason=f"Agents were not shown it: {one.unseen}.",
            remedy="Say in the ticket what it shows.",
        )
        for one in files
        if one.unseen and one.name not in known
    )


@stage("Write the report", kept=False)
def write_report(run: Run, delivery: Delivery) -> str:
    """Publish the report as a Prefect artifact and a file; return the file's path."""
    return publish_report(run, counted(run, delivery))


def publish_report(run: Run, complete: Delivery) -> str:
    """Publish a report as it is, over an earlier one of the run; return the file's path."""
    text = redact(report(complete))
    name = artifact_name(run)
    show_end(run, complete)
    create_markdown_artifact(key=f"report-{name}", markdown=text, description="Report of the run")
    if policy_of(run).timeline:
        told = redact(timeline(complete, projections.read_events(event_store(), run.id)))
        create_markdown_artifact(
            key=f"timeline-{name}", markdown=told, description="What happened when"
        )
    if complete.pull_request is not None:
        create_link_artifact(
            key=f"pull-request-{name}",
            link=complete.pull_request.url,
            link_text=f"#{complete.pull_request.number} {complete.pull_request.title}",
            description="The pull request",
        )
    path = run_folder(run) / "report.md"
    path.write_text(text, encoding="utf-8")
    return str(path)
