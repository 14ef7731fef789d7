"""Merging trees without a worktree, over real repositories."""

import pytest

from mergewright.clients.mirrors import ensure_mirror
from mergewright.clients.tree_merges import commits_between, common_ancestor, merge_trees
from mergewright.clients.trees import changed_files, read_blob
from mergewright.errors import NotFound
from tests.clients.git_samples import git, make_clone, write

LINES = b"".join(b"%d\n" % number for number in range(12))


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """Branch `ours` and branch `theirs`, both from `develop`."""
    clone = make_clone(tmp_path_factory.mktemp("sample") / "clone")
    git(clone, "checkout", "--quiet", "develop")
    commit(clone, {"lines.txt": LINES, "moved.txt": LINES * 2})
    for branch, first, last in (("ours", b"zero\n", b"11\n"), ("theirs", b"0\n", b"eleven\n")):
        git(clone, "checkout", "--quiet", "-b", branch, "develop")
        commit(clone, {"lines.txt": first + LINES[2:-3] + last, f"{branch}.txt": b"new\n"})
    git(clone, "checkout", "--quiet", "-b", "rival", "develop")
    commit(clone, {"lines.txt": b"null\n" + LINES[2:]})
    git(clone, "checkout", "--quiet", "main")
    return clone


@pytest.fixture(scope="module")
def mirror(clone, tmp_path_factory):
    return ensure_mirror(str(clone), tmp_path_factory.mktemp("mirrors"))


def commit(clone, files):
    write(clone, files)
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", f"Write {', '.join(files)}")


def at(clone, branch):
    return git(clone, "rev-parse", branch)


def merge(clone, mirror, theirs):
    base, ours = at(clone, "develop"), at(clone, "ours")
    return merge_trees(mirror, base=base, ours=f"{ours}^{{tree}}", theirs=at(clone, theirs))


def test_what_both_changed_elsewhere_is_in_the_merged_tree(clone, mirror):
    merged = merge(clone, mirror, "theirs")
    assert merged.conflicts == ()
    assert read_blob(mirror, merged.tree, "lines.txt") == b"zero\n" + LINES[2:-3] + b"eleven\n"
    changed = {file.path for file in changed_files(mirror, at(clone, "theirs"), merged.tree)}
    assert changed == {"lines.txt", "ours.txt"}
    assert merge(clone, mirror, "theirs") == merged


def test_files_whose_same_lines_both_changed_are_named(clone, mirror):
    assert merge(clone, mirror, "rival").conflicts == ("lines.txt",)


def test_the_base_that_is_named_counts_and_no_history(clone, mirror):
    """A base that was rewritten takes nothing along of what it held before."""
    merged = merge_trees(
        mirror, base=at(clone, "develop"), ours=at(clone, "ours"), theirs=at(clone, "main")
    )
    assert merged.conflicts == ("lines.txt",)
    assert read_blob(mirror, merged.tree, "moved.txt") is None


def test_what_cannot_be_found_is_named(clone, mirror):
    with pytest.raises(NotFound, match="no tree"):
        merge_trees(mirror, base="0" * 40, ours=at(clone, "ours"), theirs=at(clone, "theirs"))


def test_ancestor_and_commits_between(clone, mirror):
    develop, ours, theirs = (at(clone, branch) for branch in ("develop", "ours", "theirs"))
    assert common_ancestor(mirror, ours, theirs) == develop
    orphan = git(mirror, "commit-tree", f"{ours}^{{tree}}", "-m", "of its own")
    assert common_ancestor(mirror, orphan, ours) == ""
    (line,) = commits_between(mirror, theirs, ours)
    assert line.endswith("by Ann: Write lines.txt, ours.txt")
    assert commits_between(mirror, ours, ours) == ()
