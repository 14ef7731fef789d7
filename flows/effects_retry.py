"""effects_retry: do later what runs went on without."""

from prefect import flow

from flows._names import asked_run
from mergewright.domain.delivery import Run
from mergewright.domain.open_effects import (
    STAGE,
    EffectsReport,
    EffectsRetryRequest,
    OpenEffect,
    RetriedEffect,
)
from mergewright.errors import MergewrightError, RunInterrupted, StoreFailed
from tasks import records, retries, stages
from tasks.past_runs import find_run, holding
from tasks.retries import Later


def name_run() -> str:
    """Return the run's name: the run of which something is open."""
    return f"Effects of {asked_run() or 'all runs'}"


@flow(flow_run_name=name_run, validate_parameters=True)
def effects_retry(request: EffectsRetryRequest) -> EffectsReport:
    """Do later what runs went on without: pages, messages, comments and transitions.

    Nothing is done twice, and nothing is paid. What fails again stays open. The run's report is
    written anew, with what was done later. A run that still works is refused, or passed over when
    all are asked for.

    Args:
        request: Which runs.
    """
    came: list[RetriedEffect] = []
    for run_id in (request.run_id,) if request.run_id else retries.runs_with_open_effects():
        try:
            came += _retry(find_run(run_id), orphaned=request.orphaned)
        except RunInterrupted:
            if request.run_id:
                raise
    return EffectsReport(effects=tuple(came))


def _retry(run: Run, *, orphaned: bool) -> list[RetriedEffect]:
    with holding(run, orphaned=orphaned, to=STAGE):
        effects = retries.open_of(run.id)
        if not effects:
            return []
        with stages.recorded_stage(run, STAGE, "Do later what was left") as outcome:
            later = [Later(effect, _retry_one(run, effect)) for effect in effects]
            done = sum(one.is_done for one in later)
            outcome.summary = f"{done} of {len(later)} done"
        report = retries.amend_report(run, later)
    if report is not None:
        records.publish_report(run, report)
    return [one.came for one in later]


def _retry_one(run: Run, effect: OpenEffect) -> RetriedEffect:
    state = retries.retry_effect(run, effect, return_state=True)
    result = state.result(raise_on_failure=False)
    if isinstance(result, MergewrightError) and not isinstance(result, StoreFailed):
        return retries.still_open(effect, result)
    if isinstance(result, Exception):
        raise result
    return result
