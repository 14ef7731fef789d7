"""Gates of a commit of a local repository, and what does not run there."""

import pytest

from mergewright.domain.gates import Gate, GateStatus
from mergewright.errors import Rejected

COMMIT = "a" * 40


def gate(name="tests", summary="12 tests"):
    return Gate(name=name, status=GateStatus.PASSED, summary=summary)


def test_gates_are_a_file_of_the_commit(forge, repository):
    told = (repository, COMMIT, [gate(), gate("proof")], "https://runs/1")
    names = ("mergewright/tests", "mergewright/proof")
    assert forge.report_gates(*told) == (names, False)
    path = forge.pulls_folder(repository) / f"gates-{COMMIT}.md"
    written = path.read_text()
    assert "mergewright/tests: 'passed: 12 tests <https://runs/1>'" in written
    assert forge.report_gates(*told) == (names, True)
    assert not forge.report_gates(repository, COMMIT, [gate(summary="13")], "").found
    back = forge.withdraw_gates(*told, reason="Undone.", rehearse=True)
    assert back.outcome == "undone"
    assert forge.withdraw_gates(*told, reason="Undone.").outcome == "undone"
    assert "mergewright/proof: 'taken back: Undone.'" in path.read_text()
    assert "mergewright/tests: 'passed: 13'" in path.read_text()
    assert forge.withdraw_gates(*told, reason="Undone.").outcome == "kept"
    other = forge.withdraw_gates(repository, "b" * 40, [gate()], reason="Undone.")
    assert other.outcome == "already"
    assert [one.number for one in forge.pull_requests(repository, "TODO-7")] == [1]


def test_a_commit_is_no_path(forge, repository):
    with pytest.raises(Rejected):
        forge.report_gates(repository, "../../x", [gate()])


def test_nothing_runs_in_a_folder(forge, repository):
    with pytest.raises(Rejected, match="runs nothing"):
        forge.dispatch_workflow(repository, "ci.yml", "main", {}, marker="run-1")
    assert forge.cancel_workflow(repository, 1).outcome == "already"
    assert forge.external_checks(repository, COMMIT) == ()
    assert forge.wait_for_checks(repository, COMMIT, timeout_seconds=9).complete
