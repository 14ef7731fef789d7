"""How an agent is put to work in a stage: its tools, its limits, and what git says it did."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from mergewright.agents.asking import Question, ask
from mergewright.agents.limits import AgentLimits
from mergewright.agents.pictures import NO_PICTURES
from mergewright.agents.tools import AgentTool, checking_tool, editing_tools, reading_tools
from mergewright.clients import trees, worktrees
from mergewright.domain.changeset import Changeset, ImplementationSummary
from mergewright.domain.checks import CheckReport, compare
from mergewright.domain.codebase import Codebase
from mergewright.domain.delivery import Run
from mergewright.domain.ticket import Ticket
from mergewright.domain.value import Value
from mergewright.domain.workspace import Workspace
from mergewright.errors import AnswerUnusable
from mergewright.safety.bounds import path_refusal
from mergewright.safety.policy import matches_glob
from tasks._models import connect, prompts_for
from tasks._pictures import pictures_of
from tasks._runs import journal_of, policy_of, profile_of
from tasks._workbench import Workbench, change_policy_of, check_runner

A = TypeVar("A", bound=Value)

LIMITS: Mapping[str, AgentLimits] = {
    "research": AgentLimits(max_model_calls=20),
    "reproduction": AgentLimits(max_model_calls=30, max_seconds=1800),
    "analysis": AgentLimits(max_model_calls=15),
    "implementation": AgentLimits(max_model_calls=50, max_seconds=3600),
    "qa": AgentLimits(max_model_calls=15),
    "documentation": AgentLimits(max_model_calls=50, max_seconds=3600),
    "docstrings": AgentLimits(max_model_calls=50, max_seconds=3600),
}
"""Generous for a ticket that fits into one pull request; half of all runs need a third of it."""
LOOKING = frozenset({"research", "reproduction", "analysis"})
"""Agents that are shown the ticket's pictures: those who find out what is wanted."""


def change_files(
    run: Run,
    stage_id: str,
    inputs: Mapping[str, object],
    bench: Workbench,
    codebase: Codebase,
    base: CheckReport,
) -> Changeset:
    """Let the implementation agent work, and read from git what it did.

    Raises:
        WorkError: There is no usable answer within the limits, or nothing was changed.
        BudgetExceeded: A call does not fit under a cap.
        ServiceError: The provider refuses or fails.
    """
    tools = working_tools(run, bench, codebase, base)
    summary = ask_agent(
        run, stage_id, "implementation", ImplementationSummary, inputs, bench, tools
    )
    changeset = changeset_of(bench, summary)
    if changeset.is_empty:
        raise AnswerUnusable(
            "The implementation agent says that it is done and has changed nothing.",
            hint="Make the ticket more precise, or try another model; then run with --fresh.",
        )
    return changeset


def changeset_of(bench: Workbench, summary: ImplementationSummary) -> Changeset:
    """Return what the worktree holds now as a change of the run's base."""
    workspace, tree = bench.workspace, bench.current()
    return Changeset(
        base_commit=workspace.base_commit,
        tree=tree,
        diff=trees.diff(workspace.mirror, workspace.base_commit, tree),
        files=trees.changed_files(workspace.mirror, workspace.base_commit, tree),
        summary=summary,
    )


def reading(bench: Workbench) -> list[AgentTool]:
    """Return the tools of an agent that changes nothing."""
    return reading_tools(bench.workspace.path)


def working_tools(
    run: Run,
    bench: Workbench,
    codebase: Codebase,
    base: CheckReport,
    *,
    refusal: Callable[[str], str] = lambda _: "",
) -> list[AgentTool]:
    """Return the tools of an agent that changes files and runs the checks on them.

    Args:
        run: The run.
        bench: Where it works.
        codebase: Facts about the repository.
        base: The checks of the base, with which those of the change are compared.
        refusal: Says why this piece of work may not change a path, besides what no work may.
    """
    workspace = bench.workspace
    general = general_refusal(run, workspace)
    return [
        *reading(bench),
        *editing_tools(workspace.path, refusal=lambda path: refusal(path) or general(path)),
        checking_tool(_checks(run, workspace, codebase, base)),
    ]


def _checks(
    run: Run, workspace: Workspace, codebase: Codebase, base: CheckReport
) -> Callable[[], str]:
    def check() -> str:
        runner = check_runner(run, workspace, codebase)
        report = runner.run(worktrees.record_tree(workspace.path))
        return runner.describe(report, compare(base, report))

    return check


def general_refusal(run: Run, workspace: Workspace) -> Callable[[str], str]:
    """Return what tells an agent at once what the guard would refuse at the end."""
    globs = change_policy_of(run, workspace).protected_paths
    policy = policy_of(run)

    def refuse(path: str) -> str:
        glob = next((glob for glob in globs if matches_glob(path, glob)), "")
        if glob:
            return f"{path!r} is protected by {glob!r}: no change may touch it."
        return path_refusal(path, policy)

    return refuse


def ask_agent(
    run: Run,
    stage_id: str,
    agent: str,
    answer: type[A],
    inputs: Mapping[str, object],
    bench: Workbench,
    tools: Sequence[AgentTool],
) -> A:
    """Have an agent do its work in the worktree, and return its typed answer.

    Raises:
        WorkError: There is no usable answer within the limits.
        BudgetExceeded: A call does not fit under a cap.
        ServiceError: The provider refuses or fails.
    """
    profile = profile_of(run)
    journal = journal_of(run, stage_id, profile)
    limits = LIMITS[agent]
    connected = connect(run, profile, agent, limits, journal)
    ticket = inputs.get("ticket") if agent in LOOKING else None
    question = Question(
        agent=agent,
        inputs=inputs,
        answer=answer,
        tools=tools,
        limits=limits,
        prompts=prompts_for(run, agent),
        pictures=pictures_of(journal, ticket) if isinstance(ticket, Ticket) else NO_PICTURES,
    )
    return ask(
        question,
        model=connected.model,
        model_name=connected.name,
        journal=journal,
        recorded=connected.recorded,
        workspace=bench,
    )
