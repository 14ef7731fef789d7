"""Stages about documentation: where it stands, what of it is not true, and correcting that."""

from prefect.artifacts import create_markdown_artifact

from mergewright.agents.tools import AgentTool, checking_tool, editing_tools
from mergewright.clients import worktrees
from mergewright.clients.mirrors import resolve_base
from mergewright.domain.changeset import Changeset, ImplementationSummary
from mergewright.domain.checks import CheckReport, CheckStatus
from mergewright.domain.codebase import Codebase
from mergewright.domain.delivery import Delivery, Outcome, Run
from mergewright.domain.documentation import DocumentationCheck, DocumentationState
from mergewright.domain.events import RunFinished, RunStarted
from mergewright.domain.release import Release
from mergewright.domain.ticket import Ticket
from mergewright.domain.value import Value
from mergewright.domain.workspace import Workspace
from mergewright.errors import AnswerUnusable
from mergewright.events import projections
from mergewright.texts.documentation import (
    changes_told,
    documentation_state,
    documentation_ticket,
    findings_told,
)
from tasks._agent_work import ask_agent, changeset_of, general_refusal, reading
from tasks._documents import look, look_at_change, writable_in
from tasks._facts import pinned
from tasks._policies import stage
from tasks._runs import event_store, journal_of, policy_of, profile_of
from tasks._workbench import Workbench, open_workbench, require_sandbox
from tasks.stages import artifact_name
from tasks.workspace import fetch_mirror

WORKFLOW = "documentation"
STAGE = "standing"
MAX_EARLIER_RUNS = 20


class Standing(Value):
    """Where the documentation of a repository stands when a run begins to look at it."""

    commit: str
    """The base."""
    recorded: str = ""
    """Commit at which an earlier run found nothing to do."""
    since: str = ""
    """Commit at which all was true, as the request says."""
    proposed: str = ""
    """Address of a pull request of an earlier run that is still open."""


@stage("See where the documentation stands", kept=False)
def find_standing(run: Run, since: str) -> Standing:
    """Return the base, the commit at which the documentation was true, and what is proposed already.

    A run keeps what it found first.

    Raises:
        NotFound: There is no such repository or base branch.
        ServiceError: The repository or the code host refused or did not answer.
        StoreFailed: The log cannot be read or written.
    """

    def find() -> Standing:
        commit = resolve_base(fetch_mirror(run), run.base)
        earlier = _earlier_reports(run)
        true_at = next(
            (
                one.base_commit
                for one in earlier
                if one.outcome is Outcome.NOTHING_TO_DO and one.documentation is not None
            ),
            "",
        )
        return Standing(
            commit=commit,
            recorded=true_at,
            since=since,
            proposed=_proposed(run, commit, earlier),
        )

    return pinned(journal_of(run, STAGE), STAGE, Standing, find)


def ticket_of_standing(run: Run, standing: Standing) -> Ticket:
    """Return the ticket of a run that has none: the same for the same repository and base."""
    return documentation_ticket(run.repository, standing.commit, None, prefix=prefix_of(run))


def prefix_of(run: Run) -> str:
    """Return what the keys of a run's tickets begin with, by what it writes."""
    return "DOCSTRINGS" if policy_of(run).comments_only else "DOCS"


def base_of(run: Run, standing: Standing) -> Release:
    """Return the base as the commit that the documentation is looked at."""
    return Release(name=run.base, commit=standing.commit, branch=run.base)


@stage("Look for what is not true")
def examine(
    run: Run, workspace: Workspace, codebase: Codebase, standing: Standing
) -> DocumentationState:
    """Hold the documents against the code, and show what is found before anything is written.

    Raises:
        ConfigError: A grammar does not load, or the repository's policy file is wrong.
        SandboxUnavailable: The sandbox could not be set up.
        ServiceUnavailable: git was killed or took too long.
    """
    state = look(run, workspace, codebase, recorded=standing.recorded, since=standing.since)
    create_markdown_artifact(
        key=f"documentation-{artifact_name(run)}",
        markdown=documentation_state(run.repository, state),
        description="What of the documentation is not true",
    )
    journal_of(run, "examine").note(
        f"{len(state.findings)} findings in {len(state.documents)} documents,"
        f" {state.commits_since} commits since {state.documented_commit[:12] or 'the beginning'}"
    )
    return state


def standing_again(state: DocumentationState) -> Standing:
    """Return where the documentation stood when a run found this, so that it is found again."""
    by = {state.documented_by: state.documented_commit}
    return Standing(commit=state.commit, recorded=by.get("recorded", ""), since=by.get("named", ""))


def no_checks(workspace: Workspace) -> CheckReport:
    """Return the report on a base whose own checks say nothing about its documents.

    Raises:
        SandboxUnavailable: Nothing on this host could run what documents show.
    """
    return CheckReport(tree=workspace.base_tree, sandbox=require_sandbox().level, results=())


@stage("Make a ticket of what is found", kept=False)
def make_ticket(run: Run, workspace: Workspace, state: DocumentationState) -> Ticket:
    """Return the ticket of what is found, and keep it as the run's own.

    Raises:
        StoreFailed: The log cannot be read or written.
    """
    return pinned(
        journal_of(run, "findings"),
        "ticket",
        Ticket,
        lambda: documentation_ticket(
            run.repository, workspace.base_commit, state, prefix=prefix_of(run)
        ),
    )


@stage("Write the documentation", run_name="Write the documentation (round {attempt})", paid=True)
def write(
    run: Run,
    workspace: Workspace,
    codebase: Codebase,
    state: DocumentationState,
    changeset: Changeset | None,
    complaint: str,
    attempt: int,
) -> Changeset:
    """Have the documents corrected where they are not true.

    Args:
        run: The run.
        workspace: Where it is worked on.
        codebase: Facts about the repository.
        state: What was found.
        changeset: The change so far; None begins with none.
        complaint: What is wrong with it.
        attempt: Round, the first being 0.

    Raises:
        WorkError: There is no usable answer within the limits, or nothing was changed.
        BudgetExceeded: A call does not fit under a cap.
        ServiceError: The provider refuses or fails.
    """
    bench = open_workbench(run, workspace, tree=changeset.tree if changeset else None)
    seen = look_at_change(run, workspace, codebase, state, changeset.tree) if changeset else None
    inputs = {
        "codebase": codebase,
        "documents": "\n".join(state.documents),
        "findings": findings_told("What is not true", state.findings),
        "changes": changes_told(state),
        "diff": changeset.diff if changeset else "",
        "check_report_text": describe(seen) if seen else "",
        "complaint": complaint,
    }
    tools = _tools(run, bench, codebase, state)
    stage_id, agent = f"repair-{attempt}" if attempt else "write", policy_of(run).agents[0]
    summary = ask_agent(run, stage_id, agent, ImplementationSummary, inputs, bench, tools)
    written = changeset_of(bench, summary)
    if written.is_empty:
        raise AnswerUnusable(
            "The documentation agent says that it is done and has changed nothing.",
            hint="Look at the findings in the report; try another model, with --fresh.",
        )
    return written


@stage("Check the documents", run_name="Check the documents (round {attempt})")
def check(
    run: Run,
    workspace: Workspace,
    codebase: Codebase,
    state: DocumentationState,
    changeset: Changeset,
    attempt: int,
) -> DocumentationCheck:
    """Check links, names, code blocks, commands and style of the documents as the change has them.

    Raises:
        ConfigError: A grammar does not load, or the repository's policy file is wrong.
        SandboxUnavailable: The sandbox could not be set up.
    """
    _ = attempt
    if workspace.base_commit != state.commit:
        state = look(run, workspace, codebase, since=state.documented_commit)
    return look_at_change(run, workspace, codebase, state, changeset.tree)


def describe(seen: DocumentationCheck) -> str:
    """Say in the fewest useful words what is wrong with documents."""
    parts = [
        findings_told("Still not true", seen.left),
        findings_told("Not true because of the change", seen.new),
    ]
    if seen.strangers:
        parts.append(f"Changed, though they may not be: {', '.join(seen.strangers)}")
    if seen.style is CheckStatus.FAILED:
        parts.append(f"Style:\n{seen.style_output}")
    return "\n\n".join(part for part in parts if part) or "The checks found nothing wrong."


def _tools(
    run: Run, bench: Workbench, codebase: Codebase, state: DocumentationState
) -> list[AgentTool]:
    workspace = bench.workspace
    is_writable, general = writable_in(run, workspace), general_refusal(run, workspace)

    def refuse(path: str) -> str:
        told = f"{path!r} is not what is written here: {policy_of(run).title}"
        return general(path) or ("" if is_writable(path) else told)

    def check_now() -> str:
        tree = worktrees.record_tree(workspace.path)
        return describe(look_at_change(run, workspace, codebase, state, tree))

    return [
        *reading(bench),
        *editing_tools(workspace.path, refusal=refuse),
        checking_tool(check_now),
    ]


def _earlier_reports(run: Run) -> list[Delivery]:
    """Return the reports of earlier runs on the same base of the repository, newest first."""
    store = event_store()
    runs = [
        stored.event.run_id
        for stored in store.read(types=("run_started",))
        if isinstance(stored.event, RunStarted)
        and stored.event.workflow == WORKFLOW
        and stored.event.repository == run.repository
        and stored.event.request.get("base") == run.base
        and bool(stored.event.request.get("docstrings")) == policy_of(run).comments_only
        and stored.event.run_id != run.id
    ]
    reports = []
    for run_id in list(dict.fromkeys(reversed(runs)))[:MAX_EARLIER_RUNS]:
        ends = [one.event for one in store.read(run_id=run_id, types=("run_finished",))]
        report = projections.report_of(one for one in ends if isinstance(one, RunFinished))
        if report is not None:
            reports.append(report)
    return reports


def _proposed(run: Run, commit: str, earlier: list[Delivery]) -> str:
    """Return the address of an open pull request about the documentation; empty where none is open."""
    host = profile_of(run).code_host.connect()
    keys = [documentation_ticket(run.repository, commit, None, prefix=prefix_of(run)).key]
    keys += [one.ticket.key for one in earlier if one.pull_request and one.ticket]
    for key in dict.fromkeys(keys):
        for opened in host.pull_requests(run.repository, key):
            if opened.state == "open":
                return opened.url
    return ""
