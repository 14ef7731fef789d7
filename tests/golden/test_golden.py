"""Every good change passes every gate; every bad one is stopped, and by the gate that should stop it.

The gates are the real ones: the checks run in the sandbox, on the base and on each change.
"""

import shutil
from pathlib import Path

import pytest

from flows._gates import check_gates
from mergewright.clients import trees
from mergewright.clients.checks import CheckRunner
from mergewright.clients.environments import prepare_environment
from mergewright.domain.changeset import Changeset, ImplementationSummary
from mergewright.domain.codebase import CheckCommand, CheckKind, Codebase
from mergewright.domain.gates import GateStatus
from mergewright.domain.ticket import Ticket, TicketKind
from mergewright.domain.workspace import Workspace
from mergewright.safety.policy import ChangePolicy
from tasks._evidence import gather_evidence
from tasks._guarding import guard_gates
from tasks._verification import verify
from tests.clients.check_samples import any_sandbox, commit_files, make_repository
from tests.golden.golden_cases import GENERIC, load_cases

PAGE = Path(__file__).parents[2] / "docs" / "gates.md"
LINT = CheckCommand(kind=CheckKind.LINT, argv=("ruff", "check", "."), source="test")
COMMANDS = {
    "python": (LINT, CheckCommand(kind=CheckKind.TESTS, argv=("pytest", "-q"), source="test")),
    "javascript": (CheckCommand(kind=CheckKind.TESTS, argv=("node", "--test"), source="test"),),
}
SUMMARY = ImplementationSummary(summary="Mended.", commit_subject="Mend what is broken")
WITHOUT_RUNNING = {"Syntax", "Integrity", "Dependencies", "Secrets", "Change policy"}
"""Gates that read a change and run nothing of it: the tests need not be run to see them."""
CASES = {case.name: case for case in load_cases()}


@pytest.fixture
def repository(tmp_path):
    return make_repository(tmp_path / "repository")


def failed_gates(case, mirror, runner, base, workspace, tree):
    """Hold a change against all gates, and return the names of those that failed."""
    changeset = Changeset(
        base_commit=workspace.base_commit,
        tree=tree,
        diff=trees.diff(mirror, workspace.base_commit, tree),
        files=trees.changed_files(mirror, workspace.base_commit, tree),
        summary=SUMMARY,
    )
    policy = ChangePolicy()
    seen = verify(runner, workspace, base, changeset)
    seen = seen.model_copy(update={"evidence": gather_evidence(workspace, changeset, policy)})
    ticket = Ticket(key="T-1", title=case.title, description=case.description, kind=TicketKind.BUG)
    gates = (*check_gates(ticket, seen), *guard_gates(changeset, policy))
    return [gate.name for gate in gates if gate.status is GateStatus.FAILED]


@pytest.mark.parametrize("name", CASES)
def test_good_changes_are_accepted_and_bad_ones_rejected(name, repository, tmp_path, home):
    case = CASES[name]
    if case.language == "javascript" and shutil.which("node") is None:
        pytest.skip("node is not installed on this host")
    sandbox = any_sandbox()
    environment = prepare_environment(
        Codebase(commit="c", file_count=0), repository, tmp_path, sandbox
    )
    runner, still = (
        CheckRunner(repository, sandbox, commands, environment, tmp_path / "s")
        for commands in (COMMANDS[case.language], ())
    )
    commit, base_tree = commit_files(repository, case.base)
    workspace = Workspace(
        repository=str(repository), mirror=repository, path=tmp_path / "w", base="main", base_commit=commit,
        base_tree=base_tree, branch="b", committed_at="2026-11-20T00:00:00Z",
    )  # fmt: skip
    base, no_base = runner.run(base_tree), still.run(base_tree)
    for change, row in zip(case.changes, case.rows, strict=True):
        _, tree = commit_files(repository, change.files)
        runs = (still, no_base) if change.stopped_by in WITHOUT_RUNNING else (runner, base)
        failed = failed_gates(case, repository, *runs, workspace, tree)
        print(row, failed)  # noqa: T201 - the table, with `-s`
        if change.stopped_by:
            assert change.stopped_by in failed, (change.name, failed)
        else:
            assert failed == [], change.name


def test_the_cases_are_many_enough_and_the_page_shows_each():
    rows = [row for case in CASES.values() for row in case.rows]
    page = PAGE.read_text("utf-8")
    shown = [
        line
        for line in page.splitlines()
        if line.endswith((" accepted |",)) or " | rejected by " in line
    ]
    assert shown == rows
    assert len(CASES) >= 8
    changes = [change for case in CASES.values() for change in case.changes]
    assert {change.stopped_by for change in changes} == {"", "Tests", "Proof", *WITHOUT_RUNNING}
    assert {change.name for change in changes} >= set(GENERIC)
