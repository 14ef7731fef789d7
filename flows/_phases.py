"""What workflow types share: the phases of a delivery."""

from functools import partial

from flows._approving import settle_change, settle_plan, settle_publish
from flows._backporting import port_back
from flows._external import settle_external_checks
from flows._improving import Understanding, improve
from flows._rebasing import rebase
from flows._work import Work
from mergewright.domain.changeset import Changeset
from mergewright.domain.delivery import Outcome
from mergewright.domain.hotfix_request import HotfixRequest
from mergewright.domain.plan import Finding, Plan, Research
from mergewright.domain.readiness import ReadinessVerdict
from mergewright.domain.release import Release
from mergewright.domain.workspace import Workspace
from mergewright.errors import NotReady
from tasks import (
    agents,
    checks,
    codebase,
    documentation_pages,
    guards,
    notices,
    pages,
    preflight,
    pull_requests,
    releases,
    reproductions,
    ticket_progress,
    tickets,
    timelines,
    triage,
    workspace,
)


def understand(work: Work) -> Understanding:
    """Ask the services, fetch the ticket, see that it can be worked on, and collect the facts.

    Raises:
        ServiceError: Something that the run needs does not answer, or refuses.
        NotReady: The ticket cannot be worked on as it is.
    """
    run = work.run
    work.learn(**agents.check_models(run)._asdict())
    work.do("preflight", preflight.ask_services)
    ticket = work.do("ticket", tickets.fetch_ticket)
    work.learn(ticket=ticket)
    readiness = work.do("ready", tickets.check_readiness, ticket)
    if readiness.verdict is not ReadinessVerdict.READY:
        work.learn(questions=readiness.questions)
        if readiness.questions and not run.dry_run:
            work.do("ask", tickets.ask_questions, ticket, readiness)
        raise NotReady(
            " ".join(readiness.reasons),
            hint="Answer on the ticket: " + " ".join(readiness.questions)
            if readiness.questions
            else "Nothing was changed.",
            run_id=run.id,
        )
    notices.tell_started(run, ticket)
    release = _find_release(work)
    place = work.do("workspace", workspace.prepare_workspace, ticket, release)
    work.place = place
    work.learn(branch=place.branch, base=place.base, base_commit=place.base_commit)
    facts = work.do("analyse", codebase.analyse_repository, ticket, place)
    base = work.do("baseline", checks.check_base, place, facts)
    work.learn(sandbox=base.sandbox)
    if ticket_progress.is_shown(run):
        work.do_if_possible(
            ticket_progress.STAGE, ticket_progress.start_ticket, work.delivery, later=False
        )
    return Understanding(ticket, place, facts, base)


def _find_release(work: Work) -> Release | None:
    """Find the release that is mended, where the policy wants one, and tell people on call."""
    if work.policy.release is None:
        return None
    asked = work.request if isinstance(work.request, HotfixRequest) else None
    release = work.do("release", releases.find_release, asked.main if asked else "")
    severity = asked.severity if asked else ""
    work.learn(release=release, severity=severity)
    notices.tell_on_call(work.run, work.delivery)
    return release


def propose(work: Work, known: Understanding) -> tuple[Research, Plan]:
    """Research the ticket and plan the change; ask for approval where the request says so.

    Raises:
        ApprovalDenied: The plan was rejected.
        WorkError: An agent gave no usable answer.
        BudgetExceeded: A call did not fit under a cap.
    """
    research = _research(work, known)
    work.learn(research=research)
    plan = work.do("plan", agents.plan, *known[:3], research)
    work.learn(plan=plan)
    if ticket_progress.is_shown(work.run):
        work.do_if_possible("ticket-plan", ticket_progress.tell_plan, work.delivery, later=False)
    return research, settle_plan(work, known, research, plan)


def _research(work: Work, known: Understanding) -> Research:
    """Return what is known: of the research agent, or as far as the policy goes without one."""
    if work.policy.research:
        return work.do("research", agents.research, *known[:3])
    bounds = reproductions.bounds_told(work.policy)
    if work.delivery.reproduction is not None:
        return work.delivery.reproduction.as_research(bounds)
    return Research(summary="", findings=tuple(Finding(statement=one) for one in bounds))


def build(work: Work, known: Understanding, research: Research, plan: Plan) -> Changeset:
    """Implement the plan, check and review it, and send it back while rounds are left and help.

    Raises:
        ChecksFailed: Gates still fail after the last round.
        WorkError: An agent gave no usable answer.
        BudgetExceeded: A call did not fit under a cap.
    """
    shown = work.delivery.reproduction
    begun = shown.changeset if shown else None
    changeset = work.do("implement", agents.implement, *known, research, plan, begun)
    return improve(work, known, changeset)


def publish(work: Work, known: Understanding, changeset: Changeset) -> None:
    """Guard the change, ask where the request says so, and publish it everywhere.

    Raises:
        PolicyError: The guard or a person refused.
        ServiceError: A service refused or did not answer.
    """
    known = _offer(work, known, changeset)
    if work.run.dry_run:
        work.learn(outcome=Outcome.REHEARSED)
        return
    opened = work.do(
        "pull-request", pull_requests.open_pull_request, known.workspace, work.counted()
    )
    work.learn(pull_request=opened, outcome=Outcome.DELIVERED)
    notices.tell_opened(work.run, work.counted())
    settle_external_checks(work, known)
    handed = work.do_if_possible(
        "triage", triage.hand_on, known.workspace, work.counted(), later=False
    )
    work.learn(pull_request=handed or work.delivery.pull_request)
    if work.policy.backport:
        port_back(work, known)
    _publish_pages(work, known)
    if work.policy.ticket:
        work.do_if_possible("ticket-update", tickets.update_ticket, work.counted())
    if work.policy.timeline:
        work.do_if_possible("timeline", timelines.publish_timeline, work.counted(), later=False)
    work.do("notify", notices.notify, work.counted())


def _publish_pages(work: Work, known: Understanding) -> None:
    """Publish a page about the delivery, or the documents that it is; and those about the API."""
    place = known.workspace
    if work.delivery.documentation is None:
        page = work.do_if_possible("page", pages.publish_page, work.counted())
        work.learn(page=page)
    else:
        publish_documents = documentation_pages.publish_documents
        work.do_if_possible("pages", publish_documents, place, work.counted(), later=False)
    if pages.has_api_document(place):
        work.do_if_possible("api-pages", pages.publish_api_pages, place, work.counted())


def _guard(work: Work, place: Workspace, changeset: Changeset) -> None:
    work.gate("guard", work.do("guard", guards.guard_change, place, changeset))


def _offer(work: Work, known: Understanding, changeset: Changeset) -> Understanding:
    """Guard the change, ask about it and push it; where its base moved, rebase it and begin again."""
    rebases = 0
    while True:
        place = known.workspace
        changeset = settle_change(work, known, changeset, partial(_guard, work, place))
        if work.run.dry_run:
            return known
        settle_publish(work)
        if work.delivery.release is not None and work.delivery.release.is_branch_made:
            work.do("release-branch", releases.make_branch, place, work.delivery.release)
        commit = work.do(
            "push", pull_requests.commit_and_push, known.ticket, place, changeset, rebases
        )
        if commit:
            work.learn(commit=commit)
            return known
        rebases += 1
        known, changeset = rebase(work, known, changeset, rebases)
