"""follow_up: answer people's review comments on an open pull request."""

from prefect import flow

from flows._documents import check_base
from flows._further import push_improved
from flows._improving import Understanding
from flows._names import asked_run
from flows._work import Work, delivering
from mergewright.domain.delivery import Delivery, Outcome
from mergewright.domain.gates import Gate, GateStatus
from mergewright.domain.requests import FollowUpRequest
from mergewright.domain.ticket import Ticket
from mergewright.errors import NotReady
from mergewright.texts.follow_ups import review_complaint, review_criteria
from tasks import (
    agents,
    codebase,
    follow_ups,
    notices,
    preflight,
    review_answers,
    tickets,
    workspace,
)
from tasks.branch_updates import refresh_pull_request
from tasks.follow_ups import Reviewed


def name_run() -> str:
    """Return the run's name: the run whose pull request is gone on with."""
    return f"Follow up {asked_run()}"


@flow(flow_run_name=name_run, validate_parameters=True)
def follow_up(request: FollowUpRequest, run_id: str = "") -> Delivery:
    """Answer people's review comments on an open pull request.

    In order: read the comments that nobody has answered, ask the services, prepare a worktree at the branch's head,
    whoever made it, run the base's checks, implement what people ask for, check, review, repair
    what failed, guard, push a further commit, renew the pull request's text, answer the comments,
    update the ticket, notify, report.

    Where nobody asked for anything, no model is asked. The branch is only moved forward from what
    was read; commits that others push meanwhile are never overwritten.

    Args:
        request: Whose pull request, and within which bounds.
        run_id: Id of the follow-up to go on with; empty goes on with an interrupted one of the same
            request, or starts one.
    """
    first = follow_ups.recall_delivery(request.run_id)
    asked = follow_ups.work_of(first, request)
    with delivering("follow_up", asked, run_id or None) as work:
        _take_up(work, first)
        reviewed = work.do("reviews", follow_ups.read_reviews, first)
        if reviewed.comments:
            _answer(work, first, reviewed)
        else:
            work.gate("reviews", (_comments_gate("None is left to answer: nothing was done"),))
            work.learn(outcome=Outcome.DELIVERED)
    return work.delivery


def _take_up(work: Work, first: Delivery) -> None:
    """Begin the report with what is known from the run that opened the pull request."""
    places = ("branch", "base_commit", "commit", "pull_request", "page")
    names = ("ticket", "research", "documentation", *places)
    work.learn(follows=first.run_id, **{name: getattr(first, name) for name in names})


def _answer(work: Work, first: Delivery, reviewed: Reviewed) -> None:
    """Do what people ask for, and tell them."""
    work.learn(**agents.check_models(work.run)._asdict(), commit=reviewed.head)
    work.do("preflight", preflight.ask_services)
    known = _look(work, reviewed)
    place = known.workspace
    published = follow_ups.read_branch(place, reviewed.head, first)
    before = first.model_copy(update={"commit": reviewed.head})
    _plan(work, first, reviewed)
    told = review_complaint(reviewed.comments)
    improved = push_improved(work, known, published, told, may_stay=True)
    work.learn(plan=first.plan)
    if work.run.dry_run:
        work.learn(outcome=Outcome.REHEARSED)
        return
    is_new = improved.digest != published.digest
    count = len(reviewed.comments)
    work.gate(f"repair-{work.round}", (_comments_gate(f"{count} answered"),))
    if is_new:
        work.do("refresh", refresh_pull_request, place, before, work.counted())
    commit = work.delivery.commit if is_new else ""
    summary, review = improved.summary.summary, work.delivery.review
    work.do("answer", review_answers.answer_reviews, reviewed, summary, commit, review)
    work.learn(outcome=Outcome.DELIVERED)
    if work.policy.ticket:
        work.do_if_possible("ticket-update", tickets.update_ticket, work.counted())
    work.do("notify", notices.notify, work.counted())


def _look(work: Work, reviewed: Reviewed) -> Understanding:
    """Give the run a worktree, and collect the facts about where the branch began."""
    ticket = _ticket(work)
    place = work.do(
        "workspace", workspace.reopen_workspace, reviewed.base_commit, work.delivery.branch
    )
    work.place = place
    work.learn(base_commit=place.base_commit)
    facts = work.do("analyse", codebase.analyse_repository, ticket, place)
    base = check_base(work, "baseline", place, facts)
    work.learn(sandbox=base.sandbox)
    return Understanding(ticket, place, facts, base)


def _ticket(work: Work) -> Ticket:
    if work.delivery.ticket is None:
        raise NotReady(f"The run {work.delivery.follows!r} had no ticket.")
    return work.delivery.ticket


def _plan(work: Work, first: Delivery, reviewed: Reviewed) -> None:
    """Hold the change to the first plan, and to what people ask for as well."""
    if first.plan is not None:
        criteria = (*first.plan.acceptance_criteria, *review_criteria(reviewed.comments))
        work.learn(plan=first.plan.model_copy(update={"acceptance_criteria": criteria}))


def _comments_gate(summary: str) -> Gate:
    return Gate(name="Review comments", status=GateStatus.PASSED, summary=summary)
