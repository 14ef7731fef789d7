"""undo: take back what a run did outside."""

from prefect import flow

from flows._names import asked_run
from flows._undoing import undo_all
from mergewright.domain.undo import STAGE, UndoReport, UndoRequest
from tasks.past_runs import find_run, holding
from tasks.undo import write_undo_report


def name_run() -> str:
    """Return the run's name: the run that is undone."""
    return f"Undo {asked_run()}"


@flow(flow_run_name=name_run, validate_parameters=True)
def undo(request: UndoRequest) -> UndoReport:
    """Take back what a run did outside.

    In reverse order: move the ticket back, remove the comment, bring the page back to what it was,
    close the pull request, delete the branch. At the end, people who were told are sent a
    correction. What someone else has changed since is kept, and the report says why.

    It may be repeated: what is undone stays undone, what was kept is tried again. It costs nothing.

    Args:
        request: Which run.
    """
    run = find_run(request.run_id)
    with holding(run, orphaned=request.orphaned, to=STAGE):
        report = undo_all(run, dry_run=request.dry_run)
    write_undo_report(run, report)
    return report
