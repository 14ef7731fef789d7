"""close: end runs that were interrupted or wait, and that nobody goes on with."""

from prefect import flow

from flows._names import asked_run
from mergewright.domain.close import STAGE, ClosedRun, CloseReport, CloseRequest
from mergewright.domain.delivery import Outcome, Run
from mergewright.errors import MergewrightError, RunInterrupted, StoreFailed
from mergewright.events.projections import RUNNING
from mergewright.safety.redaction import redact
from tasks import closing, records, stages
from tasks.past_runs import holding


def name_run() -> str:
    """Return the run's name: the run that is closed."""
    return f"Close {asked_run() or 'interrupted runs'}"


@flow(flow_run_name=name_run, validate_parameters=True)
def close(request: CloseRequest) -> CloseReport:
    """Close runs that nobody goes on with: write their end to the log, and tell their tickets.

    A closed run is not gone on with: the same request begins another one. A run that waits for
    people is closed when it is named: its question is withdrawn, and Prefect's suspended run ends. A
    run that still works is refused, or passed over when all interrupted ones are asked for. It may
    be repeated, and costs nothing.

    Args:
        request: Which runs, and why.
    """
    came = []
    for run in closing.runs_to_close(request):
        try:
            came.append(_close(run, request))
        except RunInterrupted:
            if request.run_id:
                raise
    return CloseReport(runs=tuple(came))


def _close(run: Run, request: CloseRequest) -> ClosedRun:
    with holding(run, orphaned=request.orphaned, to=STAGE):
        outcome = closing.outcome_of(run)
        is_open = outcome in {RUNNING, Outcome.WAITING}
        if not is_open and not closing.is_ticket_untold(run):
            return ClosedRun(run_id=run.id, closed=False, outcome=outcome)
        report = closing.closing_report(run, request.reason)
        comment, untold = "", ""
        ended: tuple[str, ...] = ()
        try:
            with stages.recorded_stage(run, STAGE, "Close the run"):
                comment = closing.tell_ticket(run, report)
        except StoreFailed:
            raise
        except MergewrightError as error:
            untold = redact(error.message)
        if is_open:
            outcome = closing.end_run(run, report).outcome
            records.write_report(run, report)
            ended = closing.close_question(run)
        return ClosedRun(
            run_id=run.id,
            closed=is_open,
            outcome=outcome,
            comment=comment,
            untold=untold,
            flow_runs=ended,
        )
