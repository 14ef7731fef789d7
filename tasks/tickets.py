"""Stages about the ticket: fetch it, judge whether it can be worked on, tell it how things went."""

import re

from blocks.profile import DeliveryProfile
from mergewright.clients.remotes import remote_heads
from mergewright.domain.delivery import Delivery, Run
from mergewright.domain.events import EffectIntended
from mergewright.domain.readiness import Readiness, ReadinessVerdict
from mergewright.domain.ticket import StatusCategory, Ticket
from mergewright.events.journal import Journal
from mergewright.texts.branches import SALVAGED
from mergewright.texts.delivery import questions_comment, ticket_comment
from mergewright.texts.progress import outside_links
from tasks._effects import perform
from tasks._facts import pinned
from tasks._pictures import with_pictures
from tasks._policies import stage
from tasks._runs import journal_of, profile_of
from tasks._traces import CommentBefore, CommentWanted, TransitionBefore, TransitionWanted
from tasks._workbench import credential_of
from tasks.ticket_progress import MARKER, link_outside

MIN_DESCRIPTION_LENGTH = 30


@stage("Fetch the ticket", kept=False)
def fetch_ticket(run: Run) -> Ticket:
    """Return the ticket from the profile's tracker, or from the file the request names.

    A run keeps in its log the ticket that it began with. Anyone's comment, its own among them,
    would make another ticket of it, and every answer would be paid for again. The log keeps the
    pictures that hang on it, too.

    Raises:
        NotFound: There is no such ticket.
        Rejected: It exists and cannot be read as a ticket.
        StoreFailed: The log cannot be read or written.
    """
    profile = profile_of(run)
    journal = journal_of(run, "ticket", profile)

    def fetch() -> Ticket:
        tracker = profile.tracker.connect()
        return with_pictures(journal, tracker, tracker.ticket(run.ticket))

    return pinned(journal, "ticket", Ticket, fetch)


@stage("Check readiness", kept=False)
def check_readiness(run: Run, ticket: Ticket) -> Readiness:
    """Say whether the ticket can be worked on: not done, not in work elsewhere, clear enough.

    Raises:
        NotFound: There is no such repository, or the ticket is gone.
        ServiceUnavailable: The repository did not answer.
    """
    profile = profile_of(run)
    current = profile.tracker.connect().ticket(run.ticket)
    if _wish(current) != _wish(ticket):
        journal_of(run, "ready", profile).note(
            "The ticket was changed since the run began: the run goes on with what it said then, "
            "--fresh begins with what it says now."
        )
    if current.status is StatusCategory.DONE:
        return Readiness(verdict=ReadinessVerdict.DONE, reasons=(f"{ticket.key} is already done.",))
    duplicates = _duplicates(run, profile, ticket)
    if duplicates:
        return Readiness(verdict=ReadinessVerdict.DUPLICATE, reasons=duplicates)
    questions = _questions(ticket)
    if questions:
        return Readiness(
            verdict=ReadinessVerdict.UNCLEAR,
            reasons=("The ticket does not say enough to work on it.",),
            questions=questions,
        )
    return Readiness(verdict=ReadinessVerdict.READY)


def _wish(ticket: Ticket) -> tuple[object, ...]:
    """Return what the ticket asks for: not its comments and its status, which the run changes."""
    return ticket.title, ticket.description, ticket.acceptance_criteria


def _duplicates(run: Run, profile: DeliveryProfile, ticket: Ticket) -> tuple[str, ...]:
    """Name what someone else already has under way for this ticket."""
    store = journal_of(run, "ready", profile).store
    # What a failed run salvaged stands in nobody's way: another one begins anew.
    own = {
        stored.event.target
        for stored in store.read(types=("effect_intended",))
        if isinstance(stored.event, EffectIntended)
        and stored.event.effect == "branch"
        and (stored.event.run_id == run.id or stored.event.target.startswith(SALVAGED))
    }
    opened = [
        f"Pull request #{pull_request.number} for {ticket.key} is open: {pull_request.url}"
        for pull_request in profile.code_host.connect().pull_requests(run.repository, ticket.key)
        if pull_request.state == "open" and pull_request.head not in own
    ]
    if opened:
        return tuple(opened)
    heads = remote_heads(run.repository, credential=credential_of(profile, run.repository))
    name = re.compile(rf"(^|[^a-z0-9]){re.escape(ticket.key.lower())}([^0-9]|$)")
    return tuple(
        f"The branch {head!r} for {ticket.key} exists already in {run.repository}."
        for head in heads
        if name.search(head.lower()) and head not in own
    )


def _questions(ticket: Ticket) -> tuple[str, ...]:
    questions = []
    if len(ticket.description.split()) < 5 or len(ticket.description) < MIN_DESCRIPTION_LENGTH:  # noqa: PLR2004 - fewer than five words say nothing
        questions.append(
            f"What exactly should change about {ticket.title!r}: "
            "what happens now, and what should happen?"
        )
    if questions and not ticket.acceptance_criteria:
        questions.append("How can anyone see that it is done (acceptance criteria)?")
    return tuple(questions)


@stage("Ask the ticket", kept=False)
def ask_questions(run: Run, ticket: Ticket, readiness: Readiness) -> str:
    """Write the open questions to the ticket, once.

    Raises:
        ServiceError: The tracker refused.
    """
    return comment_once(
        run,
        journal_of(run, "ready"),
        target=f"{ticket.key}:questions",
        comment=CommentWanted(
            key=ticket.key,
            marker="mergewright-questions",
            body=questions_comment(ticket, readiness),
        ),
    )


@stage("Update the ticket", kept=False)
def update_ticket(run: Run, delivery: Delivery) -> str:
    """Tell the ticket how the run ended, link the pull request, and move the ticket to review.

    Raises:
        ServiceError: The tracker refused.
    """
    ticket = delivery.ticket
    if ticket is None:
        return ""
    tracker = profile_of(run).tracker.connect()
    journal = journal_of(run, "ticket-update")
    where = comment_once(
        run,
        journal,
        target=ticket.key,
        comment=CommentWanted(key=ticket.key, marker=MARKER, body=ticket_comment(delivery)),
    )
    links = outside_links(run.id, pull_request=delivery.pull_request)
    link_outside(run, journal, ticket, links)
    perform(
        journal,
        effect="transition",
        target=ticket.key,
        form=StatusCategory,
        wanted=TransitionWanted(status=StatusCategory.IN_REVIEW, key=ticket.key),
        act=lambda: tracker.transition(ticket.key, StatusCategory.IN_REVIEW),
        reference=str,
        before=lambda: TransitionBefore(status=tracker.ticket(ticket.key).status),
    )
    return where


def comment_once(run: Run, journal: Journal, *, target: str, comment: CommentWanted) -> str:
    """Write a comment to the ticket, if it is not there; return where it is.

    Raises:
        ServiceError: The tracker refused or did not answer.
    """
    tracker = profile_of(run).tracker.connect()
    return perform(
        journal,
        effect="comment",
        target=target,
        form=str,
        wanted=comment,
        act=lambda: tracker.comment(comment.key, comment.body, marker=comment.marker),
        reference=str,
        before=lambda: CommentBefore(body=tracker.own_comment(comment.key, marker=comment.marker)),
    )
