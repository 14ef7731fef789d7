"""Stages that make a ticket which a person asks for, once, and link it to others.

The run's id and the ticket's marker follow from what is asked for: the same request after a crash,
also on another machine, finds what it made.
"""

import hashlib
import json
import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from importlib.metadata import version

from prefect.runtime import flow_run

from blocks.profile import DeliveryProfile, load_profile
from mergewright.clients.ports import TicketMaking
from mergewright.domain.delivery import Outcome, Run
from mergewright.domain.events import EffectDone, RunStarted
from mergewright.domain.ticket import TicketDraft
from mergewright.domain.ticket_new import (
    RELATION,
    STAGE,
    TICKET,
    WORKFLOW,
    TicketMade,
    TicketNewRequest,
)
from mergewright.errors import MergewrightError, RunInterrupted, SettingInvalid
from mergewright.events import projections
from mergewright.events.journal import Journal, utc_now
from tasks import records
from tasks._effects import effect_key, perform
from tasks._holds import held
from tasks._identity import new_run_id
from tasks._policies import stage
from tasks._runs import event_store, forget_profiles, journal_of, profile_of
from tasks._traces import RelationWanted, TicketWanted
from tasks.stages import StageOutcome, recorded_stage

MAX_STEM_CHARACTERS = 40
TITLE = "Make the ticket"


def draft_of(request: TicketNewRequest) -> TicketDraft:
    """Return the ticket that is asked for, after a look whether it could be made.

    Raises:
        BlockMissing: There is no profile of this name.
        SettingInvalid: The profile's tracker makes no tickets, or no project is named.
        ServiceError: Project, parent, another ticket or a type is not there, or the account may not.
    """
    profile = load_profile(request.profile)
    tracker = _making_tracker(profile, request.profile)
    default = profile.tracker.default_project
    if not (request.project or request.parent or default):
        raise SettingInvalid(
            f"Nothing says which project the ticket {request.title!r} belongs to.",
            hint="Name the project, as SHOP of the ticket SHOP-7: --project SHOP",
        )
    draft = request.draft(default)
    tracker.check_draft(draft)
    for other in request.links:
        tracker.check_relation(other, request.link_as)
    return draft


def run_of(request: TicketNewRequest, draft: TicketDraft, run_id: str | None = None) -> Run:
    """Return the run that makes a ticket.

    Args:
        request: What is asked for.
        draft: The ticket.
        run_id: Its id; without it, that of the newest run of this draft, or else of the first.

    Raises:
        StoreFailed: The log cannot be read.
    """
    digest = _digest(request, draft)
    words = re.sub(r"[^a-z0-9]+", "-", f"{draft.project} {draft.title}".lower())
    stem = words[:MAX_STEM_CHARACTERS].strip("-")
    first = f"{stem}-{digest[:8]}"
    own = new_run_id(stem) if request.fresh else (_newest(digest) or first)
    return Run(
        id=run_id or own,
        workflow=WORKFLOW,
        profile=request.profile,
        ticket=f"{draft.project}: {draft.title}",
        repository="",
        base="",
        model=None,
        budget_usd=Decimal(0),
        started_at=utc_now(),
    )


@contextmanager
def recorded(run: Run, request: TicketNewRequest, draft: TicketDraft) -> Iterator[StageOutcome]:
    """Hold a run for this process, and say in the log that it began and how it ended.

    Nothing is written where all was done before.

    Raises:
        RunInterrupted: Another process makes the same ticket.
        StoreFailed: The event log or the run's folder cannot be written.
    """
    with held(run, lambda error: _is_held(run, error)):
        forget_profiles()
        if _is_all_done(run, request, draft):
            yield StageOutcome()
            return
        _begin(run, request, draft)
        report = records.empty_report(run)
        try:
            with recorded_stage(run, STAGE, TITLE) as outcome:
                yield outcome
        except MergewrightError as error:
            records.finish_run(run, records.failed(report, error), error)
            raise
        done = {"outcome": Outcome.DELIVERED}
        records.finish_run(run, report.model_copy(update=done))


@stage(TITLE, run_name="Make the ticket {draft.title}", kept=False)
def make_ticket(run: Run, request: TicketNewRequest, draft: TicketDraft) -> TicketMade:
    """Make the ticket and its links, each once.

    Raises:
        NotFound: Project, parent or another ticket is not there, or the account may not see it.
        AccessDenied: The account may not make tickets there, or not link them.
        Rejected: The tracker refused; the message says why.
        RateLimited: It asks to wait.
        ServiceUnavailable: It does not answer.
        StoreFailed: The log cannot be read or written.
    """
    profile = profile_of(run)
    journal = journal_of(run, STAGE, profile)
    tracker = _making_tracker(profile, run.profile)
    key_of_effect = effect_key(journal, TICKET, draft.title)
    was_done = _done(journal, key_of_effect) is not None
    marker = run.id + key_of_effect.removeprefix(f"{TICKET}:{draft.title}").replace("#", "-")
    key = perform(
        journal,
        effect=TICKET,
        target=draft.title,
        form=str,
        wanted=TicketWanted(draft=draft, marker=marker),
        act=lambda: tracker.create(draft, marker=marker),
        reference=str,
    )
    made = _done(journal, key_of_effect)
    relations = tuple(_relate(journal, tracker, key, other, request) for other in request.links)
    return TicketMade(
        draft=draft,
        run_id=run.id,
        key=key,
        url=profile.tracker.connect().ticket(key).url,
        is_new=not was_done and made is not None and not made.found,
        relations=relations,
    )


def _relate(
    journal: Journal, tracker: TicketMaking, key: str, other: str, request: TicketNewRequest
) -> str:
    wanted = RelationWanted(key=key, other=other, kind=request.link_as)
    return perform(
        journal,
        effect=RELATION,
        target=_sentence(key, request, other),
        form=str,
        wanted=wanted,
        act=lambda: tracker.relate(key, other, request.link_as),
        reference=str,
    )


def _sentence(key: str, request: TicketNewRequest, other: str) -> str:
    return f"{key} {request.link_as} {other}"


def _is_all_done(run: Run, request: TicketNewRequest, draft: TicketDraft) -> bool:
    journal = journal_of(run, STAGE)
    events = projections.read_events(journal.store, run.id)
    if not events or projections.summarise(events).outcome != Outcome.DELIVERED:
        return False
    made = _done(journal, effect_key(journal, TICKET, draft.title))
    if made is None:
        return False
    sentences = (_sentence(made.result["value"], request, other) for other in request.links)
    return all(_done(journal, effect_key(journal, RELATION, one)) for one in sentences)


def _done(journal: Journal, key: str) -> EffectDone | None:
    stored = journal.store.find(journal.run_id, "effect_done", key)
    return stored.event if stored and isinstance(stored.event, EffectDone) else None


def _making_tracker(profile: DeliveryProfile, name: str) -> TicketMaking:
    tracker = profile.tracker.connect()
    if not isinstance(tracker, TicketMaking):
        raise SettingInvalid(
            f"The tracker of the profile {name!r} makes no tickets: "
            f"{type(profile.tracker).__name__}.",
            hint="Make the ticket there by hand, or name a profile with Jira or a ticket folder.",
        )
    return tracker


def _begin(run: Run, request: TicketNewRequest, draft: TicketDraft) -> None:
    journal = journal_of(run, "")
    journal.append(
        journal.make(
            RunStarted,
            workflow=run.workflow,
            request=request.model_dump(mode="json"),
            request_digest=_digest(request, draft),
            ticket=run.ticket,
            repository=run.repository,
            flow_run_id=str(flow_run.id or ""),
            process=f"{socket.gethostname()}:{os.getpid()}",
            package_version=version("mergewright"),
        )
    )


def _digest(request: TicketNewRequest, draft: TicketDraft) -> str:
    """Return the digest that two requests for the same ticket share; links may come later."""
    asked = {"workflow": WORKFLOW, "profile": request.profile, "draft": draft.model_dump()}
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _newest(digest: str) -> str | None:
    starts = [stored.event for stored in event_store().read(types=("run_started",))]
    return next(
        (
            event.run_id
            for event in reversed(starts)
            if isinstance(event, RunStarted) and event.request_digest == digest
        ),
        None,
    )


def _is_held(run: Run, error: RunInterrupted) -> RunInterrupted:
    return RunInterrupted(
        f"Another process makes the same ticket. {error.message}",
        hint="Let it end; the same command then says which one it is.",
        run_id=run.id,
    )
