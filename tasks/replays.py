"""Reading a run back from the log, to replay it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from mergewright.domain.approval_events import ApprovalRequested
from mergewright.domain.approval_question import Answer
from mergewright.domain.approval_standing import answer_of, standing_of
from mergewright.domain.backport import Backport
from mergewright.domain.changeset import ChangeOrigin, Changeset
from mergewright.domain.delivery import Delivery, Run
from mergewright.domain.documentation_request import DOCSTRINGS
from mergewright.domain.events import Event, Noted, RunStarted
from mergewright.domain.replay import RecordedRun, ReplayReport, ReplayWork
from mergewright.domain.requests import ApprovalPoint
from mergewright.domain.workflow_policy import workflows
from mergewright.errors import NotFound, Rejected
from mergewright.events.projections import costs, read_events, report_of
from mergewright.settings import settings
from mergewright.testing.recorded import DRIFT, cassette_of, save_cassette
from tasks._models import RECORDED_PREFIX
from tasks._pictures import carry_over
from tasks._runs import event_store, journal_of

REPLAY = "replay"
"""The workflow: what it came to can be executed again as well."""


def recall_run(run_id: str) -> RecordedRun:
    """Return what the log holds of a run, with its answers as a cassette beside its other files.

    Raises:
        NotFound: The log holds no run of this id.
        Rejected: The run never got as far as a change, or went on with another one's.
        SettingInvalid: The cassette cannot be written.
        StoreFailed: The log cannot be read.
    """
    events = read_events(event_store(), run_id)
    starts = [event for event in events if isinstance(event, RunStarted)]
    if not starts:
        raise NotFound(
            f"There is no run {run_id!r} in the log.", hint="See which there are: mergewright runs"
        )
    report = report_of(events)
    _refuse_what_has_no_beginning(run_id, report)
    if report is None or report.changeset is None or report.ticket is None:
        raise Rejected(
            f"The run {run_id!r} never got as far as a change: there is nothing to compare with.",
            hint=f"Go on with it first: mergewright resume {run_id}",
        )
    asked = starts[-1].request
    policy = _policy_of(run_id, report.workflow, asked)
    path = settings().home / "runs" / run_id / "cassette.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_cassette(cassette_of(events, f"answers of {run_id}"), path)
    made = report.origin or ChangeOrigin(
        base_commit=report.base_commit, digest=report.changeset.digest
    )
    return RecordedRun(
        run_id=run_id,
        policy=policy,
        ticket=report.ticket,
        repository=report.repository,
        base=report.base,
        base_commit=made.base_commit,
        branch=report.branch,
        commit=report.commit,
        profile=str(asked.get("profile", "local")),
        budget_usd=float(asked.get("budget_usd", 3)),
        max_repair_rounds=int(asked.get("max_repair_rounds", 2)),
        diff_digest=made.digest,
        documentation=report.documentation,
        release=report.release,
        severity=report.severity,
        backport=_backport_of(report),
        cassette=str(path),
    )


def _refuse_what_has_no_beginning(run_id: str, report: Delivery | None) -> None:
    if report is not None and report.follows:
        raise Rejected(
            f"The run {run_id!r} went on with the pull request of {report.follows!r}: it did not"
            " begin from a ticket and cannot be replayed alone.",
            hint=f"Replay the run that opened it: mergewright replay {report.follows}",
        )


def _policy_of(run_id: str, workflow: str, asked: Mapping[str, Any]) -> str:
    """Return the workflow whose policy a run kept.

    Raises:
        Rejected: It is of a workflow that cannot be executed again.
    """
    if workflow == REPLAY:
        return str(asked.get("policy", ""))
    if workflow not in workflows():
        raise Rejected(
            f"The run {run_id!r} is a {workflow}, which cannot be replayed.",
            hint=f"See what it did: mergewright show {run_id}",
        )
    return DOCSTRINGS if asked.get("docstrings") else workflow


def _backport_of(report: Delivery) -> Backport | None:
    """Return the change for the main branch; none where what it was made from is not replayed."""
    backport = report.backport
    is_whole = backport is not None and backport.changeset is not None and not backport.reason
    return backport if is_whole and report.origin is None else None


def recall_answers(recorded: RecordedRun) -> dict[ApprovalPoint, Iterator[Answer]]:
    """Return what people said of plans and changes, in the order in which they were asked.

    Of changes what they sent back is enough: that one was approved in the end is known.

    Raises:
        StoreFailed: The log cannot be read.
    """
    events = read_events(event_store(), recorded.run_id)
    given = list(_answers(events))
    sent_back = [answer for point, answer in given if not answer.approved and point == "change"]
    return {
        ApprovalPoint.PLAN: iter([answer for point, answer in given if point == "plan"]),
        ApprovalPoint.CHANGE: iter(sent_back),
    }


def _answers(events: Sequence[Event]) -> Iterator[tuple[str, Answer]]:
    for event in events:
        if isinstance(event, ApprovalRequested):
            standing = standing_of(event, events, event.at)
            if standing.is_settled:
                yield event.point, answer_of(event, standing)


def request_again(recorded: RecordedRun) -> ReplayWork:
    """Return a request that does the same work with the recorded answers, and publishes nothing."""
    return ReplayWork(
        policy=recorded.policy,
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


def compare_replay(run: Run, recorded: RecordedRun, made: Sequence[Changeset]) -> ReplayReport:
    """Return what came of a replay, counted from its log.

    Args:
        run: The replay.
        recorded: The run that was replayed.
        made: The change that it came to, and the one for the main branch, as far as it got.

    Raises:
        StoreFailed: The log cannot be read.
    """
    events = read_events(event_store(), run.id)
    spent = costs(events)
    there = recorded.backport.changeset if recorded.backport else None
    digest, backport_digest, *_ = *(one.digest for one in made), "", ""
    return ReplayReport(
        run_id=recorded.run_id,
        replay_id=run.id,
        expected_digest=recorded.diff_digest,
        digest=digest,
        expected_backport_digest=there.digest if there else "",
        backport_digest=backport_digest,
        answers=spent.recorded_calls,
        drifted=sum(isinstance(one, Noted) and one.text.startswith(DRIFT) for one in events),
        asked=spent.calls - spent.recorded_calls,
        recorded_usd=spent.recorded_usd,
        paid_usd=spent.paid_usd,
    )
