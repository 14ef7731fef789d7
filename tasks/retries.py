"""Doing later what a run went on without: pages, messages, and what tickets and pull requests get.

All that is needed is in the log: each intent holds what was wanted, the end of the run its report.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from pydantic import ValidationError

from mergewright.clients.code_host import CodeHost
from mergewright.domain.delivery import Delivery, Outcome, Run
from mergewright.domain.events import EffectDone, Event, StageFinished
from mergewright.domain.open_effects import DONE_LATER, STAGE, OpenEffect, RetriedEffect
from mergewright.domain.undo import MESSAGE
from mergewright.errors import MergewrightError, Rejected
from mergewright.events import projections
from mergewright.events.undo_list import open_effects
from mergewright.safety.redaction import redact
from tasks import tickets
from tasks._effects import effect_key
from tasks._later_in_report import Later, amend_report
from tasks._message_files import with_files
from tasks._policies import stage
from tasks._runs import event_store, journal_of, profile_of
from tasks._telling import send_wanted
from tasks._traces import (
    AssignmentWanted,
    CommentWanted,
    GatesWanted,
    LabelsWanted,
    LinkWanted,
    MessageWanted,
    OfPullRequest,
    PageWanted,
    ReviewersWanted,
)
from tasks._triage_effects import (
    READY,
    ask_reviewers,
    assign,
    mark_ready,
    put_labels,
    report_gates,
)
from tasks.pages import publish_draft
from tasks.past_runs import ALL_RUNS
from tasks.ticket_progress import link_again

__all__ = [
    "Later",
    "amend_report",
    "open_in_log",
    "open_of",
    "remedy_of",
    "retry_effect",
    "runs_with_open_effects",
    "still_open",
]

TICKET_UPDATE = "ticket-update"


def remedy_of(run: Run) -> str:
    """Return the command that does later what the run goes on without."""
    return f"mergewright effects retry {run.id}"


def runs_with_open_effects() -> tuple[str, ...]:
    """Return the runs of which something is open, oldest first.

    Raises:
        StoreFailed: The log cannot be read.
    """
    wanted = {one.run_id for one in open_in_log()}
    failed = {
        stored.event.run_id
        for stored in event_store().read(types=("stage_finished",))
        if isinstance(stored.event, StageFinished)
        and (stored.event.stage, stored.event.state) == (TICKET_UPDATE, "failed")
    }
    known = event_store().run_ids(limit=ALL_RUNS)
    return tuple(one for one in reversed(known) if one in wanted | failed and open_of(one))


def open_in_log() -> tuple[OpenEffect, ...]:
    """Return all that is open in the log, whatever it is kept for.

    Raises:
        StoreFailed: The log cannot be read.
    """
    types = ("effect_intended", "effect_done", "effect_undone", "run_finished")
    by_run: dict[str, list[Event]] = defaultdict(list)
    for stored in event_store().read(types=types):
        by_run[stored.event.run_id].append(stored.event)
    return tuple(one for events in by_run.values() for one in open_effects(events))


def open_of(run_id: str) -> tuple[OpenEffect, ...]:
    """Return what is open of a run and not kept for a later time; at last what was never begun.

    Raises:
        StoreFailed: The log cannot be read.
    """
    events = projections.read_events(event_store(), run_id)
    found = tuple(one for one in open_effects(events) if not one.due_at)
    report, failure = projections.report_of(events), _ticket_failure(events)
    if failure is None or not _is_delivered(report):
        return found
    if any(one.stage == TICKET_UPDATE for one in found):
        return found
    key = report.ticket.key if report and report.ticket else ""
    rest = OpenEffect(
        run_id=run_id,
        stage=TICKET_UPDATE,
        effect="transition",
        target=key,
        wanted_at=failure.at,
    )
    return (*found, rest)


def _ticket_failure(events: Sequence[Event]) -> StageFinished | None:
    """Return how the ticket could not be told, unless that was done since."""
    failure: StageFinished | None = None
    for event in events:
        if event.stage != TICKET_UPDATE:
            continue
        if isinstance(event, StageFinished):
            failure = event if event.state == "failed" else None
        elif isinstance(event, EffectDone) and event.effect == "transition":
            failure = None
    return failure


@stage("Do an effect later", run_name="Do the {effect.effect} later", kept=False, repeats=0)
def retry_effect(run: Run, effect: OpenEffect) -> RetriedEffect:
    """Do one open effect, and say what came of it; a second time it does nothing.

    Raises:
        MergewrightError: The service refused or did not answer, or the log does not tell enough.
    """
    known = _RETRIES.get(effect.effect)
    if known is None or effect.effect not in DONE_LATER:
        refused = f"It was refused: {effect.reason}" if effect.refused else ""
        return RetriedEffect(
            run_id=run.id,
            effect=effect.effect,
            target=effect.target,
            outcome="passed over",
            reason=refused or "The run itself needs it.",
            hint=effect.remedy,
        )
    try:
        reference = known(run, effect)
    except ValidationError as error:
        raise Rejected(
            f"The log does not tell what the {effect.effect} {effect.target!r} was to be.",
            hint="Another version of Mergewright wanted it; do it by hand.",
        ) from error
    stored = event_store().find(run.id, "effect_done", _key(run, effect))
    found = bool(stored and getattr(stored.event, "found", False))
    return RetriedEffect(
        run_id=run.id,
        effect=effect.effect,
        target=effect.target,
        outcome="found" if found else "done",
        reference=reference,
    )


def still_open(effect: OpenEffect, error: MergewrightError) -> RetriedEffect:
    """Return what came of an effect that failed again."""
    return RetriedEffect(
        run_id=effect.run_id,
        effect=effect.effect,
        target=effect.target,
        outcome="open",
        reason=redact(error.message),
        hint=redact(error.hint),
    )


def _key(run: Run, effect: OpenEffect) -> str:
    return effect_key(journal_of(run, STAGE), effect.effect, effect.target)


def _retry_page(run: Run, effect: OpenEffect) -> str:
    draft = PageWanted.model_validate(effect.wanted).draft
    return publish_draft(run, draft, stage_id=STAGE).url


def _retry_message(run: Run, effect: OpenEffect) -> str:
    wanted = MessageWanted.model_validate(effect.wanted)
    notice = wanted.notice
    if notice is None:
        raise Rejected(
            f"The log does not tell the text of the message {effect.target!r}.",
            hint="Another version of Mergewright wanted it; tell people by hand.",
        )
    profile = profile_of(run)
    journal = journal_of(run, STAGE, profile)
    return send_wanted(profile, journal, effect.target, wanted, with_files(run, notice))


def _retry_ticket(run: Run, effect: OpenEffect) -> str:
    """Do again all that the ticket was to be told: what is done is not done twice."""
    report = projections.report_of(projections.read_events(event_store(), run.id))
    if effect.stage == TICKET_UPDATE and report is not None and _is_delivered(report):
        return tickets.update_ticket.fn(run, report)
    if effect.effect != "comment":
        raise Rejected(
            f"The run {run.id!r} did not deliver: its ticket stays where it is.",
            hint="Move the ticket by hand.",
        )
    comment = CommentWanted.model_validate(effect.wanted)
    journal = journal_of(run, STAGE)
    return tickets.comment_once(run, journal, target=effect.target, comment=comment)


def _retry_link(run: Run, effect: OpenEffect) -> str:
    wanted = LinkWanted.model_validate(effect.wanted)
    return link_again(run, journal_of(run, STAGE), effect.target, wanted)


def _retry_ready(run: Run, effect: OpenEffect) -> str:
    wanted = OfPullRequest.model_validate(effect.wanted)
    return mark_ready(run, journal_of(run, STAGE), _host(run), wanted).url


def _retry_labels(run: Run, effect: OpenEffect) -> str:
    wanted = LabelsWanted.model_validate(effect.wanted)
    return ", ".join(put_labels(run, journal_of(run, STAGE), _host(run), wanted))


def _retry_reviewers(run: Run, effect: OpenEffect) -> str:
    wanted = ReviewersWanted.model_validate(effect.wanted)
    asked = ask_reviewers(run, journal_of(run, STAGE), _host(run), wanted)
    return ", ".join((*asked.reviewers, *asked.team_reviewers))


def _retry_assignment(run: Run, effect: OpenEffect) -> str:
    wanted = AssignmentWanted.model_validate(effect.wanted)
    whose = assign(run, journal_of(run, STAGE), _host(run), wanted)
    return ", ".join(filter(None, (*whose.assignees, whose.milestone)))


def _retry_gates(run: Run, effect: OpenEffect) -> str:
    wanted = GatesWanted.model_validate(effect.wanted)
    return ", ".join(report_gates(run, journal_of(run, STAGE), _host(run), wanted))


def _host(run: Run) -> CodeHost:
    return profile_of(run).code_host.connect()


def _is_delivered(report: Delivery | None) -> bool:
    return report is not None and report.outcome is Outcome.DELIVERED


_RETRIES: Mapping[str, Callable[[Run, OpenEffect], str]] = MappingProxyType(
    {
        "page": _retry_page,
        "comment": _retry_ticket,
        "transition": _retry_ticket,
        "ticket link": _retry_link,
        MESSAGE: _retry_message,
        READY: _retry_ready,
        "labels": _retry_labels,
        "reviewers": _retry_reviewers,
        "assignment": _retry_assignment,
        "gates": _retry_gates,
    }
)
