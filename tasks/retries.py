"""Doing later what a run went on without: pages, messages, comments and transitions.

All that is needed is in the log: each intent holds what was wanted, the end of the run its report.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from pydantic import ValidationError

from mergewright.domain.delivery import Delivery, Outcome, Run
from mergewright.domain.events import EffectDone, Event, StageFinished
from mergewright.domain.notice import NoticeEvent
from mergewright.domain.open_effects import DONE_LATER, STAGE, OpenEffect, RetriedEffect
from mergewright.domain.undo import MESSAGE
from mergewright.errors import MergewrightError, Rejected
from mergewright.events import projections
from mergewright.events.undo_list import open_effects
from mergewright.safety.redaction import redact
from mergewright.texts.notices import run_files
from tasks import tickets
from tasks._effects import effect_key
from tasks._policies import stage
from tasks._runs import event_store, journal_of, profile_of
from tasks._telling import send_wanted
from tasks._traces import CommentWanted, MessageWanted, PageWanted
from tasks.pages import publish_draft

TICKET_UPDATE = "ticket-update"
ALL_RUNS = 1_000_000
_ENDS = (NoticeEvent.DELIVERED, NoticeEvent.FAILED, NoticeEvent.NOT_READY, NoticeEvent.REHEARSED)


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
        return RetriedEffect(
            run_id=run.id,
            effect=effect.effect,
            target=effect.target,
            outcome="passed over",
            reason="The run itself needs it.",
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
    report = projections.report_of(projections.read_events(event_store(), run.id))
    if report is not None and notice.event in _ENDS:
        notice = notice.model_copy(update={"files": run_files(report)})
    profile = profile_of(run)
    return send_wanted(profile, journal_of(run, STAGE, profile), effect.target, wanted, notice)


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


def _is_delivered(report: Delivery | None) -> bool:
    return report is not None and report.outcome is Outcome.DELIVERED


_RETRIES: Mapping[str, Callable[[Run, OpenEffect], str]] = MappingProxyType(
    {
        "page": _retry_page,
        "comment": _retry_ticket,
        "transition": _retry_ticket,
        MESSAGE: _retry_message,
    }
)
