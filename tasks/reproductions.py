"""The stage that shows a fault by a test, on the release's own code and in the sandbox."""

from collections.abc import Collection

from mergewright.analysis.file_roles import is_test
from mergewright.analysis.languages import language_of
from mergewright.clients.check_words import describe
from mergewright.domain.changeset import Changeset, ImplementationSummary
from mergewright.domain.checks import CheckReport, compare
from mergewright.domain.codebase import Codebase
from mergewright.domain.delivery import Run
from mergewright.domain.readiness import Readiness, ReadinessVerdict
from mergewright.domain.release import Release
from mergewright.domain.reproduction import Reproduction, ReproductionAnswer
from mergewright.domain.ticket import Ticket
from mergewright.domain.workflow_policy import WorkflowPolicy
from mergewright.domain.workspace import Workspace
from tasks._agent_work import ask_agent, changeset_of, working_tools
from tasks._policies import stage
from tasks._runs import journal_of
from tasks._workbench import check_runner, open_workbench

SUBJECT = "Show the fault by a test"
MAX_NAMED = 10


@stage("Reproduce the fault", run_name="Reproduce the fault (round {attempt})", paid=True)
def reproduce(
    run: Run,
    ticket: Ticket,
    workspace: Workspace,
    codebase: Codebase,
    base: CheckReport,
    earlier: Changeset | None,
    complaint: str,
    attempt: int,
) -> Reproduction:
    """Have an agent show the fault by a test, and see for ourselves that the test is red.

    Args:
        run: The run.
        ticket: What is wrong.
        workspace: Where it is worked on.
        codebase: Facts about the repository.
        base: The checks of the release.
        earlier: The tests so far; None begins with none.
        complaint: Why they do not show the fault.
        attempt: Round, the first being 0.

    Raises:
        WorkError: There is no usable answer within the limits.
        BudgetExceeded: A call does not fit under a cap.
        ServiceError: The provider refuses or fails.
    """
    stage_id = f"reproduce-{attempt}"
    bench = open_workbench(run, workspace, tree=earlier.tree if earlier else None)
    runner = check_runner(run, workspace, codebase)
    report = runner.run(earlier.tree) if earlier else base
    inputs = {
        "ticket": ticket,
        "codebase": codebase,
        "check_report_text": describe(report, compare(base, report) if earlier else None),
        "diff": earlier.diff if earlier else "",
        "complaint": complaint,
    }
    tools = working_tools(run, bench, codebase, base, refusal=_refusal)
    answer = ask_agent(run, stage_id, "reproduction", ReproductionAnswer, inputs, bench, tools)
    summary = ImplementationSummary(summary=answer.summary, commit_subject=SUBJECT)
    changeset = changeset_of(bench, summary)
    if changeset.is_empty:
        return Reproduction(answer=answer, changeset=changeset)
    tested = runner.run(changeset.tree)
    seen = compare(base, tested)
    files = {file.path for file in changeset.files}
    red = tuple(test.id for test in seen.new_failures if _is_among(test.id, files))
    journal_of(run, stage_id).note(
        f"{len(red)} tests are red on the release: {', '.join(red[:MAX_NAMED])}"
        if red
        else "No test of the agent's is red on the release"
    )
    return Reproduction(answer=answer, changeset=changeset, red=red, output=describe(tested, seen))


def not_reproduced(found: Reproduction, release: Release | None) -> Readiness:
    """Return what the ticket is told and asked when a fault does not show."""
    where = f" on {release.name}" if release else ""
    tried = tuple(f"Tried: {one}" for one in found.answer.tried)
    return Readiness(
        verdict=ReadinessVerdict.UNCLEAR,
        reasons=(
            f"The fault could not be reproduced by a test{where}, and without one nothing is mended.",
            *((found.answer.summary,) if found.answer.summary else ()),
            *tried,
        ),
        questions=found.answer.questions
        or ("How can the fault be seen: which steps, data, settings and version?",),
    )


def complaint_of(found: Reproduction) -> str:
    """Say why the tests so far do not show the fault."""
    if found.changeset.is_empty:
        return "No test was written."
    return f"No test that you wrote is red on the release.\n{found.output}"


def bounds_told(policy: WorkflowPolicy) -> tuple[str, ...]:
    """Return what a change may be, as sentences for the agents that plan and write it."""
    told = []
    if policy.max_files and policy.max_changed_lines:
        told.append(
            f"The whole change, tests included, may touch at most {policy.max_files} files and"
            f" {policy.max_changed_lines} lines."
        )
    if not policy.refactoring:
        told.append("Nothing may be renamed, moved, removed or formatted anew.")
    if not policy.dependency_changes:
        told.append("No file that declares or locks dependencies may be changed.")
    return tuple(told)


def _refusal(path: str) -> str:
    return "" if is_test(path) else "only tests are written while a fault is reproduced."


def _is_among(test_id: str, files: Collection[str]) -> bool:
    """Whether a test is of one of these files, or of a runner that names none."""
    path = test_id.partition("::")[0]
    names_a_file = is_test(path) or language_of(path, "") is not None
    return path in files or not names_a_file
