import os
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mergewright.clients.mirrors import ensure_mirror
from mergewright.clients.worktrees import add_worktree, record_tree, restore_tree
from mergewright.errors import NotFound, Rejected, ServiceUnavailable
from tests.clients.git_samples import FILES, contents, git, make_clone, write

LARGE = 2000


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    return make_clone(tmp_path_factory.mktemp("sample") / "clone")


@pytest.fixture(scope="module")
def fetched(clone):
    return ensure_mirror(str(clone), clone.parent / "mirrors")


@pytest.fixture
def mirror(tmp_path, fetched):
    return shutil.copytree(fetched, tmp_path / "mirrors" / fetched.name)


@pytest.fixture(scope="module")
def commit(clone):
    return git(clone, "rev-parse", "main")


@pytest.fixture
def worktree(tmp_path, mirror, commit):
    add_worktree(mirror, tmp_path / "runs" / "worktree", commit=commit)
    return tmp_path / "runs" / "worktree"


def is_whole(worktree, commit):
    return (
        contents(worktree) == FILES
        and git(worktree, "rev-parse", "HEAD") == commit
        and git(worktree, "status", "--porcelain", "--branch") == "## HEAD (no branch)"
    )


def test_checks_a_commit_out_on_no_branch(worktree, mirror, commit):
    assert is_whole(worktree, commit)
    assert git(mirror, "for-each-ref", "refs/heads") == ""


def test_adding_again_changes_nothing(worktree, mirror, commit):
    write(worktree, {"readme.md": b"work", "new.txt": b"work"})
    add_worktree(mirror, worktree, commit=commit)
    assert contents(worktree) == {**FILES, "readme.md": b"work", "new.txt": b"work"}
    assert len(list((mirror / "worktrees").iterdir())) == 1


def test_eight_at_once(tmp_path, mirror, commit):
    paths = [tmp_path / f"run-{number}" / "worktree" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda path: add_worktree(mirror, path, commit=commit), paths))
    assert all(is_whole(path, commit) for path in paths)


def _no_index(worktree, admin):
    (admin / "index").unlink()


def _still_initialising(worktree, admin):
    (admin / "locked").write_text("initializing")
    (worktree / "readme.md").unlink()


def _index_lock(worktree, admin):
    (admin / "index.lock").write_text("")


def _no_pointer(worktree, admin):
    (worktree / ".git").unlink()


def _no_folder(worktree, admin):
    shutil.rmtree(worktree)


def _no_admin(worktree, admin):
    shutil.rmtree(admin)


def _no_back_pointer(worktree, admin):
    (admin / "gitdir").unlink()


def _pointer_elsewhere(worktree, admin):
    (worktree / ".git").write_text("gitdir: /tmp")


@pytest.mark.parametrize(
    "damage",
    [
        _no_index,
        _still_initialising,
        _index_lock,
        _no_pointer,
        _no_folder,
        _no_admin,
        _no_back_pointer,
        _pointer_elsewhere,
    ],
)
def test_repairs_a_broken_one(worktree, mirror, commit, damage):
    (admin,) = (mirror / "worktrees").iterdir()
    damage(worktree, admin)
    add_worktree(mirror, worktree, commit=commit)
    assert is_whole(worktree, commit)
    assert len(list((mirror / "worktrees").iterdir())) == 1


def test_repairing_one_leaves_the_others(tmp_path, worktree, mirror, commit):
    other = tmp_path / "other"
    add_worktree(mirror, other, commit=commit)
    write(other, {"readme.md": b"work"})
    (worktree / ".git").unlink()
    add_worktree(mirror, worktree, commit=commit)
    assert contents(other)["readme.md"] == b"work"
    assert record_tree(other) != record_tree(worktree)


def test_touches_no_folder_of_somebody_else(tmp_path, mirror, commit, clone):
    write(tmp_path / "mine", {"letter.txt": b"dear"})
    with pytest.raises(Rejected, match="not empty"):
        add_worktree(mirror, tmp_path / "mine", commit=commit)
    with pytest.raises(Rejected, match="not empty"):
        add_worktree(mirror, clone, commit=commit)
    assert contents(tmp_path / "mine") == {"letter.txt": b"dear"}


def test_refuses_a_worktree_of_another_commit(worktree, mirror, commit):
    other = git(mirror, "commit-tree", f"{commit}^{{tree}}", "-p", commit, "-m", "other")
    with pytest.raises(Rejected, match="stands on"):
        add_worktree(mirror, worktree, commit=other)


@pytest.mark.parametrize("name", ["0" * 40, "--force", "none"])
def test_no_such_commit(tmp_path, mirror, name):
    with pytest.raises(NotFound, match=name):
        add_worktree(mirror, tmp_path / "worktree", commit=name)
    assert not (tmp_path / "worktree").exists()


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """A mirror whose check-out takes a moment."""
    folder = tmp_path_factory.mktemp("large")
    stream = b"commit refs/heads/main\ncommitter A <a@b> 0 +0000\ndata 1\nx\n" + b"".join(
        f"M 644 inline f{number}\ndata 1\nx\n".encode() for number in range(LARGE)
    )
    git(folder, "init", "--quiet", "--bare", "source")
    git(folder / "source", "fast-import", "--quiet", stdin=stream)
    return ensure_mirror(str(folder / "source"), folder / "mirrors")


@contextmanager
def adding(mirror, path, commit):
    """Stop a check-out in its middle; yield what will become of it, and git's process group."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(add_worktree, mirror, path, commit=commit)
        while not (path / "f0").exists():
            assert not future.done()
            time.sleep(0.001)
        (main,) = [one for one in psutil.Process().children() if one.name() == "git"]
        os.killpg(main.pid, signal.SIGSTOP)
        yield future, main


def test_killed_in_the_middle_and_repaired(tmp_path, large):
    commit = git(large, "rev-parse", "refs/remotes/origin/main")
    path = tmp_path / "worktree"
    with adding(large, path, commit) as (future, main):
        assert len(contents(path)) < LARGE
        os.killpg(main.pid, signal.SIGKILL)
        with pytest.raises(ServiceUnavailable, match="killed by signal 9"):
            future.result()
    add_worktree(large, path, commit=commit)
    assert len(contents(path)) == LARGE
    assert git(path, "status", "--porcelain") == ""


def test_git_holds_the_lock_itself(tmp_path, large):
    commit = git(large, "rev-parse", "refs/remotes/origin/main")
    with adding(large, tmp_path / "worktree", commit) as (future, main):
        held = [file.path for file in main.open_files()]
        os.killpg(main.pid, signal.SIGCONT)
        future.result()
    assert str(large / "mergewright.flock") in held


def test_recording_leaves_head_and_index_alone(worktree, mirror, commit):
    (admin,) = (mirror / "worktrees").iterdir()
    write(
        worktree,
        {"readme.md": b"work", "new.txt": b"new", "build/x": b"ignored", "x.log": b"ignored"},
    )
    before = (admin / "index").read_bytes(), (admin / "HEAD").read_bytes()
    tree = record_tree(worktree)
    assert ((admin / "index").read_bytes(), (admin / "HEAD").read_bytes()) == before
    names = git(mirror, "-c", "core.quotePath=false", "ls-tree", "-r", "--name-only", tree)
    assert set(names.splitlines()) == {*FILES, "new.txt"}
    assert git(mirror, "cat-file", "blob", f"{tree}:readme.md") == "work"


def test_recording_what_did_not_change(worktree, commit):
    assert record_tree(worktree) == git(worktree, "rev-parse", f"{commit}^{{tree}}")


def test_sees_a_change_of_the_same_length_at_once(worktree):
    before = record_tree(worktree)
    path = worktree / "readme.md"
    stat = path.stat()
    path.write_bytes(b"# simple\n")
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert record_tree(worktree) != before


def test_only_the_repository_says_what_is_ignored(worktree, tmp_path, monkeypatch):
    write(
        tmp_path / "home",
        {".config/git/ignore": b"*.txt\n", ".config/git/attributes": b"* text eol=crlf\n"},
    )
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    write(worktree, {"new.txt": b"a\r\nb\n"})
    tree = record_tree(worktree)
    (worktree / "new.txt").unlink()
    restore_tree(worktree, tree)
    assert (worktree / "new.txt").read_bytes() == b"a\r\nb\n"


def test_a_filter_that_nobody_configured_changes_nothing(worktree):
    write(worktree, {".gitattributes": b"* filter=evil\n", "new.txt": b"plain"})
    tree = record_tree(worktree)
    (worktree / "new.txt").unlink()
    restore_tree(worktree, tree)
    assert (worktree / "new.txt").read_bytes() == b"plain"


def test_restoring_makes_the_disk_exactly_the_tree(worktree):
    base = record_tree(worktree)
    shutil.rmtree(worktree / "src")
    write(
        worktree,
        {"src": b"a file where a folder was", "x.log": b"ignored", "\u00e4 \u20ac/-n": b"odd"},
    )
    (worktree / "readme.md").unlink()
    write(worktree, {"readme.md/deep/er.txt": b"a folder where a file was"})
    (worktree / "logo.bin").chmod(0o755)
    (worktree / "link").symlink_to("/etc/passwd")
    changed = contents(worktree)
    tree = record_tree(worktree)

    restore_tree(worktree, base)
    assert contents(worktree) == {**FILES, "x.log": b"ignored"}
    assert not os.access(worktree / "logo.bin", os.X_OK)
    assert not (worktree / "\u00e4 \u20ac").exists()

    restore_tree(worktree, tree)
    assert contents(worktree) == changed
    assert os.access(worktree / "logo.bin", os.X_OK)
    assert (worktree / "link").readlink() == Path("/etc/passwd")


def test_a_file_that_the_restored_tree_no_longer_ignores_goes(worktree):
    base = record_tree(worktree)
    write(worktree, {".gitignore": b"secret.txt\n", "secret.txt": b"ignored for now"})
    assert record_tree(worktree) != base
    restore_tree(worktree, base)
    assert contents(worktree) == FILES
    assert record_tree(worktree) == base


@pytest.mark.parametrize("tree", ["0" * 40, "--all", ""])
def test_restoring_no_such_tree(worktree, tree):
    write(worktree, {"readme.md": b"work"})
    with pytest.raises(NotFound):
        restore_tree(worktree, tree)
    assert contents(worktree)["readme.md"] == b"work"


def test_a_lost_pointer_never_means_the_repository_around(tmp_path, mirror, commit):
    around = make_clone(tmp_path / "around")
    worktree = around / "runs" / "worktree"
    add_worktree(mirror, worktree, commit=commit)
    tree = record_tree(worktree)
    write(around, {"letter.txt": b"dear"})
    (worktree / ".git").unlink()
    for call in (lambda: record_tree(worktree), lambda: restore_tree(worktree, tree)):
        with pytest.raises(NotFound, match="no worktree"):
            call()
    assert (around / "letter.txt").exists()


NAMES = st.sampled_from(
    ["a", "b c", "\u00e4", "\u65e5\u672c.txt", "-n", ":(top)x", "x.py", "*", "a\nb", "B"]
)
CONTENTS = st.one_of(
    st.binary(max_size=24), st.sampled_from([b"a\r\nb\r\n", b"a\nb\r\n", b"\xff\xfe\0"])
)
TREES = st.recursive(
    st.dictionaries(NAMES, CONTENTS, max_size=4),
    lambda inner: st.dictionaries(NAMES, st.one_of(CONTENTS, inner), max_size=4),
    max_leaves=8,
)


def _flat(tree, above=""):
    for name, value in tree.items():
        if isinstance(value, bytes):
            yield above + name, value
        else:
            yield from _flat(value, f"{above}{name}/")


@pytest.fixture(scope="module")
def shared_worktree(tmp_path_factory, clone):
    folder = tmp_path_factory.mktemp("shared")
    mirror = ensure_mirror(str(clone), folder / "mirrors")
    add_worktree(mirror, folder / "worktree", commit=git(clone, "rev-parse", "main"))
    return folder / "worktree"


def _lay_out(folder, files):
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != ".git":
            path.unlink()
    write(folder, files)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(first=TREES, second=TREES)
def test_restoring_what_was_recorded_is_identity(shared_worktree, first, second):
    states = []
    for tree in (first, second):
        files = dict(_flat(tree))
        _lay_out(shared_worktree, files)
        states.append((record_tree(shared_worktree), files))
    for tree, files in states:
        restore_tree(shared_worktree, tree)
        assert contents(shared_worktree) == files
        assert record_tree(shared_worktree) == tree
