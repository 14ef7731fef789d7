"""Stages that check: the base before any change, and the change against the base."""

from collections.abc import Sequence

from mergewright.analysis.affected_tests import affected_tests
from mergewright.analysis.file_roles import is_test
from mergewright.clients import trees
from mergewright.clients.checks import CheckRunner
from mergewright.domain.changeset import Changeset
from mergewright.domain.checks import CheckReport, CheckStatus, Verification, compare
from mergewright.domain.codebase import CheckKind, Codebase
from mergewright.domain.delivery import Run
from mergewright.domain.workspace import Workspace
from mergewright.errors import NotReady
from tasks._policies import stage
from tasks._runs import journal_of, profile_of
from tasks._workbench import check_runner


@stage("Check the base")
def check_base(run: Run, workspace: Workspace, codebase: Codebase) -> CheckReport:
    """Run the repository's checks before anything is changed, so that old faults are known as such.

    Raises:
        NotReady: There are no tests, or they cannot run at all.
        SettingInvalid: What the repository declares cannot be installed.
        SandboxUnavailable: There is no sandbox to run them in.
    """
    journal = journal_of(run, "baseline")
    report = check_runner(run, workspace, codebase).run(workspace.base_tree)
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
        passed = len(tests.tests) - red
        journal.note(f"{passed} tests pass" + (f", {red} are red before any change" if red else ""))
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
    journal = journal_of(run, f"check-{attempt}")
    runner = check_runner(run, workspace, codebase)
    report = runner.run(changeset.tree)
    delta = compare(base, report)
    proof = _proof(runner, workspace, changeset, report)
    journal.note(
        f"{len(delta.new_failures)} new failures, {len(delta.new_findings)} new findings, "
        f"{len(delta.added)} tests added, {len(proof)} of them red on the base"
    )
    return Verification(report=report, delta=delta, proof=proof)


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
    mirror, tree = workspace.mirror, changeset.tree
    paths = affected_tests(
        {file.path for file in changeset.files},
        (file.path for file in trees.list_files(mirror, tree)),
        lambda path: trees.read_blob(mirror, tree, path) or b"",
    )
    runner = check_runner(run, workspace, codebase)
    report = (
        runner.run_tests(tree, paths)
        if paths
        else CheckReport(tree=tree, sandbox=base.sandbox, results=())
    )
    journal_of(run, f"affected-{attempt}").note(f"Test files: {', '.join(paths) or 'none'}")
    return Verification(report=report, delta=compare(_only(base, paths), report))


def _only(base: CheckReport, paths: Sequence[str]) -> CheckReport:
    """Return what a report says of the tests of some files."""
    results = tuple(
        result.model_copy(
            update={
                "tests": tuple(test for test in result.tests if test.id.partition("::")[0] in paths)
            }
        )
        for result in base.results
        if result.kind is CheckKind.TESTS
    )
    return base.model_copy(update={"results": results})


def _proof(
    runner: CheckRunner, workspace: Workspace, changeset: Changeset, report: CheckReport
) -> tuple[str, ...]:
    """Run the change's tests on the base's code and return the ids that are red there only."""
    tests = [
        file.path
        for file in changeset.files
        if file.status in {"added", "modified"} and is_test(file.path)
    ]
    if not tests:
        return ()
    tree = trees.overlay_tree(
        workspace.mirror, base=workspace.base_tree, change=changeset.tree, paths=tests
    )
    before = runner.run(tree)
    red = {test.id for test in before.red_tests}
    green = {test.id for result in report.results for test in result.tests if not test.is_red}
    # a test file that cannot even be imported on the base is red under its path alone
    return tuple(sorted(name for name in green if name in red or name.partition("::")[0] in red))
