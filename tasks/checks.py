"""Stages that check: the base before any change, and the change against the base."""

from mergewright.domain.changeset import Changeset
from mergewright.domain.checks import CheckReport, CheckStatus, Verification
from mergewright.domain.codebase import CheckKind, Codebase
from mergewright.domain.delivery import Run
from mergewright.domain.workspace import Workspace
from mergewright.errors import NotReady
from tasks._evidence import gather_evidence
from tasks._policies import stage
from tasks._runs import journal_of, profile_of
from tasks._verification import base_report, verify, verify_affected
from tasks._workbench import change_policy_of, check_runner


@stage("Check the base")
def check_base(run: Run, workspace: Workspace, codebase: Codebase) -> CheckReport:
    """Run the repository's checks before anything is changed, so that old faults are known as such.

    Raises:
        NotReady: There are no tests, or they cannot run at all.
        SettingInvalid: What the repository declares cannot be installed.
        SandboxUnavailable: There is no sandbox to run them in.
    """
    journal = journal_of(run, "baseline")
    report = base_report(check_runner(run, workspace, codebase), workspace.base_tree)
    tests = report.result(CheckKind.TESTS)
    if tests is None or tests.status is CheckStatus.SKIPPED:
        if profile_of(run).require_tests:
            raise NotReady(
                f"No tests were found in {run.repository!r} at {workspace.base!r}: "
                "nothing could prove a change.",
                hint=(
                    "Name the command in .mergewright.yml (checks: {tests: [...]}), add a first "
                    "test, or set require_tests to false in the delivery profile."
                ),
            )
        journal.note("The repository has no tests.")
    elif tests.status is CheckStatus.BROKEN:
        raise NotReady(
            f"The tests of {run.repository!r} cannot run on the base: {' '.join(tests.argv)}",
            hint=f"Mend this first, or name another command in .mergewright.yml. {tests.output}",
        )
    else:
        red = len(report.red_tests)
        passed = len(tests.tests) - red - len(report.flaky_tests)
        flaky = ", ".join(test.id for test in report.flaky_tests)
        journal.note(
            f"{passed} tests pass"
            + (f", {red} are red before any change" if red else "")
            + (f", flaky: {flaky}" if flaky else "")
        )
    return report


@stage("Check the change", run_name="Check the change (round {attempt})")
def check_change(
    run: Run,
    workspace: Workspace,
    codebase: Codebase,
    base: CheckReport,
    changeset: Changeset,
    attempt: int,
) -> Verification:
    """Run the checks on the change, compare with the base, and try its tests on the base's code.

    Raises:
        SandboxUnavailable: There is no sandbox to run them in.
    """
    return _verify(run, f"check-{attempt}", workspace, codebase, base, changeset)


@stage("Check the old script's change")
def check_script(
    run: Run, workspace: Workspace, codebase: Codebase, base: CheckReport, changeset: Changeset
) -> Verification:
    """Run the same checks on what an old script changed, with which a workflow is compared.

    Raises:
        SandboxUnavailable: There is no sandbox to run them in.
    """
    return _verify(run, "script-check", workspace, codebase, base, changeset)


def _verify(
    run: Run,
    stage_id: str,
    workspace: Workspace,
    codebase: Codebase,
    base: CheckReport,
    changeset: Changeset,
) -> Verification:
    seen = verify(check_runner(run, workspace, codebase), workspace, base, changeset)
    delta = seen.delta
    flaky = f", flaky: {', '.join(delta.flaky)}" if delta.flaky else ""
    journal_of(run, stage_id).note(
        f"{len(delta.new_failures)} new failures, {len(delta.new_findings)} new findings, "
        f"{len(delta.added)} tests added, {len(seen.proof)} of them red on the base{flaky}"
    )
    evidence = gather_evidence(workspace, changeset, change_policy_of(run, workspace))
    return seen.model_copy(update={"evidence": evidence})


@stage("Check the affected tests", run_name="Check the affected tests (round {attempt})")
def check_affected(
    run: Run,
    workspace: Workspace,
    codebase: Codebase,
    base: CheckReport,
    changeset: Changeset,
    attempt: int,
) -> Verification:
    """Run the tests next to a change, which fail sooner than the whole suite.

    Raises:
        SandboxUnavailable: There is no sandbox to run them in.
    """
    runner = check_runner(run, workspace, codebase)
    seen, paths = verify_affected(runner, workspace, base, changeset)
    journal_of(run, f"affected-{attempt}").note(f"Test files: {', '.join(paths) or 'none'}")
    return seen
