"""What a change holds that no check says, read from real trees."""

import pytest

from mergewright.clients import trees
from mergewright.domain.changeset import Changeset, ImplementationSummary
from mergewright.domain.objections import Rule, Treatment
from mergewright.domain.workspace import Workspace
from mergewright.safety.policy import ChangePolicy
from tasks._evidence import MAX_BYTES, gather_evidence
from tests.clients.check_samples import commit_files, make_repository

TESTS = "def test_a():\n    assert f() == 1\n\n\ndef test_b():\n    assert f() == 2\n"
BASE = {
    "src/shop.py": "def f(): ...\n",
    "tests/test_shop.py": TESTS,
    "tests/conftest.py": "import pytest\n",
    "ci/pytest.ini": "[pytest]\n",
    "requirements.txt": "idna==3.10\n",
}


@pytest.fixture
def look(tmp_path):
    repository = make_repository(tmp_path / "repository")
    commit, base_tree = commit_files(repository, BASE)
    workspace = Workspace(
        repository="r", mirror=repository, path=tmp_path / "w", branch="b", base="main",
        base_commit=commit, base_tree=base_tree, committed_at="2026-11-20T00:00:00Z",
    )  # fmt: skip

    def look(changed, policy=ChangePolicy()):  # noqa: B008 - a frozen value
        files = {name: text for name, text in {**BASE, **changed}.items() if text is not None}
        _, tree = commit_files(repository, files)
        changeset = Changeset(
            base_commit=commit, tree=tree,
            diff=trees.diff(repository, commit, tree),
            files=trees.changed_files(repository, commit, tree),
            summary=ImplementationSummary(summary="So.", commit_subject="Change what is there"),
        )  # fmt: skip
        return gather_evidence(workspace, changeset, policy)

    return look


def said(evidence):
    return [(str(one.rule), one.path, one.subject) for one in evidence.objections]


def test_a_test_file_that_is_moved_loses_no_test(look):
    moved = look({"tests/test_shop.py": None, "tests/unit/test_shop.py": TESTS})
    assert said(moved) == []
    assert moved.became["tests/test_shop.py::test_a"] == "tests/unit/test_shop.py::test_a"
    less = look(
        {"tests/test_shop.py": None, "tests/unit/test_shop.py": TESTS[: TESTS.index("\n\n")]}
    )
    assert said(less) == [("deleted-test", "tests/test_shop.py", "test_b")]
    assert less.gone == ("tests/test_shop.py::test_b",)


def test_settings_are_held_against_it_and_at_a_protected_path_for_good(look):
    change = {"tests/conftest.py": "x = 1\n", "ci/pytest.ini": "[pytest]\naddopts = -x\n"}
    found = look(change, ChangePolicy(protected_paths=("ci/**",)))
    assert [(one.rule, one.is_final) for one in found.objections] == [
        (Rule.CHECK_SETTINGS, True),
        (Rule.SHARED_SETUP, False),
    ]


def test_new_packages_and_headers_follow_the_policy(look):
    policy = ChangePolicy(
        licence_header="SPDX-License-Identifier: MIT",
        objections={Rule.NEW_PACKAGE: Treatment.ASK},
    )
    change = {"requirements.txt": "idna==3.10\nattrs==25.3\n", "src/more.py": "x = 1\n"}
    found = look(change, policy)
    assert said(found) == [
        ("new-package", "requirements.txt", "attrs"),
        ("licence-header", "src/more.py", ""),
    ]
    assert found.packages == ("python: attrs==25.3",)
    assert found.treatments == policy.objections
    known = ChangePolicy(known_packages=("python:attrs",))
    assert said(look({"requirements.txt": change["requirements.txt"]}, known)) == []


def test_what_is_no_test_may_call_whom_it_likes_and_too_large_a_test_is_unreadable(look):
    code = "import subprocess\n\n\ndef f():\n    subprocess.run(['x'])\n"
    assert said(look({"src/shop.py": code})) == []
    assert said(look({"tests/running.py": code})) == [
        ("process-call", "tests/running.py", "subprocess.run")
    ]
    large = {"tests/test_large.py": f"# {'x' * MAX_BYTES}\n"}
    assert said(look(large)) == [("unreadable-test", "tests/test_large.py", "")]
