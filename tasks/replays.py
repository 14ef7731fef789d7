"""Reading a run back from the log, to replay it."""

from mergewright.domain.changeset import ChangeOrigin
from mergewright.domain.delivery import Run
from mergewright.domain.events import ModelAnswered, Noted, RunStarted
from mergewright.domain.replay import RecordedRun, ReplayReport
from mergewright.domain.requests import StandardDevRequest
from mergewright.errors import NotFound, Rejected
from mergewright.events.projections import read_events, report_of
from mergewright.settings import settings
from mergewright.testing.recorded import DRIFT, cassette_of, save_cassette
from tasks._models import RECORDED_PREFIX
from tasks._pictures import carry_over
from tasks._runs import event_store, journal_of

REPLAYED = ("standard_dev", "replay")
"""Workflows whose runs can be executed again: from the ticket, by the agents of `standard_dev`."""


def recall_run(run_id: str) -> RecordedRun:
    """Return what the log holds of a run, with its answers as a cassette beside its other files.

    Raises:
        NotFound: The log holds no run of this id.
        Rejected: The run never got as far as a change.
    """
    events = read_events(event_store(), run_id)
    starts = [event for event in events if isinstance(event, RunStarted)]
    if not starts:
        raise NotFound(
            f"There is no run {run_id!r} in the log.", hint="See which there are: mergewright runs"
        )
    report = report_of(events)
    if report is None or report.changeset is None or report.ticket is None:
        raise Rejected(
            f"The run {run_id!r} never got as far as a change: there is nothing to compare with.",
            hint=f"Go on with it first: mergewright resume {run_id}",
        )
    path = settings().home / "runs" / run_id / "cassette.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_cassette(cassette_of(events, f"answers of {run_id}"), path)
    if report.follows:
        raise Rejected(
            f"The run {run_id!r} went on with the pull request of {report.follows!r}: it did not"
            " begin from a ticket and cannot be replayed alone.",
            hint=f"Replay the run that opened it: mergewright replay {report.follows}",
        )
    if report.workflow not in REPLAYED:
        raise Rejected(
            f"The run {run_id!r} is a {report.workflow}, which cannot be replayed.",
            hint=f"See what it did: mergewright show {run_id}",
        )
    made = report.origin or ChangeOrigin(
        base_commit=report.base_commit, digest=report.changeset.digest
    )
    asked = starts[-1].request
    return RecordedRun(
        run_id=run_id,
        ticket=report.ticket,
        repository=report.repository,
        base=report.base,
        base_commit=made.base_commit,
        branch=report.branch,
        profile=str(asked.get("profile", "local")),
        budget_usd=float(asked.get("budget_usd", 3)),
        max_repair_rounds=int(asked.get("max_repair_rounds", 2)),
        diff_digest=made.digest,
        cassette=str(path),
    )


def request_again(recorded: RecordedRun) -> StandardDevRequest:
    """Return a request that does the same work with the recorded answers, and publishes nothing."""
    return StandardDevRequest(
        ticket=recorded.ticket.key,
        repository=recorded.repository,
        base=recorded.base,
        profile=recorded.profile,
        budget_usd=recorded.budget_usd,
        model=f"{RECORDED_PREFIX}{recorded.cassette}",
        max_repair_rounds=recorded.max_repair_rounds,
        dry_run=True,
        fresh=True,
    )


def recall_pictures(run: Run, recorded: RecordedRun) -> None:
    """Let a replay show agents the pictures that the run showed them.

    Raises:
        StoreFailed: The log cannot be read or written, or does not hold them.
    """
    earlier = run.model_copy(update={"id": recorded.run_id})
    carry_over(journal_of(earlier, "ticket"), journal_of(run, "ticket"), recorded.ticket)


def compare_replay(run: Run, recorded: RecordedRun, digest: str) -> ReplayReport:
    """Return what came of a replay, counted from its log."""
    events = read_events(event_store(), run.id)
    drifted = sum(isinstance(event, Noted) and event.text.startswith(DRIFT) for event in events)
    return ReplayReport(
        run_id=recorded.run_id,
        replay_id=run.id,
        expected_digest=recorded.diff_digest,
        digest=digest,
        answers=sum(isinstance(event, ModelAnswered) for event in events),
        drifted=drifted,
    )
