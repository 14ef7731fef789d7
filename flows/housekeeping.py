"""housekeeping: remove from this machine what ended runs have left and nothing needs."""

from prefect import flow

from mergewright.domain.housekeeping import HousekeepingReport, HousekeepingRequest
from tasks import housekeeping as tidying

NIGHTLY = HousekeepingRequest()


@flow(flow_run_name="Housekeeping", validate_parameters=True)
def housekeeping(request: HousekeepingRequest = NIGHTLY) -> HousekeepingReport:
    """Remove from this machine what ended runs have left and nothing needs.

    Worktrees, checks folders and environments, which are made again when they are needed. What a
    run that can go on needs is kept, and so is what somebody holds, or what the log does not know.
    Mirrors, reports and the log stay. It costs nothing.

    Args:
        request: How old, and whether only to look.
    """
    days, rehearse = request.older_than_days, request.dry_run
    places = (
        *tidying.tidy_runs(days, dry_run=rehearse),
        *tidying.tidy_environments(days, dry_run=rehearse),
    )
    return tidying.write_report(places, dry_run=rehearse)
