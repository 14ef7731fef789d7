"""Stages that show on the ticket how far its run is: in progress, with a comment brought up to date.

The comment is the one that the run's end is told in. It is renewed when the work begins and when the
plan is made, not at every stage: each time is a few requests. None of it is worth failing for.
"""

from collections.abc import Callable
from functools import partial

from mergewright.clients.ports import TicketLinking
from mergewright.domain.delivery import Delivery, Run, StageRecord, StageState
from mergewright.domain.events import EffectDone
from mergewright.domain.ticket import StatusCategory, Ticket
from mergewright.errors import AccessDenied, NotFound, Rejected
from mergewright.events.journal import Journal
from mergewright.events.undo_list import undone_key
from mergewright.texts.progress import OutsideLink, outside_links, progress_comment
from tasks._addresses import run_address
from tasks._effects import perform
from tasks._policies import stage
from tasks._runs import journal_of, profile_of
from tasks._telling import REPLAY
from tasks._traces import (
    CommentBefore,
    CommentWanted,
    LinkWanted,
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
    return not run.dry_run and run.workflow != REPLAY


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
    _noting(journal, "The ticket is not in progress", lambda: _move(run, journal, ticket))
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


def tell_stopped(run: Run, delivery: Delivery) -> None:
    """Say in the comment of a failed run that nobody is at work, if it says that somebody is.

    Raises:
        ServiceError: The tracker refused or did not answer.
        StoreFailed: The log cannot be read or written.
    """
    journal = journal_of(run, STAGE)
    ticket, told = delivery.ticket, _standing(journal)
    if ticket is None or not told or told[-1].effect == "comment" or _is_stop(told[-1]):
        return
    parts = _parts(run, delivery, at=1 if delivery.plan else 0)
    failed = parts[-1].model_copy(update={"state": StageState.FAILED})
    body = progress_comment(run.id, (*parts[:-1], failed), recorded=delivery.recorded)
    _write(run, journal, ticket, f"{_STOPPED}-{_stops(journal) + 1}", body)


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
        _noting(journal, what, partial(_link, journal, tracker, link.name, wanted))


def _link(journal: Journal, tracker: TicketLinking, name: str, wanted: LinkWanted) -> str:
    return perform(
        journal,
        effect="ticket link",
        target=f"{wanted.key}:{name}",
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
    body = progress_comment(run.id, parts, links=links, recorded=delivery.recorded)
    stops = _stops(journal)
    name = f"{PARTS[at].split()[0].lower()}" + (f"-{stops + 1}" if stops else "")
    told = _noting(
        journal,
        "The ticket is not told how far the run is",
        lambda: _write(run, journal, ticket, name, body),
    )
    return told or ""


def _write(run: Run, journal: Journal, ticket: Ticket, name: str, body: str) -> str:
    tracker = profile_of(run).tracker.connect()
    return perform(
        journal,
        effect="progress",
        target=f"{ticket.key}:{name}",
        form=str,
        wanted=CommentWanted(key=ticket.key, marker=MARKER, body=body),
        act=lambda: tracker.comment(ticket.key, body, marker=MARKER),
        reference=str,
        before=lambda: CommentBefore(body=tracker.own_comment(ticket.key, marker=MARKER)),
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


def _noting(journal: Journal, what: str, act: Callable[[], str]) -> str | None:
    """Do what a run goes on without; what is refused is noted, with what would help."""
    try:
        return act()
    except (AccessDenied, NotFound, Rejected) as error:
        journal.note(f"{what}: {error.message} {error.hint}".strip())
        return None
