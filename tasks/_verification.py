"""Holding a change against its base: what is red by it, what is red by chance, and what it proves."""

from collections.abc import Collection, Sequence

from mergewright.analysis.affected_tests import affected_tests
from mergewright.analysis.file_roles import is_test, is_test_module
from mergewright.clients import trees
from mergewright.clients.checks import CheckRunner
from mergewright.clients.code_index import index_commit
from mergewright.clients.fact_store import FactStore
from mergewright.clients.flaky_tests import settle
from mergewright.clients.history import changed_together
from mergewright.clients.kept_reports import KeptReports
from mergewright.domain.changeset import Changeset
from mergewright.domain.checks import (
    CheckReport,
    CheckResult,
    ProofRun,
    TestOutcome,
    Verification,
    compare,
)
from mergewright.domain.codebase import CheckKind
from mergewright.domain.workspace import Workspace
from mergewright.settings import settings

WORTH_SELECTING_SECONDS = 20.0
"""Suites that take longer on the base are begun with the tests that the change concerns most."""


def base_report(runner: CheckRunner, tree: str) -> CheckReport:
    """Return what the checks say of a base, as it was found before by the same commands.

    Raises:
        SandboxUnavailable: The sandbox could not be set up.
        NotFound: The mirror does not have the tree.
        StoreFailed: The scratch folder cannot be written.
    """
    kept = KeptReports(settings().home / "baselines")
    key = runner.key(tree)
    found = kept.find(key)
    if found is not None:
        return found
    report = runner.run(tree)
    report = settle(runner, report, [test.id for test in report.red_tests])
    kept.keep(key, report)
    return report


def verify(
    runner: CheckRunner, workspace: Workspace, base: CheckReport, changeset: Changeset
) -> Verification:
    """Run the checks on a change, the tests next to it first, and try its tests on the base's code.

    Where those next to it fail already, the others are not run: they are before it is published.

    Raises:
        SandboxUnavailable: The sandbox could not be set up.
        NotFound: The mirror does not have the trees.
        StoreFailed: The scratch folder or the store of facts cannot be written.
    """
    if _is_slow(base):
        early = verify_affected(runner, workspace, base, changeset)[0]
        if early.delta.new_failures:
            return early
    changed = {file.path for file in changeset.files}
    report = runner.run(changeset.tree, changed=changed)
    report = settle(runner, report, _ids_of_new(base, report))
    run = _prove(runner, workspace, base, changeset, report)
    return Verification(
        report=report,
        delta=compare(base, report),
        proof=run.tests if run else (),
        proof_run=run,
    )


def verify_affected(
    runner: CheckRunner, workspace: Workspace, base: CheckReport, changeset: Changeset
) -> tuple[Verification, Sequence[str]]:
    """Run only the tests that a change concerns most; return what they say, and their files.

    Raises:
        SandboxUnavailable: The sandbox could not be set up.
        NotFound: The mirror does not have the trees.
        StoreFailed: The scratch folder or the store of facts cannot be written.
    """
    tree = changeset.tree
    paths = _affected(workspace, changeset)
    report = CheckReport(tree=tree, sandbox=base.sandbox, results=())
    if paths:
        report = runner.run_tests(tree, paths)
        report = settle(runner, report, _ids_of_new(base, report))
    return Verification(report=report, delta=compare(_only(base, paths), report)), paths


def _is_slow(base: CheckReport) -> bool:
    tests = base.result(CheckKind.TESTS)
    return tests is not None and tests.duration_seconds > WORTH_SELECTING_SECONDS


def _ids_of_new(base: CheckReport, report: CheckReport) -> list[str]:
    return [test.id for test in compare(base, report).new_failures]


def _affected(workspace: Workspace, changeset: Changeset) -> tuple[str, ...]:
    mirror, tree = workspace.mirror, changeset.tree
    changed = [file.path for file in changeset.files]
    with FactStore(settings().home / "facts.db") as store:
        imports = index_commit(mirror, tree, store).import_graph
    return affected_tests(
        set(changed),
        (file.path for file in trees.list_files(mirror, tree)),
        lambda path: trees.read_blob(mirror, tree, path) or b"",
        imports=imports,
        together=changed_together(mirror, workspace.base_commit, changed),
    )


def _only(base: CheckReport, paths: Collection[str]) -> CheckReport:
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


def _prove(
    runner: CheckRunner,
    workspace: Workspace,
    base: CheckReport,
    changeset: Changeset,
    report: CheckReport,
) -> ProofRun | None:
    """Run the change's tests on the base's code; return those that are red there only, and each time."""
    paths = [
        file.path
        for file in changeset.files
        if file.status in {"added", "modified"} and is_test(file.path)
    ]
    after = report.result(CheckKind.TESTS)
    if not paths or after is None:
        return None
    tree = trees.overlay_tree(
        workspace.mirror, base=workspace.base_tree, change=changeset.tree, paths=paths
    )
    before = _on_base(runner, tree, [path for path in paths if is_test_module(path)])
    if before is None:
        return None
    red = {test.id for test in before.tests if test.is_red}
    unloaded = set(paths) if runner.is_unbuilt(before) else red
    known = {test.id for result in base.results for test in result.tests}
    proved = sorted(
        test.id
        for test in after.tests
        if test.outcome is TestOutcome.PASSED
        and (test.id in red or (test.id not in known and _lies_in(test.id, paths, unloaded)))
    )
    if not proved:
        return None
    return ProofRun(
        argv=after.argv,
        base_commit=workspace.base_commit,
        base_exit_code=before.exit_code,
        tree=changeset.tree,
        change_exit_code=after.exit_code,
        tests=tuple(proved),
    )


def _on_base(runner: CheckRunner, tree: str, modules: Sequence[str]) -> CheckResult | None:
    """Run a change's tests on the base's code, again where they are red: chance proves nothing."""
    report = runner.run_tests(tree, modules) if modules else None
    if report is None or not report.results:
        report = runner.run_all_tests(tree)
    report = settle(runner, report, [test.id for test in report.red_tests])
    return report.result(CheckKind.TESTS)


def _lies_in(name: str, paths: Collection[str], unloaded: Collection[str]) -> bool:
    """Whether a test is of a changed file that cannot even be loaded on the base's code.

    It calls what is not there: its file, or in Go the folder, is red instead of it.
    """
    path = name.partition("::")[0]
    return path in paths and (path in unloaded or (path.rpartition("/")[0] or ".") in unloaded)
