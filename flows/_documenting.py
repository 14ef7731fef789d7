"""Phases of a documentation run: seeing what is not true, showing it, and having it corrected."""

from flows._documentation_gates import proposed_gate, standing_gate
from flows._documents import write_documents
from flows._improving import Understanding, improve
from flows._work import Work
from mergewright.domain.changeset import Changeset
from mergewright.domain.delivery import Outcome
from mergewright.domain.documentation import DocumentationState
from mergewright.domain.documentation_request import DocumentationRequest
from mergewright.domain.gates import Gate
from mergewright.domain.plan import Research
from mergewright.domain.requests import ApprovalPoint
from mergewright.errors import ApprovalDenied
from mergewright.texts.documentation import documentation_plan, documentation_state
from tasks import agents, codebase, documentation, notices, preflight, workspace


def look(work: Work) -> Understanding | None:
    """Hold the documentation against the code; None where nothing is to be done.

    No model is asked, and none is connected before something is found.

    Raises:
        ServiceError: Something that the run needs does not answer, or refuses.
        ConfigError: The repository's policy file is wrong.
    """
    run, request = work.run, work.request
    since = request.since if isinstance(request, DocumentationRequest) else ""
    standing = work.do("standing", documentation.find_standing, since)
    work.learn(base_commit=standing.commit)
    if standing.proposed:
        _end_early(work, proposed_gate(standing.proposed))
        return None
    ticket = documentation.ticket_of_standing(run, standing)
    base = documentation.base_of(run, standing)
    place = work.do("workspace", workspace.prepare_workspace, ticket, base)
    facts = work.do("analyse", codebase.analyse_repository, ticket, place)
    state = work.do("examine", documentation.examine, place, facts, standing)
    work.learn(documentation=state)
    if state.is_true:
        _end_early(work, standing_gate(state))
        return None
    work.place = place
    work.gate("examine", (standing_gate(state),))
    ticket = work.do("findings", documentation.make_ticket, place, state)
    checks = documentation.no_checks(place)
    work.learn(ticket=ticket, branch=place.branch, base=place.base, sandbox=checks.sandbox)
    work.learn(**agents.check_models(run)._asdict())
    work.do("preflight", preflight.ask_services)
    notices.tell_started(run, ticket)
    return Understanding(ticket, place, facts, checks)


def correct(work: Work, known: Understanding, state: DocumentationState) -> Changeset:
    """Show what is going to be done, have it done, and check it until it holds.

    Raises:
        ApprovalDenied: The plan was rejected.
        ChecksFailed: Gates still fail after the last round.
        WorkError: The agent gave no usable answer.
        BudgetExceeded: A call did not fit under a cap.
    """
    wished = _settle_findings(work, state)
    written = write_documents(work, known.workspace, known.codebase, None, wished)
    return improve(work, known, written)


def _settle_findings(work: Work, state: DocumentationState) -> str:
    """Ask about what was found where that is wanted; return what people say besides.

    Raises:
        ApprovalDenied: Somebody rejected it, or nobody answered in time.
    """
    plan = documentation_plan(state, in_code=work.policy.comments_only)
    work.learn(plan=plan, research=Research(summary=plan.summary))
    shown = documentation_state(work.run.repository, state)
    answer = work.ask(ApprovalPoint.PLAN, lambda: shown)
    if answer is None:
        return ""
    if not answer.approved:
        raise ApprovalDenied(
            f"The plan was rejected by {' and '.join(answer.by)}: {answer.comment}.",
            hint="Nothing was written. What is to be left alone goes into `documentation: exclude`"
            " of .mergewright.yml.",
            run_id=work.run.id,
        )
    if answer.plan is not None:
        work.learn(plan=answer.plan)
        return "\n".join([answer.comment, "Do this:", *answer.plan.steps]).strip()
    return answer.comment


def _end_early(work: Work, gate: Gate) -> None:
    work.gate("standing", (gate,))
    work.learn(outcome=Outcome.NOTHING_TO_DO)
