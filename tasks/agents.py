"""Stages in which an agent does one piece of work; what it says is proof of nothing."""

from typing import NamedTuple

from mergewright.budget.prices import worst_case_usd
from mergewright.clients.check_words import describe
from mergewright.domain.changeset import Changeset
from mergewright.domain.checks import CheckReport, Verification, compare
from mergewright.domain.codebase import Codebase
from mergewright.domain.delivery import Run
from mergewright.domain.plan import Finding, Plan, Research
from mergewright.domain.review import Review
from mergewright.domain.ticket import Ticket
from mergewright.domain.workspace import Workspace
from mergewright.testing.recorded import RecordedModel
from mergewright.texts.approvals import rejected_plan
from tasks._agent_work import LIMITS, ask_agent, change_files, reading
from tasks._models import connect
from tasks._policies import stage
from tasks._runs import journal_of, policy_of, profile_of
from tasks._workbench import check_runner, open_workbench


class Models(NamedTuple):
    """What the report says about the models of a run."""

    model: str
    recorded: bool


def check_models(run: Run) -> Models:
    """Connect every agent's model before anything is done, and say which ones they are.

    Raises:
        BlockMissing: There is no key for a model.
        SettingInvalid: A model's name, or the cassette, is wrong.
        BudgetExceeded: A model has no known price.
    """
    profile = profile_of(run)
    journal = journal_of(run, "", profile)
    agents = policy_of(run).agents
    connected = [connect(run, profile, agent, LIMITS[agent], journal) for agent in agents]
    recorded = [it.model.cassette for it in connected if isinstance(it.model, RecordedModel)]
    names = recorded[0].models if recorded else tuple(dict.fromkeys(it.name for it in connected))
    for name in names:
        worst_case_usd(name, input_tokens=1, max_output_tokens=1)
    return Models(", ".join(names), bool(recorded))


@stage("Research", paid=True)
def research(run: Run, ticket: Ticket, workspace: Workspace, codebase: Codebase) -> Research:
    """Find out what matters for the ticket.

    Raises:
        WorkError: There is no usable answer within the limits.
        BudgetExceeded: A call does not fit under a cap.
        ServiceError: The provider refuses or fails.
    """
    bench = open_workbench(run, workspace)
    inputs = {"ticket": ticket, "codebase": codebase}
    return ask_agent(run, "research", "research", Research, inputs, bench, reading(bench))


@stage("Plan", paid=True)
def plan(
    run: Run, ticket: Ticket, workspace: Workspace, codebase: Codebase, research: Research
) -> Plan:
    """Plan the change: steps, files, acceptance criteria, tests, risks.

    Raises:
        WorkError: There is no usable answer within the limits.
        BudgetExceeded: A call does not fit under a cap.
        ServiceError: The provider refuses or fails.
    """
    bench = open_workbench(run, workspace)
    inputs = {"ticket": ticket, "codebase": codebase, "research": research}
    return ask_agent(run, "plan", "analysis", Plan, inputs, bench, reading(bench))


@stage("Plan again", run_name="Plan again (round {attempt})", paid=True)
def plan_again(
    run: Run,
    ticket: Ticket,
    workspace: Workspace,
    codebase: Codebase,
    research: Research,
    plan: Plan,
    reason: str,
    attempt: int,
) -> Plan:
    """Plan the change anew, because a person sent the plan back and said why.

    Raises:
        WorkError: There is no usable answer within the limits.
        BudgetExceeded: A call does not fit under a cap.
        ServiceError: The provider refuses or fails.
    """
    bench = open_workbench(run, workspace)
    told = Finding(statement=rejected_plan(plan, reason))
    known = research.model_copy(update={"findings": (told, *research.findings)})
    inputs = {"ticket": ticket, "codebase": codebase, "research": known}
    return ask_agent(run, f"plan-{attempt}", "analysis", Plan, inputs, bench, reading(bench))


@stage("Implement", paid=True)
def implement(
    run: Run,
    ticket: Ticket,
    workspace: Workspace,
    codebase: Codebase,
    base: CheckReport,
    research: Research,
    plan: Plan,
    begun: Changeset | None = None,
) -> Changeset:
    """Change the files in the run's worktree as planned.

    Args:
        run: The run.
        ticket: What is asked for.
        workspace: Where it is worked on.
        codebase: Facts about the repository.
        base: The checks of the base.
        research: What is known.
        plan: What is to be done.
        begun: What is there already, such as the tests that show a fault; None begins at the base.

    Raises:
        WorkError: There is no usable answer within the limits, or nothing was changed.
        BudgetExceeded: A call does not fit under a cap.
        ServiceError: The provider refuses or fails.
    """
    inputs = {
        "ticket": ticket,
        "codebase": codebase,
        "research": research,
        "plan": plan,
        "check_report_text": describe(base, None),
        "diff": "",
        "complaint": "",
    }
    bench = open_workbench(run, workspace, tree=begun.tree if begun else None)
    if begun is not None:
        runner = check_runner(run, workspace, codebase)
        report = runner.run(begun.tree)
        told = runner.describe(report, compare(base, report))
        inputs |= {"diff": begun.diff, "check_report_text": told}
    return change_files(run, "implement", inputs, bench, codebase, base)


@stage("Repair", run_name="Repair (round {attempt})", paid=True)
def repair(
    run: Run,
    ticket: Ticket,
    workspace: Workspace,
    codebase: Codebase,
    base: CheckReport,
    research: Research,
    plan: Plan,
    changeset: Changeset,
    complaint: str,
    attempt: int,
) -> Changeset:
    """Correct what gates or the reviewer found wrong with the change.

    Raises:
        WorkError: There is no usable answer within the limits.
        BudgetExceeded: A call does not fit under a cap.
        ServiceError: The provider refuses or fails.
    """
    bench = open_workbench(run, workspace, tree=changeset.tree)
    runner = check_runner(run, workspace, codebase)
    report = runner.run(changeset.tree)
    inputs = {
        "ticket": ticket,
        "codebase": codebase,
        "research": research,
        "plan": plan,
        "check_report_text": runner.describe(report, compare(base, report)),
        "diff": changeset.diff,
        "complaint": complaint,
    }
    return change_files(run, f"repair-{attempt}", inputs, bench, codebase, base)


@stage("Review the change", run_name="Review the change (round {attempt})", paid=True)
def review(
    run: Run,
    ticket: Ticket,
    workspace: Workspace,
    plan: Plan,
    changeset: Changeset,
    verification: Verification,
    attempt: int,
) -> Review:
    """Have another agent judge the change against ticket and plan.

    Raises:
        WorkError: There is no usable answer within the limits.
        BudgetExceeded: A call does not fit under a cap.
        ServiceError: The provider refuses or fails.
    """
    bench = open_workbench(run, workspace, tree=changeset.tree)
    inputs = {
        "ticket": ticket,
        "plan": plan,
        "diff": changeset.diff,
        "check_report_text": describe(verification.report, verification.delta),
    }
    return ask_agent(run, f"review-{attempt}", "qa", Review, inputs, bench, reading(bench))
