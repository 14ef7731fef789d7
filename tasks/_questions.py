"""A question to people as its run's log holds it: asked once, with the answers that came by a form."""

from collections.abc import Sequence
from decimal import Decimal

from mergewright.domain.approval_events import ApprovalExpired, ApprovalRequested
from mergewright.domain.approval_identity import Identity, named_people
from mergewright.domain.approval_policy import ApprovalPolicy
from mergewright.domain.approval_question import Bound, Target, question_key
from mergewright.domain.approval_standing import decision_key
from mergewright.domain.delivery import Delivery, Run
from mergewright.domain.events import Noted
from mergewright.domain.requests import ApprovalPoint
from mergewright.errors import AnswerRefused, SettingInvalid, StoreFailed
from mergewright.events import projections
from mergewright.events.answers import take_answer
from mergewright.events.journal import Journal, utc_now
from mergewright.safety.redaction import redact
from mergewright.texts.approvals import question_text
from tasks._approval_form import form_answers
from tasks._requester import requester_of
from tasks._runs import event_store, policy_of, profile_of


def bind(
    run: Run, point: ApprovalPoint, shown: str, delivery: Delivery, passed: Sequence[str]
) -> Bound:
    """Return all that the answer is bound to.

    Args:
        run: The run.
        point: What is asked about.
        shown: Markdown that shows it.
        delivery: The report so far.
        passed: Stages on the way to the question: what they cost belongs to it, what later ones
            cost does not.

    Raises:
        StoreFailed: The log cannot be read.
    """
    stages = projections.stages(projections.read_events(event_store(), run.id))
    is_publishing = point is ApprovalPoint.PUBLISH
    return Bound(
        point=point,
        shown=shown,
        plan=delivery.plan,
        diff_digest=delivery.changeset.digest if delivery.changeset else "",
        cost_usd=sum((one.cost_usd for one in stages if one.name in passed), Decimal(0)),
        target=Target(
            repository=run.repository,
            base=delivery.base or run.base,
            base_commit=delivery.base_commit if is_publishing else "",
            branch=delivery.branch,
            ticket=delivery.ticket.key if delivery.ticket else run.ticket,
            profile=run.profile,
        ),
        policy=policy_of(run).approval,
    )


def ask(journal: Journal, run: Run, bound: Bound) -> ApprovalRequested:
    """Write a question down, or find it written down; asked in vain before, it is another one.

    Raises:
        SettingInvalid: So many people as must approve do not exist.
        StoreFailed: The log cannot be read or written.
    """
    digest = bound.digest
    key = question_key(bound.point, digest, _times_in_vain(journal, bound.point, digest))
    found = journal.store.find(run.id, "approval_requested", key)
    if found is not None and isinstance(found.event, ApprovalRequested):
        return found.event
    question = _new_question(journal, run, bound, key)
    journal.append(question)
    return question


def find_question(journal: Journal, key: str) -> ApprovalRequested:
    """Return a question by its natural key.

    Raises:
        StoreFailed: The log cannot be read, or does not hold it.
    """
    found = journal.store.find(journal.run_id, "approval_requested", key)
    if found is None or not isinstance(found.event, ApprovalRequested):
        raise StoreFailed(
            f"The question {key!r} of the run {journal.run_id!r} is not in its log.",
            hint=f"See what is wrong with it: mergewright audit verify {journal.run_id}",
            run_id=journal.run_id,
        )
    return found.event


def take_forms(journal: Journal, question: ApprovalRequested, flow_run_id: str) -> None:
    """Take the answers that came by Prefect's form, and keep why one was not taken.

    Raises:
        ServiceUnavailable: The Prefect server does not say how its form was answered.
        StoreFailed: The log cannot be read or written.
    """
    if not flow_run_id:
        return
    for place, answer in enumerate(form_answers(question, flow_run_id)):
        refused = f"{_refused(question)} {place}"
        taken = decision_key(question, answer.given)
        if journal.store.find(journal.run_id, "approval_decided", taken):
            continue
        if journal.store.find(journal.run_id, "noted", refused):
            continue
        try:
            take_answer(journal.store, question, answer.with_plan(), answer.at)
        except (AnswerRefused, SettingInvalid) as error:
            text = redact(f"{error.message} {error.hint}")
            journal.append(journal.make(Noted, key=refused, text=text))


def refusals(journal: Journal, question: ApprovalRequested) -> tuple[str, ...]:
    """Return why answers to a question by its form were not taken.

    Raises:
        StoreFailed: The log cannot be read.
    """
    stored = journal.store.read(run_id=journal.run_id, types=("noted",))
    return tuple(
        one.event.text
        for one in stored
        if isinstance(one.event, Noted) and one.event.key.startswith(f"{_refused(question)} ")
    )


def _new_question(journal: Journal, run: Run, bound: Bound, key: str) -> ApprovalRequested:
    policy = bound.policy
    requester = requester_of(run)
    approvers = named_people(profile_of(run).directory, policy.approvers)
    excluded = (requester,) if policy.never_requester and requester.is_known else ()
    _see_it_can_be_met(run, policy, approvers, excluded)
    is_editable = bound.point is ApprovalPoint.PLAN and bound.plan is not None
    rules = journal.make(
        ApprovalRequested,
        key=key,
        point=bound.point,
        digest=bound.digest,
        subject="",
        number=int(key.partition("#")[2] or 0),
        plan=bound.plan.model_dump(mode="json") if is_editable and bound.plan else {},
        bound=bound.model_dump(mode="json", exclude={"shown", "plan"}),
        needed=policy.needed,
        approvers=approvers if policy.approvers else None,
        excluded=excluded,
        expires_at=utc_now() + policy.expires_after,
        remind_seconds=policy.remind_after.total_seconds(),
    )
    return rules.model_copy(update={"subject": question_text(bound, rules)})


def _see_it_can_be_met(
    run: Run,
    policy: ApprovalPolicy,
    approvers: tuple[Identity, ...],
    excluded: tuple[Identity, ...],
) -> None:
    possible = [one for one in approvers if not any(one.is_same(other) for other in excluded)]
    if not policy.approvers or len(possible) >= policy.needed:
        return
    names = ", ".join(one.label for one in possible) or "nobody"
    raise SettingInvalid(
        f"{policy.needed} people must approve in the run {run.id!r}, and only {names} may: whoever"
        " asked for it may not.",
        hint="Name more approvers in the workflow's policy, or let somebody else ask for the run.",
        run_id=run.id,
    )


def _times_in_vain(journal: Journal, point: str, digest: str) -> int:
    stored = journal.store.read(run_id=journal.run_id, types=("approval_expired",))
    return sum(
        isinstance(one.event, ApprovalExpired)
        and (one.event.point, one.event.digest) == (point, digest)
        for one in stored
    )


def _refused(question: ApprovalRequested) -> str:
    return f"refused {question.key}"
