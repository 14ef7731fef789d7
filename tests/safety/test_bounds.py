"""What a type of workflow may change, beside the change policy."""

import pytest

from mergewright.domain.changeset import Changeset, FileChange, ImplementationSummary
from mergewright.domain.workflow_policy import WorkflowPolicy
from mergewright.safety.bounds import bound_violations, narrowed, path_refusal
from mergewright.safety.policy import ChangePolicy

FREE = WorkflowPolicy(workflow="standard_dev")
TIGHT = WorkflowPolicy(
    workflow="hotfix",
    dependency_changes=False,
    refactoring=False,
    max_files=6,
    max_changed_lines=200,
)
DOCS = WorkflowPolicy(workflow="documentation", writable_paths=("docs/**", "*.md"))


def change(path="shop.py", *lines, status="modified"):
    body = "\n".join(lines)
    removed = sum(line.startswith("-") for line in lines)
    added = sum(line.startswith("+") for line in lines)
    diff = (
        f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n"
        f"@@ -1,{removed} +1,{added} @@\n{body}\n"
    )
    return Changeset(
        base_commit="base",
        tree="tree",
        diff=diff if lines else "",
        files=(FileChange(path=path, status=status, additions=added, deletions=removed),),
        summary=ImplementationSummary(summary="So.", commit_subject="Mend the fault"),
    )


@pytest.mark.parametrize(
    "path",
    [
        "pyproject.toml",
        "web/package.json",
        "requirements-dev.txt",
        "uv.lock",
        "go.mod",
        "Cargo.toml",
    ],
)
def test_a_hotfix_leaves_dependencies_as_they_are(path):
    assert "dependencies" in path_refusal(path, TIGHT)
    assert bound_violations(change(path, "-a", "+b"), TIGHT)
    assert path_refusal(path, FREE) == ""
    assert bound_violations(change(path, "-a", "+b"), FREE) == ()


def test_only_writable_paths_are_written():
    assert path_refusal("docs/guide/start.md", DOCS) == ""
    assert path_refusal("src/README.md", DOCS) == ""
    assert "'src/shop.py'" in path_refusal("src/shop.py", DOCS)
    assert bound_violations(change("src/shop.py", "-a", "+b"), DOCS)


def test_files_are_neither_renamed_nor_removed():
    for status in ("renamed", "deleted"):
        (told,) = bound_violations(change(status=status), TIGHT)
        assert status in told
        assert bound_violations(change(status=status), FREE) == ()


def test_lines_that_only_look_other_are_refused():
    (told,) = bound_violations(change("shop.js", "-let  a = f( b )", "+let a = f(b)"), TIGHT)
    assert "formatted anew" in told
    assert bound_violations(change("shop.js", "-let a = 1", "+let a = 2"), TIGHT) == ()
    assert bound_violations(change("shop.js", "+let a = 2"), TIGHT) == ()


def test_where_indentation_has_a_meaning_it_may_be_changed():
    assert bound_violations(change("shop.py", "-    return a", "+return a"), TIGHT) == ()
    assert bound_violations(change("shop.py", "-f( a )", "+f(a)"), TIGHT) != ()


def test_of_two_limits_the_smaller_holds():
    wide, small = ChangePolicy(), ChangePolicy(max_files=2, max_changed_lines=9)
    assert (narrowed(wide, TIGHT).max_files, narrowed(wide, TIGHT).max_changed_lines) == (6, 200)
    assert narrowed(small, TIGHT) == small
    assert narrowed(wide, FREE) == wide
