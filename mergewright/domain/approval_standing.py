"""What the answers to a question come to so far, and which further answer is taken."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from mergewright.domain.approval_events import (
    ApprovalDecided,
    ApprovalExpired,
    ApprovalRequested,
)
from mergewright.domain.approval_identity import Identity
from mergewright.domain.approval_question import (
    SHOWN_CHARACTERS,
    Answer,
    Given,
    Verdict,
    question_key,
)
from mergewright.domain.delivery import Outcome
from mergewright.domain.events import Event, RunFinished, RunStarted, StageStarted
from mergewright.domain.plan import Plan
from mergewright.domain.requests import ApprovalPoint
from mergewright.errors import AnswerRefused


@dataclass(frozen=True, slots=True)
class Standing:
    """What the answers to a question come to."""

    needed: int
    approvals: tuple[ApprovalDecided, ...] = ()
    """Of different people; the last one alone where it brings another plan."""
    rejection: ApprovalDecided | None = None
    is_expired: bool = False
    """Whether the time for it is over, and it was not decided before."""

    @property
    def is_approved(self) -> bool:
        """Whether enough people said yes, or one of them to a plan of their own."""
        return self.rejection is None and (len(self.approvals) >= self.needed or self.is_edited)

    @property
    def is_edited(self) -> bool:
        """Whether somebody approved another plan than the one that was asked about."""
        return bool(self.approvals and self.approvals[-1].plan)

    @property
    def is_settled(self) -> bool:
        """Whether no further answer counts."""
        return self.is_approved or self.rejection is not None

    @property
    def deciding(self) -> tuple[ApprovalDecided, ...]:
        """The answers that settled it; none while it is open."""
        if self.rejection is not None:
            return (self.rejection,)
        if self.is_edited:
            return self.approvals[-1:]
        return self.approvals if self.is_approved else ()

    @property
    def counted(self) -> tuple[ApprovalDecided, ...]:
        """The answers that count."""
        return (*self.approvals, *([self.rejection] if self.rejection else []))


def standing_of(question: ApprovalRequested, events: Iterable[Event], at: datetime) -> Standing:
    """Work out what the answers to a question come to; the first that settles it does.

    Args:
        question: The question.
        events: Of its run, in the order of the log.
        at: Now, aware.
    """
    standing = Standing(question.needed)
    expired = False
    for event in events:
        if isinstance(event, ApprovalExpired):
            expired = expired or event.key == question.key
        elif isinstance(event, ApprovalDecided) and _answers(event, question):
            standing = _with(standing, event)
        if standing.is_settled:
            return standing
    late = question.expires_at is not None and at >= question.expires_at
    return Standing(standing.needed, standing.approvals, None, expired or late)


def answer_of(question: ApprovalRequested, standing: Standing) -> Answer:
    """Return what a flow makes of the answers that settled a question."""
    deciding = standing.deciding
    last = deciding[-1]
    return Answer(
        approved=standing.is_approved,
        by=tuple(one.by for one in deciding),
        comment="\n\n".join(one.comment for one in deciding if one.comment),
        plan=Plan.model_validate(last.plan) if last.plan else None,
        question=question.key,
    )


def open_question(
    events: Sequence[Event], point: str = "", *, early: bool = False
) -> ApprovalRequested | None:
    """Return what a run waits for, if it waits for a person.

    A run that goes on finds its question in the log and does not write it again, so the question is
    asked from when the run is back in that stage; `early` takes it from when the run is back at work.

    Args:
        events: Of one run, in the order of the log.
        point: Only a question about this; empty is any.
        early: Also while a run that goes on is not back at the question.
    """
    question: ApprovalRequested | None = None
    current = False
    for event in events:
        match event:
            case ApprovalRequested() if point in ("", event.point):
                question, current = event, True
            case RunStarted():
                current = early
            case RunFinished():
                current = current and event.outcome == Outcome.WAITING
            case StageStarted() if question and event.stage == question.stage:
                current = True
            case _:
                pass
    if question is None or not current:
        return None
    standing = standing_of(question, events, question.at)
    return None if standing.is_settled or standing.is_expired else question


def refuse_unfit(question: ApprovalRequested, standing: Standing, given: Given) -> None:
    """Refuse an answer that is about other bytes, too late, or not this person's to give.

    Raises:
        AnswerRefused: It is; the message says why.
    """
    _refuse_stale(question, given)
    _refuse_late(question, standing)
    _refuse_stranger(question, given)
    if given.verdict is Verdict.APPROVE and has_approved(standing, given.person):
        missing = question.needed - len(standing.approvals)
        raise AnswerRefused(
            f"{given.person.label!r} has approved the {question.point} already, and counts once.",
            hint=f"It takes {missing} more: somebody else must approve as well.",
            run_id=question.run_id,
        )
    if given.verdict is Verdict.SEND_BACK and not given.comment.strip():
        raise AnswerRefused(
            f"The {question.point} was rejected without a reason, so that nothing can be mended.",
            hint="Say with --comment what is wrong; or end the run with --end.",
            run_id=question.run_id,
        )
    if given.plan is not None and not question.plan:
        raise AnswerRefused(
            f"An answer about the {question.point} brings a plan, and no plan is asked about.",
            hint=f"Only a plan can be edited: --stage {ApprovalPoint.PLAN}",
            run_id=question.run_id,
        )


def has_approved(standing: Standing, person: Identity) -> bool:
    """Say whether somebody has approved already."""
    return any(one.person and one.person.is_same(person) for one in standing.approvals)


def may_approve(question: ApprovalRequested, person: Identity) -> bool:
    """Say whether somebody is one of those who may approve."""
    given = Given(verdict=Verdict.APPROVE, person=person, door="")
    try:
        _refuse_stranger(question, given)
    except AnswerRefused:
        return False
    return True


def decision_key(question: ApprovalRequested, given: Given) -> str:
    """Return the natural key of an answer: one yes and one no of each person."""
    person = min(given.person.terms, default="")
    word = "yes" if given.verdict is Verdict.APPROVE else "no"
    return f"{question.key} {word} {person}"


def _refuse_stale(question: ApprovalRequested, given: Given) -> None:
    if question.digest.startswith(given.digest.casefold()):
        return
    raise AnswerRefused(
        f"The answer is about {given.digest[:SHOWN_CHARACTERS]!r}, and the run {question.run_id!r}"
        f" asks about {question.digest[:SHOWN_CHARACTERS]!r}: the {question.point}, its cost or its"
        " target has changed since.",
        hint=f"Look at what is asked now: mergewright question {question.run_id}",
        run_id=question.run_id,
    )


def _refuse_late(question: ApprovalRequested, standing: Standing) -> None:
    if standing.is_settled:
        last = standing.counted[-1]
        word = "approved" if last.approved else "rejected"
        raise AnswerRefused(
            f"The {question.point} of {question.run_id} was {word} by {last.by!r} in the meantime.",
            hint="The first answer counts.",
            run_id=question.run_id,
        )
    if standing.is_expired:
        until = f"{question.expires_at:%Y-%m-%d %H:%M %Z}" if question.expires_at else "its end"
        raise AnswerRefused(
            f"The question about the {question.point} of {question.run_id!r} could be answered until"
            f" {until}: this answer comes too late.",
            hint=f"Have it asked once more: mergewright resume {question.run_id}",
            run_id=question.run_id,
        )


def _refuse_stranger(question: ApprovalRequested, given: Given) -> None:
    person, approves = given.person, given.verdict is Verdict.APPROVE
    if not person.is_known:
        raise AnswerRefused(
            f"Nobody knows who answers about the {question.point} of {question.run_id!r}.",
            hint="Say who you are: MERGEWRIGHT_USER='Ada Moreau <ada@example.org>'.",
            run_id=question.run_id,
        )
    if approves and any(person.is_same(one) for one in question.excluded):
        raise AnswerRefused(
            f"{person.label!r} asked for the run {question.run_id!r} and may not approve its"
            f" {question.point}.",
            hint="Somebody else must approve.",
            run_id=question.run_id,
        )
    allowed = question.approvers
    if allowed is not None and not any(person.is_same(one) for one in allowed):
        names = ", ".join(one.label for one in allowed)
        raise AnswerRefused(
            f"{person.label!r} may not answer about the {question.point} of {question.run_id!r}.",
            hint=f"These may: {names}. If you are one of them, say so: MERGEWRIGHT_USER='NAME <MAIL>'.",
            run_id=question.run_id,
        )


def _answers(decision: ApprovalDecided, question: ApprovalRequested) -> bool:
    about = decision.question or question_key(decision.point, decision.digest)
    return about == question.key


def _with(standing: Standing, decision: ApprovalDecided) -> Standing:
    if not decision.approved:
        return Standing(standing.needed, standing.approvals, decision)
    if decision.person is not None and has_approved(standing, decision.person):
        return standing
    return Standing(standing.needed, (*standing.approvals, decision))
