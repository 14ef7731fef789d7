"""Stages that show on the ticket how far its run is: in progress, with a comment brought up to date.

The comment is the one that the run's end is told in. It is renewed when the work begins and when the
plan is made, not at every stage: each time is a few requests. None of it is worth failing for.
"""

from functools import partial

from mergewright.clients.ports import TicketLinking
from mergewright.domain.delivery import Delivery, Run, StageRecord, StageState
from mergewright.domain.events import EffectDone, EffectIntended
from mergewright.domain.ticket import StatusCategory, Ticket
from mergewright.errors import Rejected
from mergewright.events.journal import Journal
from mergewright.events.undo_list import intent_key, undone_key
from mergewright.texts.progress import OutsideLink, outside_links, progress_comment
from tasks._addresses import run_address
from tasks._effects import or_note, perform
from tasks._policies import stage
from tasks._runs import journal_of, policy_of, profile_of
from tasks._telling import REPLAY
from tasks._traces import (
    CommentBefore,
    LinkWanted,
    ProgressWanted,
    TransitionBefore,
    TransitionWanted,
)

STAGE = "ticket-start"
MARKER = "mergewright-delivery"
"""Marker of the one comment of a run's progress and end."""
PARTS = ("Plan", "Build and check")
"""What a ticket's readers see of a run under way, in order."""

_STOPPED = "stopped"


def is_shown(run: Run) -> bool:
    """Say whether the ticket shows the run: a rehearsal and a replay change nothing outside."""
    return not run.dry_run and run.workflow != REPLAY and policy_of(run).ticket


@stage("Start on the ticket", kept=False, repeats=1)
def start_ticket(run: Run, delivery: Delivery) -> str:
    """Move the ticket to in progress, link the run, and say that the work has begun.

    Raises:
        ServiceUnavailable: The tracker did not answer.
        RateLimited: It asks to wait.
        StoreFailed: The log cannot be read or written.
    """
    ticket = delivery.ticket
    if ticket is None:
        return ""
    journal = journal_of(run, STAGE)
    or_note(journal, "The ticket is not in progress", lambda: _move(run, journal, ticket))
    link_outside(run, journal, ticket, outside_links(run.id, run_url=run_address(run)))
    return _told(run, journal, delivery, at=0)


@stage("Tell the ticket what is planned", kept=False, repeats=0)
def tell_plan(run: Run, delivery: Delivery) -> str:
    """Say on the ticket what is planned, in the comment of the run.

    Raises:
        ServiceUnavailable: The tracker did not answer.
        RateLimited: It asks to wait.
        StoreFailed: The log cannot be read or written.
    """
    return _told(run, journal_of(run, "ticket-plan"), delivery, at=1)


def tell_stopped(run: Run, *, reason: str = "", stage_id: str = STAGE) -> None:
    """Say in the comment of a run that nobody is at work, if it says that somebody is.

    Args:
        run: The run.
        reason: Why; empty says only where it stopped.
        stage_id: The stage in which it is said.

    Raises:
        ServiceError: The tracker refused or did not answer.
        StoreFailed: The log cannot be read or written.
    """
    journal = journal_of(run, stage_id)
    told = _standing(journal)
    said = _said(journal, told[-1]) if told else None
    if said is None or not said.parts or _is_stop(told[-1]):
        return
    last = said.parts[-1]
    failed = last.model_copy(update={"state": StageState.FAILED, "detail": reason or last.detail})
    parts = (*said.parts[:-1], failed)
    stopped = ProgressWanted(
        key=said.key,
        marker=MARKER,
        body=progress_comment(run.id, parts, recorded=said.recorded),
        parts=parts,
        recorded=said.recorded,
    )
    _write(run, journal, f"{_STOPPED}-{_stops(journal) + 1}", stopped)


def _said(journal: Journal, done: EffectDone) -> ProgressWanted | None:
    """Return what the comment says; None when it tells the run's end."""
    if done.effect != "progress":
        return None
    stored = journal.store.read(run_id=journal.run_id, types=("effect_intended",))
    intents = [
        entry.event
        for entry in stored
        if isinstance(entry.event, EffectIntended) and intent_key(entry.event) == done.key
    ]
    return ProgressWanted.model_validate(intents[-1].wanted) if intents else None


def link_outside(
    run: Run, journal: Journal, ticket: Ticket, links: tuple[OutsideLink, ...]
) -> None:
    """Let the ticket lead to addresses outside, where its tracker keeps such links.

    Raises:
        ServiceUnavailable: The tracker did not answer.
        RateLimited: It asks to wait.
        StoreFailed: The log cannot be read or written.
    """
    tracker = profile_of(run).tracker.connect()
    if not isinstance(tracker, TicketLinking):
        return
    for link in links:
        wanted = LinkWanted(
            key=ticket.key,
            url=link.url,
            title=link.title,
            marker=f"{run.id}-{link.name.replace(' ', '-')}",
        )
        what = f"The ticket does not lead to the {link.name}"
        or_note(
            journal, what, partial(_link, journal, tracker, f"{ticket.key}:{link.name}", wanted)
        )


def link_again(run: Run, journal: Journal, target: str, wanted: LinkWanted) -> str:
    """Link the ticket to an address, which was refused before; return the address.

    Raises:
        Rejected: The profile's tracker keeps no links.
        ServiceError: The tracker refused or did not answer.
    """
    tracker = profile_of(run).tracker.connect()
    if not isinstance(tracker, TicketLinking):
        raise Rejected(
            "The profile's tracker keeps no links.", hint="Say in a comment where to look."
        )
    return _link(journal, tracker, target, wanted)


def _link(journal: Journal, tracker: TicketLinking, target: str, wanted: LinkWanted) -> str:
    return perform(
        journal,
        effect="ticket link",
        target=target,
        form=str,
        wanted=wanted,
        act=lambda: tracker.link(wanted.key, wanted.url, wanted.title, marker=wanted.marker),
        reference=str,
    )


def _move(run: Run, journal: Journal, ticket: Ticket) -> str:
    tracker, status = profile_of(run).tracker.connect(), StatusCategory.IN_PROGRESS
    return perform(
        journal,
        effect="start",
        target=ticket.key,
        form=StatusCategory,
        wanted=TransitionWanted(status=status, key=ticket.key),
        act=lambda: tracker.transition(ticket.key, status),
        reference=str,
        before=lambda: TransitionBefore(status=tracker.ticket(ticket.key).status),
    ).value


def _told(run: Run, journal: Journal, delivery: Delivery, *, at: int) -> str:
    """Bring the comment up to date, unless it is further already; return where it is."""
    ticket = delivery.ticket
    if ticket is None or any(one.effect == "comment" for one in _standing(journal)):
        return ""
    links = outside_links(run.id, run_url=run_address(run))
    parts = _parts(run, delivery, at=at)
    shown = ProgressWanted(
        key=ticket.key,
        marker=MARKER,
        body=progress_comment(run.id, parts, links=links, recorded=delivery.recorded),
        parts=parts,
        recorded=delivery.recorded,
    )
    stops = _stops(journal)
    name = f"{PARTS[at].split()[0].lower()}" + (f"-{stops + 1}" if stops else "")
    told = or_note(
        journal,
        "The ticket is not told how far the run is",
        lambda: _write(run, journal, name, shown),
    )
    return told or ""


def _write(run: Run, journal: Journal, name: str, shown: ProgressWanted) -> str:
    tracker = profile_of(run).tracker.connect()
    return perform(
        journal,
        effect="progress",
        target=f"{shown.key}:{name}",
        form=str,
        wanted=shown,
        act=lambda: tracker.comment(shown.key, shown.body, marker=shown.marker),
        reference=str,
        before=lambda: CommentBefore(body=tracker.own_comment(shown.key, marker=shown.marker)),
    )


def _parts(run: Run, delivery: Delivery, *, at: int) -> tuple[StageRecord, ...]:
    """Return the parts of the work up to the one that is under way."""
    plan = delivery.plan.summary.split("\n")[0] if delivery.plan else ""
    details = (plan, "")
    return tuple(
        StageRecord(
            name=name,
            state=StageState.RUNNING if number == at else StageState.DONE,
            started_at=run.started_at,
            detail=details[number],
        )
        for number, name in enumerate(PARTS[: at + 1])
    )


def _standing(journal: Journal) -> list[EffectDone]:
    """Return what was written into the comment and not taken back since, in its order."""
    stored = journal.store.read(run_id=journal.run_id, types=("effect_done",))
    return [
        entry.event
        for entry in stored
        if isinstance(entry.event, EffectDone)
        and (entry.event.effect == "progress" or _is_end(entry.event))
        and journal.store.find(journal.run_id, "effect_undone", undone_key(entry.event.key)) is None
    ]


def _is_end(event: EffectDone) -> bool:
    return event.effect == "comment" and ":" not in event.target


def _is_stop(event: EffectDone) -> bool:
    return f":{_STOPPED}-" in event.target


def _stops(journal: Journal) -> int:
    return sum(_is_stop(event) for event in _standing(journal))
