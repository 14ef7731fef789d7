"""Stages in which an agent does one piece of work; what it says is proof of nothing."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from mergewright.agents.asking import Question, ask
from mergewright.agents.limits import AgentLimits
from mergewright.agents.tools import AgentTool, checking_tool, editing_tools, reading_tools
from mergewright.budget.prices import worst_case_usd
from mergewright.clients import trees, worktrees
from mergewright.clients.checks import describe
from mergewright.domain.changeset import Changeset, ImplementationSummary
from mergewright.domain.checks import CheckReport, Verification, compare
from mergewright.domain.codebase import Codebase
from mergewright.domain.delivery import Run
from mergewright.domain.plan import Plan, Research
from mergewright.domain.review import Review
from mergewright.domain.ticket import Ticket
from mergewright.domain.value import Value
from mergewright.domain.workspace import Workspace
from mergewright.errors import AnswerUnusable
from mergewright.safety.policy import matches_glob
from mergewright.testing.recorded import RecordedModel
from tasks._models import connect, prompts_for
from tasks._policies import stage
from tasks._runs import journal_of, profile_of
from tasks._workbench import Workbench, change_policy_of, check_runner, open_workbench

A = TypeVar("A", bound=Value)

LIMITS: Mapping[str, AgentLimits] = {
    "research": AgentLimits(max_model_calls=20),
    "analysis": AgentLimits(max_model_calls=15),
    "implementation": AgentLimits(max_model_calls=50, max_seconds=3600),
    "qa": AgentLimits(max_model_calls=15),
}
"""Generous for a ticket that fits into one pull request; half of all runs need a third of it."""


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
    connected = [connect(run, profile, agent, limits, journal) for agent, limits in LIMITS.items()]
    recorded = [it.model.cassette for it in connected if isinstance(it.model, RecordedModel)]
    names = recorded[0].models if recorded else tuple(dict.fromkeys(it.name for it in connected))
    for name in names:
        worst_case_usd(name, input_tokens=1, max_output_tokens=1)
    return Models(", ".join(names), bool(recorded))


@stage("Research")
def research(run: Run, ticket: Ticket, workspace: Workspace, codebase: Codebase) -> Research:
    """Find out what matters for the ticket.

    Raises:
        WorkError: There is no usable answer within the limits.
        BudgetExceeded: A call does not fit under a cap.
        ServiceError: The provider refuses or fails.
    """
    bench = open_workbench(run, workspace)
    inputs = {"ticket": ticket, "codebase": codebase}
    return _ask(run, "research", "research", Research, inputs, bench, _reading(bench))


@stage("Plan")
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
    return _ask(run, "plan", "analysis", Plan, inputs, bench, _reading(bench))


@stage("Implement")
def implement(
    run: Run,
    ticket: Ticket,
    workspace: Workspace,
    codebase: Codebase,
    base: CheckReport,
    research: Research,
    plan: Plan,
) -> Changeset:
    """Change the files in the run's worktree as planned.

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
    bench = open_workbench(run, workspace)
    return _change(run, "implement", inputs, bench, codebase, base)


@stage("Repair", run_name="Repair (round {attempt})")
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
    report = check_runner(run, workspace, codebase).run(changeset.tree)
    inputs = {
        "ticket": ticket,
        "codebase": codebase,
        "research": research,
        "plan": plan,
        "check_report_text": describe(report, compare(base, report)),
        "diff": changeset.diff,
        "complaint": complaint,
    }
    return _change(run, f"repair-{attempt}", inputs, bench, codebase, base)


@stage("Review the change", run_name="Review the change (round {attempt})")
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
    return _ask(run, f"review-{attempt}", "qa", Review, inputs, bench, _reading(bench))


def _reading(bench: Workbench) -> list[AgentTool]:
    return reading_tools(bench.workspace.path)


def _change(
    run: Run,
    stage_id: str,
    inputs: Mapping[str, object],
    bench: Workbench,
    codebase: Codebase,
    base: CheckReport,
) -> Changeset:
    """Let the implementation agent work, and read from git what it did."""
    workspace = bench.workspace
    tools = [
        *_reading(bench),
        *editing_tools(workspace.path, refusal=_refusal(run, workspace)),
        checking_tool(_checks(run, workspace, codebase, base)),
    ]
    summary = _ask(run, stage_id, "implementation", ImplementationSummary, inputs, bench, tools)
    tree = bench.current()
    changeset = Changeset(
        base_commit=workspace.base_commit,
        tree=tree,
        diff=trees.diff(workspace.mirror, workspace.base_commit, tree),
        files=trees.changed_files(workspace.mirror, workspace.base_commit, tree),
        summary=summary,
    )
    if changeset.is_empty:
        raise AnswerUnusable(
            "The implementation agent says that it is done and has changed nothing.",
            hint="Make the ticket more precise, or try another model; then run with --fresh.",
        )
    return changeset


def _checks(
    run: Run, workspace: Workspace, codebase: Codebase, base: CheckReport
) -> Callable[[], str]:
    def check() -> str:
        report = check_runner(run, workspace, codebase).run(worktrees.record_tree(workspace.path))
        return describe(report, compare(base, report))

    return check


def _refusal(run: Run, workspace: Workspace) -> Callable[[str], str]:
    """Tell the agent at once what the guard would refuse at the end."""
    globs = change_policy_of(run, workspace).protected_paths

    def refuse(path: str) -> str:
        glob = next((glob for glob in globs if matches_glob(path, glob)), "")
        return f"{path!r} is protected by {glob!r}: no change may touch it." if glob else ""

    return refuse


def _ask(
    run: Run,
    stage_id: str,
    agent: str,
    answer: type[A],
    inputs: Mapping[str, object],
    bench: Workbench,
    tools: Sequence[AgentTool],
) -> A:
    profile = profile_of(run)
    journal = journal_of(run, stage_id, profile)
    limits = LIMITS[agent]
    connected = connect(run, profile, agent, limits, journal)
    question = Question(
        agent=agent,
        inputs=inputs,
        answer=answer,
        tools=tools,
        limits=limits,
        prompts=prompts_for(run, agent),
    )
    return ask(
        question,
        model=connected.model,
        model_name=connected.name,
        journal=journal,
        recorded=connected.recorded,
        workspace=bench,
    )
