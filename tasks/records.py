"""Keeping the record of a run: its beginning and end, its stages, and the report that people read."""

import fcntl
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from importlib.metadata import version
from time import perf_counter

from prefect.artifacts import (
    create_link_artifact,
    create_markdown_artifact,
    create_progress_artifact,
    update_progress_artifact,
)
from prefect.runtime import flow_run

from mergewright.domain.delivery import Delivery, Outcome, Run
from mergewright.domain.events import (
    GateChecked,
    RunFinished,
    RunStarted,
    StageFinished,
    StageStarted,
)
from mergewright.domain.gates import Gate
from mergewright.domain.requests import StandardDevRequest
from mergewright.errors import MergewrightError, RunInterrupted, StoreFailed
from mergewright.events import projections
from mergewright.events.journal import utc_now
from mergewright.safety.redaction import redact
from mergewright.texts.delivery import report
from tasks._identity import (
    as_given,
    find_earlier,
    new_run_id,
    request_digest,
    ticket_as_given,
)
from tasks._models import keep_prompts
from tasks._pins import PACKAGE, pins_of, see_it_may_go_on
from tasks._policies import stage
from tasks._runs import event_store, forget_profiles, journal_of, profile_of, run_folder
from tasks._summaries import summarise_result

STAGES_OF_A_RUN = 17
"""Stages of a run without repairs: the scale of the progress artifact."""


def begin_run(workflow: str, request: StandardDevRequest, run_id: str | None = None) -> Run:
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
    earlier = find_earlier(event_store(), workflow, request, run_id, str(flow_run.id or ""))
    return Run(
        id=earlier.run_id if earlier else new_run_id(request.ticket),
        workflow=workflow,
        profile=request.profile,
        ticket=ticket_as_given(request.ticket),
        repository=as_given(request.repository),
        base=request.base,
        model=request.model or None,
        budget_usd=Decimal(str(request.budget_usd)),
        approve=request.approve,
        dry_run=request.dry_run,
        started_at=earlier.at if earlier else utc_now(),
    )


@contextmanager
def working_on(run: Run, request: StandardDevRequest) -> Iterator[None]:
    """Hold the run for this process, and say in the log that it began.

    Raises:
        BlockMissing: There is no profile of this name.
        SettingInvalid: A prompt is not what it declares.
        RunInterrupted: Another process works on the run, or what it works with has changed.
        Rejected: The run came to an end that nothing goes on from.
        StoreFailed: The event log or the run's folder cannot be written.
    """
    with _locked(run):
        forget_profiles()
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


@contextmanager
def _locked(run: Run) -> Iterator[None]:
    folder = run_folder(run)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise StoreFailed(
            f"The run's folder {str(folder)!r} cannot be written: {error.strerror}.",
            hint="Free some space, or set MERGEWRIGHT_HOME to a folder on another disk.",
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RunInterrupted(
                f"Another process works on the run {run.id!r}.",
                hint=f"Watch it with `mergewright show {run.id} --follow`, or start another run with"
                " --fresh.",
                run_id=run.id,
            ) from error
        yield


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
            resumable=complete.outcome is Outcome.FAILED and is_resumable(error),
            report=complete.model_dump(mode="json"),
        )
    )
    return complete


def is_resumable(error: BaseException | None) -> bool:
    """Say whether the same request should go on with a failed run: the cause may have gone."""
    return error.resumable if isinstance(error, MergewrightError) else error is not None


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
            "finished_at": utc_now(),
        }
    )


@dataclass(slots=True)
class StageOutcome:
    """How a stage went, for its record."""

    reused: bool = False
    summary: str = ""

    def came_out(self, result: object, *, reused: bool) -> None:
        """Note what the stage returned, and whether it had returned it before."""
        self.reused = reused
        self.summary = summarise_result(result)


@contextmanager
def recorded_stage(run: Run, stage_id: str, title: str) -> Iterator[StageOutcome]:
    """Say in the log that a stage began and how it ended."""
    journal = journal_of(run, stage_id)
    attempt = stage_id.rpartition("-")[2]
    shown = f"{title} (round {attempt})" if attempt.isdigit() and attempt != "0" else title
    journal.append(journal.make(StageStarted, title=shown))
    began, outcome, state = perf_counter(), StageOutcome(), "failed"
    try:
        yield outcome
        state = "reused" if outcome.reused else "done"
    finally:
        seconds = round(perf_counter() - began, 3)
        journal.append(
            journal.make(StageFinished, state=state, seconds=seconds, summary=outcome.summary)
        )


@stage("Write the report", kept=False)
def write_report(run: Run, delivery: Delivery) -> str:
    """Publish the report as a Prefect artifact and a file; return the file's path."""
    complete = counted(run, delivery)
    text = report(complete)
    name = _artifact_name(run)
    create_markdown_artifact(key=f"report-{name}", markdown=text, description="Report of the run")
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


def _artifact_name(run: Run) -> str:
    return re.sub(r"[^a-z0-9]+", "-", run.id.rsplit("-", 1)[0]).strip("-")


class Progress:
    """The progress artifact of a run.

    Args:
        run: The run it shows.
    """

    def __init__(self, run: Run) -> None:
        self._done = 0
        self._artifact = create_progress_artifact(
            progress=0.0, key=f"progress-{_artifact_name(run)}", description=f"Run {run.id}"
        )

    def step(self) -> None:
        """Count one more stage as done; repairs never take it to the end."""
        self._done += 1
        share = min(self._done / STAGES_OF_A_RUN, 0.99)
        update_progress_artifact(self._artifact, progress=round(100 * share, 1))  # type: ignore[arg-type]  # sync dispatch returns the id

    def finish(self) -> None:
        """Show the run as done."""
        update_progress_artifact(self._artifact, progress=100.0)  # type: ignore[arg-type]  # sync dispatch returns the id
