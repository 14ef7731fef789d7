import os
import threading

import pytest
from pydantic import SecretStr

from mergewright.clients.git import Credential
from mergewright.clients.mirrors import ensure_mirror
from mergewright.clients.remotes import (
    delete_branch,
    head_state,
    move_branch,
    push_branch,
    remote_heads,
)
from mergewright.errors import AccessDenied, NotFound, Rejected, SettingInvalid
from tests.clients.git_samples import contents, git, make_bare, make_clone, serving, write

BRANCH = "feature/abc-1-gr\u00fc\u00df"


@pytest.fixture
def clone(tmp_path):
    return make_clone(tmp_path / "clone")


@pytest.fixture(scope="module")
def mirror(tmp_path_factory):
    """Pushing changes nothing in it."""
    folder = tmp_path_factory.mktemp("sample")
    return ensure_mirror(str(make_clone(folder / "clone")), folder / "mirrors")


@pytest.fixture(scope="module")
def commit(mirror):
    """A commit that only the mirror has."""
    parent = "refs/remotes/origin/main"
    return git(mirror, "commit-tree", f"{parent}^{{tree}}", "-p", parent, "-m", "work")


def refs(folder):
    lines = git(folder, "for-each-ref", "--format=%(objectname) %(refname)").splitlines()
    return {line.split(" ", 1)[1]: line.split(" ", 1)[0] for line in lines}


def trap_hooks(folder, names):
    for name in names:
        hook = folder / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {folder.parent.parent}/ran-{name}\n")
        hook.chmod(0o755)


def test_heads_as_they_are_now(clone, mirror):
    write(clone, {"readme.md": b"second"})
    git(clone, "commit", "--quiet", "--all", "--message=second")
    commits = {branch: git(clone, "rev-parse", branch) for branch in ("main", "develop")}
    assert remote_heads(str(clone)) == commits
    assert head_state(str(clone), "develop") == (commits["develop"], "main")
    with pytest.raises(NotFound, match="There are: develop, main"):
        head_state(str(clone), "master")
    with pytest.raises(SettingInvalid):
        head_state(str(clone), "--all")


def test_a_detached_head_has_no_default_branch(clone):
    git(clone, "checkout", "--quiet", "--detach")
    assert head_state(str(clone), "main").default_branch == ""


def test_pushes_one_new_branch_and_nothing_else(tmp_path, clone, mirror, commit):
    trap_hooks(clone / ".git", ["pre-receive", "update", "post-receive", "reference-transaction"])
    before = refs(clone), contents(clone), (clone / ".git" / "index").read_bytes()
    effect = push_branch(mirror, str(clone), commit=commit, branch=BRANCH)
    assert effect == (commit, False)
    assert refs(clone) == {**before[0], f"refs/heads/{BRANCH}": commit}
    assert (contents(clone), (clone / ".git" / "index").read_bytes()) == before[1:]
    assert git(clone, "symbolic-ref", "HEAD") == "refs/heads/main"
    assert git(clone, "status", "--porcelain") == ""
    assert not list(tmp_path.glob("ran-*"))


def test_pushing_again_finds_it(clone, mirror, commit):
    push_branch(mirror, str(clone), commit=commit, branch=BRANCH)
    before = refs(clone)
    assert push_branch(mirror, str(clone), commit=commit, branch=BRANCH) == (commit, True)
    assert refs(clone) == before


@pytest.mark.parametrize("other", ["refs/heads/main", "HEAD~1"])
def test_never_moves_a_branch(clone, mirror, commit, other):
    """Neither one that was made otherwise, nor one that could be fast-forwarded."""
    write(clone, {"readme.md": b"second"})
    git(clone, "commit", "--quiet", "--all", "--message=second")
    git(clone, "branch", BRANCH, other)
    before = refs(clone)
    with pytest.raises(Rejected, match="holds") as caught:
        push_branch(mirror, str(clone), commit=commit, branch=BRANCH)
    assert before[f"refs/heads/{BRANCH}"][:12] in caught.value.message
    assert refs(clone) == before


def test_never_pushes_to_the_branch_the_repository_stands_on(clone, mirror, commit):
    before = refs(clone)
    with pytest.raises(Rejected, match="stands on"):
        push_branch(mirror, str(clone), commit=before["refs/heads/main"], branch="main")
    git(clone, "symbolic-ref", "HEAD", "refs/heads/unborn")
    git(clone, "config", "receive.denyCurrentBranch", "ignore")
    with pytest.raises(Rejected, match="checked out"):
        push_branch(mirror, str(clone), commit=commit, branch="unborn")
    assert refs(clone) == before


def test_a_branch_in_the_way(clone, mirror, commit):
    with pytest.raises(Rejected, match=r"'refs/heads/main' exists"):
        push_branch(mirror, str(clone), commit=commit, branch="main/sub")


@pytest.mark.parametrize("branch", ["--force", "HEAD", "a..b", "+main", ":main", "x:main"])
def test_a_branch_name_is_only_a_name(clone, mirror, commit, branch):
    before = refs(clone)
    if branch == "+main":
        push_branch(mirror, str(clone), commit=commit, branch=branch)
        assert refs(clone) == {**before, "refs/heads/+main": commit}
    else:
        with pytest.raises(SettingInvalid):
            push_branch(mirror, str(clone), commit=commit, branch=branch)
        assert refs(clone) == before


@pytest.mark.parametrize("commit", ["--all", "0" * 40, "refs/heads/none", ""])
def test_a_commit_that_is_none(clone, mirror, commit):
    with pytest.raises(NotFound):
        push_branch(mirror, str(clone), commit=commit, branch=BRANCH)


def test_a_bundle_cannot_be_pushed_to(tmp_path, clone, mirror, commit):
    git(clone, "bundle", "create", "--quiet", str(tmp_path / "x.bundle"), "--all")
    with pytest.raises(Rejected, match="bundle"):
        push_branch(mirror, str(tmp_path / "x.bundle"), commit=commit, branch=BRANCH)


def test_a_bare_repository_keeps_its_policy(tmp_path, mirror, commit):
    bare = make_bare(tmp_path / "served" / "bare.git")
    trap_hooks(bare, ["post-receive"])
    push_branch(mirror, str(bare), commit=commit, branch=BRANCH)
    assert list(tmp_path.glob("ran-*")) == [tmp_path / "ran-post-receive"]
    refusing = bare / "hooks" / "pre-receive"
    refusing.write_text("#!/bin/sh\necho no branches on Fridays >&2\nexit 1\n")
    refusing.chmod(0o755)
    with pytest.raises(Rejected, match=r"no branches on Fridays"):
        push_branch(mirror, str(bare), commit=commit, branch="other")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_pushes_to_a_clone_of_somebody_else(clone, mirror, commit):
    for path in (clone, *clone.rglob("*")):
        os.chown(path, 4321, 4321)
    assert push_branch(mirror, str(clone), commit=commit, branch=BRANCH).found is False


def test_threads_that_push_the_same_agree(clone, mirror, commit):
    effects = []
    threads = [
        threading.Thread(
            target=lambda: effects.append(
                push_branch(mirror, str(clone), commit=commit, branch=BRANCH)
            )
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [effect.value for effect in effects] == [commit] * 4
    assert [effect.found for effect in effects].count(False) == 1


def test_pushes_from_and_to_a_shallow_clone(tmp_path, clone):
    write(clone, {"readme.md": b"second"})
    git(clone, "commit", "--quiet", "--all", "--message=second")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{clone}", "shallow")
    shallow = tmp_path / "shallow"
    mirror = ensure_mirror(str(shallow), tmp_path / "mirrors")
    parent = "refs/remotes/origin/main"
    commit = git(mirror, "commit-tree", f"{parent}^{{tree}}", "-p", parent, "-m", "work")
    assert push_branch(mirror, str(shallow), commit=commit, branch=BRANCH) == (commit, False)
    assert git(shallow, "rev-parse", f"{BRANCH}~1") == git(clone, "rev-parse", "main")


def test_pushes_over_http(tmp_path, mirror, commit):
    bare = make_bare(tmp_path / "served" / "bare.git")
    with serving(tmp_path / "served") as server:
        credential = Credential(f"{server.url}/", SecretStr("tok3n"))
        server.token = credential.token.get_secret_value()
        url = f"{server.url}/bare.git"
        with pytest.raises(AccessDenied):
            push_branch(mirror, url, commit=commit, branch=BRANCH)
        for found in (False, True):
            effect = push_branch(mirror, url, commit=commit, branch=BRANCH, credential=credential)
            assert effect == (commit, found)
    assert refs(bare)[f"refs/heads/{BRANCH}"] == commit


@pytest.fixture
def pushed(clone, mirror, commit):
    push_branch(mirror, str(clone), commit=commit, branch=BRANCH)
    return clone


def delete(mirror, repository, commit, **options):
    return delete_branch(mirror, str(repository), branch=BRANCH, commit=commit, **options)


def test_deletes_our_branch_and_nothing_else(tmp_path, pushed, mirror, commit):
    trap_hooks(pushed / ".git", ["pre-receive", "update", "post-receive", "reference-transaction"])
    before = refs(pushed), contents(pushed), (pushed / ".git" / "index").read_bytes()
    assert delete(mirror, pushed, commit, rehearse=True).outcome == "undone"
    assert refs(pushed) == before[0]
    assert delete(mirror, pushed, commit).outcome == "undone"
    left = {name: at for name, at in before[0].items() if name != f"refs/heads/{BRANCH}"}
    assert refs(pushed) == left
    assert (contents(pushed), (pushed / ".git" / "index").read_bytes()) == before[1:]
    assert not list(tmp_path.glob("ran-*"))
    for rehearse in (True, False):
        assert delete(mirror, pushed, commit, rehearse=rehearse).outcome == "already"


def test_keeps_a_branch_with_commits_of_others(pushed, mirror, commit):
    git(pushed, "update-ref", f"refs/heads/{BRANCH}", "refs/heads/main")
    before = refs(pushed)
    for rehearse in (True, False):
        kept = delete(mirror, pushed, commit, rehearse=rehearse)
        assert kept.outcome == "kept"
        assert before["refs/heads/main"][:12] in kept.reason
    assert refs(pushed) == before


@pytest.mark.parametrize("where", ["clone", "worktree"])
def test_keeps_a_branch_that_is_checked_out(tmp_path, pushed, mirror, commit, where):
    git(pushed, "config", "receive.denyDeleteCurrent", "ignore")
    if where == "clone":
        git(pushed, "switch", "--quiet", BRANCH)
    else:
        git(pushed, "worktree", "add", "--quiet", str(tmp_path / "other"), BRANCH)
    for rehearse in (True, False):
        kept = delete(mirror, pushed, commit, rehearse=rehearse)
        assert (kept.outcome, "checked out" in kept.reason) == ("kept", True)
    assert f"refs/heads/{BRANCH}" in refs(pushed)


def test_a_policy_that_keeps_branches_is_told(pushed, mirror, commit):
    git(pushed, "config", "receive.denyDeletes", "true")
    with pytest.raises(Rejected, match="deletion prohibited"):
        delete(mirror, pushed, commit)
    assert refs(pushed)[f"refs/heads/{BRANCH}"] == commit


def test_deletes_over_http(tmp_path, mirror, commit):
    bare = make_bare(tmp_path / "served" / "bare.git")
    push_branch(mirror, str(bare), commit=commit, branch=BRANCH)
    with serving(tmp_path / "served") as server:
        credential = Credential(f"{server.url}/", SecretStr("tok3n"))
        server.token = credential.token.get_secret_value()
        url = f"{server.url}/bare.git"
        with pytest.raises(AccessDenied):
            delete(mirror, url, commit)
        assert delete(mirror, url, commit, credential=credential).outcome == "undone"
        assert delete(mirror, url, commit, credential=credential).outcome == "already"
    assert f"refs/heads/{BRANCH}" not in refs(bare)


@pytest.mark.parametrize("make", [make_clone, make_bare])
def test_a_branch_is_moved_only_from_what_is_known(tmp_path, mirror, commit, make):
    repository = make(tmp_path / "there")
    first = git(repository, "rev-parse", "develop")
    moving = {"branch": "develop", "expected": first, "commit": commit}
    assert move_branch(mirror, str(repository), **moving) == (commit, False)
    assert move_branch(mirror, str(repository), **moving) == (commit, True)
    back = {"branch": "develop", "expected": commit, "commit": first}
    assert move_branch(mirror, str(repository), **back) == (first, False)
    other = git(
        repository, "commit-tree", f"{first}^{{tree}}", "-p", first, "-m", "somebody else's"
    )
    git(repository, "update-ref", "refs/heads/develop", other)
    with pytest.raises(Rejected, match=f"moved by others: it holds {other[:12]}"):
        move_branch(mirror, str(repository), **moving)
    with pytest.raises(Rejected, match="it holds nothing"):
        move_branch(mirror, str(repository), **moving | {"branch": "gone"})
    assert refs(repository)["refs/heads/develop"] == other
