"""Whatever a script does in its working copy is recorded, and none of it is done to us."""

import subprocess
from pathlib import Path

import pytest

from mergewright.clients.mirrors import ensure_mirror
from mergewright.clients.sandbox import Bind, Sandbox
from mergewright.clients.script_copies import make_copy
from mergewright.clients.trees import changed_files, read_blob, tree_of
from mergewright.domain.checks import SandboxLevel
from mergewright.errors import Rejected
from tests.clients.check_samples import needs_bwrap
from tests.clients.git_samples import git, make_clone

pytestmark = needs_bwrap


@pytest.fixture
def copy(tmp_path):
    clone = make_clone(tmp_path / "clone")
    mirror = ensure_mirror(str(clone), tmp_path / "mirrors")
    commit = git(clone, "rev-parse", "main")
    return make_copy(mirror, commit=commit, branch="main", place=tmp_path / "script")


def look(copy):
    cage = Sandbox(SandboxLevel.BUBBLEWRAP)
    binds = [Bind(copy.origin, writable=True)]
    return lambda argv: cage.run(argv, folder=copy.folder, binds=binds, timeout_seconds=60)


def after(copy, *lines):
    """Return what is recorded after a script, and the files that it changed."""
    ended = look(copy)(["sh", "-ec", "\n".join(lines)])
    assert ended.exit_code == 0, ended.output
    left = copy.record(look(copy))
    changed = changed_files(copy.mirror, copy.base_commit, left.tree)
    return left, {(file.path, file.status) for file in changed}


CHANGE = ("echo more >> readme.md", "echo new > added.txt", "rm logo.bin")
CHANGED = {("readme.md", "modified"), ("added.txt", "added"), ("logo.bin", "deleted")}
COMMIT = ("git add --all", "git commit --quiet --message work")


@pytest.mark.parametrize(
    ("lines", "found_in"),
    [
        pytest.param(CHANGE, "", id="left as it lies"),
        pytest.param((*CHANGE, "git add readme.md"), "", id="partly staged"),
        pytest.param((*CHANGE, *COMMIT), "", id="committed"),
        pytest.param(("git switch -qc fix", *CHANGE, *COMMIT), "", id="on another branch"),
        pytest.param((*CHANGE, *COMMIT, "git checkout -q --detach"), "", id="on no branch"),
        pytest.param((*CHANGE, "rm -rf .git"), "", id="without its git folder"),
        pytest.param(
            ("git switch -qc fix", *CHANGE, *COMMIT, "git switch -q main"),
            "refs/heads/fix",
            id="back on its branch",
        ),
        pytest.param(
            (
                *("git switch -qc fix", *CHANGE, *COMMIT, "git push -q origin fix"),
                *("git switch -q main", "git branch -qD fix"),
            ),
            "refs/remotes/origin/fix",
            id="pushed and back",
        ),
    ],
)
def test_what_a_script_left_is_found_however_it_left_it(copy, lines, found_in):
    left, changed = after(copy, *lines)
    assert changed == CHANGED
    assert left.found_in == found_in


def test_a_script_that_changes_nothing_leaves_the_base(copy):
    left, changed = after(copy, "echo noise > a.log", "git log --oneline", "git fetch -q")
    assert (left.tree, left.found_in, changed) == (
        tree_of(copy.mirror, copy.base_commit), "", set(),
    )  # fmt: skip


def test_nothing_that_a_script_leaves_in_its_git_folder_is_run_outside(copy, tmp_path):
    trap = tmp_path / "sprung"
    left, changed = after(
        copy,
        f"git config core.fsmonitor 'touch {trap}'",
        f"git config filter.trap.clean 'touch {trap}; cat'",
        "echo '* filter=trap' > .gitattributes",
        f"printf '#!/bin/sh\\ntouch {trap}\\n' > .git/hooks/post-index-change",
        "chmod +x .git/hooks/post-index-change",
        "ln -s /etc/passwd link",
    )
    assert not trap.exists()
    assert ("link", "added") in changed
    assert read_blob(copy.mirror, left.tree, "link") == b"/etc/passwd"


def test_a_push_goes_nowhere_but_into_the_throw_away_origin(copy):
    after(copy, *CHANGE, *COMMIT, "git push -q --force origin HEAD:main HEAD:other")
    refs = subprocess.run(
        ["git", "-C", str(copy.mirror), "for-each-ref", "--format=%(refname)"],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert "other" not in refs
    assert git(copy.mirror, "rev-parse", "refs/remotes/origin/main") == copy.base_commit


def test_what_a_killed_attempt_left_is_replaced(copy, tmp_path):
    after(copy, *CHANGE, "mkdir shut", "touch shut/in", "chmod 0 shut")
    again = make_copy(
        copy.mirror, commit=copy.base_commit, branch="main", place=tmp_path / "script"
    )
    assert git(again.folder, "status", "--porcelain") == ""
    assert not (again.folder / "added.txt").exists()


def test_a_working_copy_that_leads_elsewhere_is_refused(copy):
    copy.folder.rename(copy.folder.with_name("moved"))
    copy.folder.symlink_to("/")
    with pytest.raises(Rejected, match="removed the working copy"):
        copy.record(look(copy))


def test_the_copy_has_a_history_and_an_author_and_nothing_of_ours(copy):
    assert git(copy.folder, "remote", "get-url", "origin") == str(copy.origin)
    assert git(copy.folder, "symbolic-ref", "--short", "HEAD") == "main"
    assert git(copy.folder, "config", "user.name") == "Old script"
    assert not Path(copy.folder / ".git/objects/info/alternates").exists()
