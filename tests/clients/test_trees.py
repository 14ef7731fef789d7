import stat
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import unidiff

from mergewright.clients.git import git_in
from mergewright.clients.mirrors import ensure_mirror
from mergewright.clients.trees import (
    changed_files,
    commit_tree,
    diff,
    export_tree,
    list_files,
    overlay_tree,
    read_blob,
    resolve_object,
    tree_of,
)
from mergewright.domain.changeset import FileChange
from mergewright.errors import NotFound, Rejected, SettingInvalid
from tests.clients.git_samples import FILES, contents, git, make_clone, write

AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """Two commits: on main, and on branch work with every kind of change."""
    clone = make_clone(tmp_path_factory.mktemp("sample") / "clone")
    git(clone, "checkout", "--quiet", "-b", "work")
    write(
        clone,
        {
            "readme.md": b"# sample\nmore\n",
            "new/gr\u00fc\u00df.txt": b"x\ny\n",
            "logo.bin": b"\0\1",
        },
    )
    git(clone, "mv", "src/app.py", "src/main.py")
    (clone / "src" / "with space.txt").unlink()
    (clone / "link").symlink_to("readme.md")
    (clone / "run.sh").write_bytes(b"#!/bin/sh\n")
    (clone / "run.sh").chmod(0o755)
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message=work")
    git(clone, "checkout", "--quiet", "main")
    return clone


@pytest.fixture(scope="module")
def mirror(clone):
    return ensure_mirror(str(clone), clone.parent / "mirrors")


@pytest.fixture(scope="module")
def old(clone):
    return git(clone, "rev-parse", "main")


@pytest.fixture(scope="module")
def new(clone):
    return git(clone, "rev-parse", "work")


def test_tree_of(mirror, clone, old):
    assert tree_of(mirror, old) == git(clone, "rev-parse", "main^{tree}")
    assert tree_of(mirror, tree_of(mirror, old)) == tree_of(mirror, old)


@pytest.mark.parametrize("name", ["0" * 40, "--all", "", "none", "main"])
def test_no_such_object(mirror, name):
    with pytest.raises(NotFound, match="no tree"):
        tree_of(mirror, name)
    with pytest.raises(NotFound, match="no commit"):
        resolve_object(git_in(mirror), name, "commit")


def test_diff_is_unified_and_readable(mirror, clone, old, new):
    text = diff(mirror, old, new)
    patch = unidiff.PatchSet(text)
    assert {file.path for file in patch.added_files} == {"new/gr\u00fc\u00df.txt", "link", "run.sh"}
    assert "rename from src/app.py\nrename to src/main.py\n" in text
    assert "+more\n" in text
    assert "Binary files a/logo.bin and b/logo.bin differ" in text
    assert git(clone, "rev-parse", "main:readme.md") in text
    assert diff(mirror, old, old) == ""
    assert diff(mirror, tree_of(mirror, old), tree_of(mirror, new)) == text


def test_diff_keeps_carriage_returns(mirror, old, new):
    assert "-one\r\n-two\r\n" in diff(mirror, old, new)


def test_attributes_of_the_change_hide_nothing(mirror, old, tmp_path):
    blob = git(mirror, "hash-object", "-w", "--stdin", stdin=b"*.py -diff binary\n")
    hidden = git(mirror, "hash-object", "-w", "--stdin", stdin=b"evil()\n")
    listing = f"100644 blob {blob}\t.gitattributes\n100644 blob {hidden}\tx.py\n"
    tree = git(mirror, "mktree", stdin=listing.encode())
    assert "+evil()" in diff(mirror, old, tree)


def test_changed_files(mirror, old, new):
    def change(path, status, additions, deletions):
        return FileChange(path=path, status=status, additions=additions, deletions=deletions)

    assert changed_files(mirror, old, new) == (
        change("link", "added", 1, 0),
        change("logo.bin", "modified", 0, 0),
        change("new/gr\u00fc\u00df.txt", "added", 2, 0),
        change("readme.md", "modified", 1, 0),
        change("run.sh", "added", 1, 0),
        change("src/app.py", "deleted", 0, 0),
        change("src/main.py", "renamed", 0, 0),
        change("src/with space.txt", "deleted", 0, 2),
    )
    assert changed_files(mirror, old, old) == ()


def test_odd_names(mirror):
    blob = git(mirror, "hash-object", "-w", "--stdin", stdin=b"x\n")
    names = [b":100644 a", b"a\nb", b"a\tb", b"-n", b"caf\xe9"]
    listing = b"".join(b"100644 blob %s\t%s\0" % (blob.encode(), name) for name in names)
    tree = git(mirror, "mktree", "-z", stdin=listing)
    empty = git(mirror, "mktree", stdin=b"")
    shown = {":100644 a", "a\nb", "a\tb", "-n", "caf\\xe9"}
    assert {file.path for file in list_files(mirror, tree)} == shown
    assert {file.path for file in changed_files(mirror, empty, tree)} == shown
    assert read_blob(mirror, tree, "-n") == b"x\n"
    assert read_blob(mirror, tree, ":100644 a") == b"x\n"


def test_list_files(mirror, clone, new):
    files = {file.path: file for file in list_files(mirror, new)}
    assert set(files) == set(contents(clone)) - {"src/app.py", "src/with space.txt"} | {
        "link", "run.sh", "src/main.py", "new/gr\u00fc\u00df.txt",
    }  # fmt: skip
    assert files["link"].mode == "120000"
    assert files["run.sh"].mode == "100755"
    assert files["src/caf\u00e9/\u65e5\u672c.txt"].size_bytes == len("gr\u00fc\u00df\n".encode())
    assert files["readme.md"].blob == git(clone, "rev-parse", "work:readme.md")


def test_submodules_are_left_out(mirror, old):
    tree = git(mirror, "mktree", "--missing", stdin=f"160000 commit {old}\tsub\n".encode())
    assert list_files(mirror, tree) == ()
    assert read_blob(mirror, tree, "sub") is None


@pytest.mark.parametrize(("path", "content"), FILES.items(), ids=list(FILES))
def test_read_blob(mirror, old, path, content):
    assert read_blob(mirror, old, path) == content


@pytest.mark.parametrize(
    "path",
    ["", "none", "src", "src/", "/readme.md", "../readme.md", "src/../readme.md", "./readme.md",
     "--all", ":readme.md", "*.md", "readme.md/x", "a\0b"],
)  # fmt: skip
def test_read_blob_of_no_file(mirror, old, path):
    assert read_blob(mirror, old, path) is None


def make_commit(mirror, old, new, **changes):
    arguments = {
        "tree": tree_of(mirror, new),
        "parent": old,
        "message": "Subject \u20ac\n\nBody\n",
        "author": "Merge Wright <bot@example.org>",
        "at": AT,
    }
    return commit_tree(mirror, **(arguments | changes))


def test_the_same_arguments_give_the_same_commit(mirror, old, new, monkeypatch):
    commit = make_commit(mirror, old, new)
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    assert make_commit(mirror, old, new) == commit
    assert make_commit(mirror, old, new, at=AT.astimezone(timezone(timedelta(hours=9)))) == commit
    assert make_commit(mirror, old, new, at=AT + timedelta(seconds=1)) != commit
    assert git(mirror, "cat-file", "commit", commit).splitlines() == [
        f"tree {tree_of(mirror, new)}",
        f"parent {old}",
        f"author Merge Wright <bot@example.org> {int(AT.timestamp())} +0000",
        f"committer Merge Wright <bot@example.org> {int(AT.timestamp())} +0000",
        "",
        "Subject \u20ac",
        "",
        "Body",
    ]


def test_a_message_is_only_text(mirror, old, new):
    commit = make_commit(mirror, old, new, message="--amend\n# kept\0\ud800")
    assert git(mirror, "show", "--no-patch", "--format=%B", commit) == "--amend\n# kept?"


@pytest.mark.parametrize(
    "author", ["", "Name", "<a@b>", "N <a b>", "N <a@b>\nparent x", "N <a@b> x"]
)
def test_an_author_that_is_none(mirror, old, new, author):
    with pytest.raises(SettingInvalid, match="cannot sign"):
        make_commit(mirror, old, new, author=author)


def test_an_instant_without_time_zone(mirror, old, new):
    with pytest.raises(SettingInvalid):
        make_commit(mirror, old, new, at=AT.replace(tzinfo=None))


@pytest.mark.parametrize("wrong", ["tree", "parent"])
def test_commit_of_what_is_not_there(mirror, old, new, wrong):
    with pytest.raises(NotFound):
        make_commit(mirror, old, new, **{wrong: "0" * 40})


def test_export(mirror, old, new, tmp_path):
    export_tree(mirror, tree_of(mirror, old), tmp_path / "deep" / "base")
    assert contents(tmp_path / "deep" / "base") == FILES
    assert not (tmp_path / "deep" / "base" / ".git").exists()
    (tmp_path / "work").mkdir()
    export_tree(mirror, new, tmp_path / "work")
    assert (tmp_path / "work" / "link").readlink() == Path("readme.md")
    assert (tmp_path / "work" / "run.sh").stat().st_mode & stat.S_IXUSR
    assert not list(mirror.glob("index*"))


def test_export_overwrites_nothing(mirror, old, tmp_path):
    write(tmp_path, {"letter.txt": b"dear"})
    with pytest.raises(Rejected, match="not empty"):
        export_tree(mirror, old, tmp_path)
    assert contents(tmp_path) == {"letter.txt": b"dear"}


def test_overlay(mirror, old, new):
    tree = overlay_tree(
        mirror,
        base=old,
        change=new,
        paths=["readme.md", "src/with space.txt", "new/gr\u00fc\u00df.txt", "run.sh", "nowhere"],
    )
    assert {(change.path, change.status) for change in changed_files(mirror, old, tree)} == {
        ("readme.md", "modified"),
        ("src/with space.txt", "deleted"),
        ("new/gr\u00fc\u00df.txt", "added"),
        ("run.sh", "added"),
    }
    assert overlay_tree(mirror, base=old, change=new, paths=[]) == tree_of(mirror, old)


def test_overlay_of_a_file_over_a_folder(mirror, old):
    blob = git(mirror, "hash-object", "-w", "--stdin", stdin=b"x\n")
    change = git(mirror, "mktree", stdin=f"100644 blob {blob}\tsrc\n".encode())
    tree = overlay_tree(mirror, base=old, change=change, paths=["src"])
    assert read_blob(mirror, tree, "src") == b"x\n"
