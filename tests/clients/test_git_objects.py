import subprocess

import pytest

from mergewright.clients.git_objects import SUBMODULE_MODE, list_tree, stream_blobs
from mergewright.errors import NotFound, ServiceUnavailable
from tests.clients.git_samples import FILES, git, make_bare, write


@pytest.fixture
def bare(tmp_path):
    return make_bare(tmp_path / "bare")


def test_a_commit_is_listed_and_streamed(bare):
    entries = list_tree(bare, "main")
    contents = dict(stream_blobs(bare, [entry.blob for entry in entries]))
    assert {entry.path: contents[entry.blob] for entry in entries} == FILES
    assert {entry.path: entry.size_bytes for entry in entries} == {
        path: len(content) for path, content in FILES.items()
    }


def test_what_is_missing_is_told_in_its_place(bare):
    known = list_tree(bare, "main")[0].blob
    assert [content is None for _, content in stream_blobs(bare, ["0" * 40, known])] == [
        True,
        False,
    ]
    assert list(stream_blobs(bare, [])) == []


@pytest.mark.parametrize("name", ["nothing", "--help", "a b", ""])
def test_no_such_commit(bare, name):
    with pytest.raises(NotFound):
        list_tree(bare, name)


def test_a_repository_without_commits(tmp_path):
    git(tmp_path, "init", "--quiet", "--bare", "empty")
    with pytest.raises(NotFound, match="no commit"):
        list_tree(tmp_path / "empty", "HEAD")


def test_submodules_are_listed(tmp_path, bare):
    git(bare, "read-tree", "main")
    git(bare, "update-index", "--add", "--cacheinfo", f"{SUBMODULE_MODE},{'1' * 40},deps/sub")
    entries = {entry.path: entry for entry in list_tree(bare, git(bare, "write-tree"))}
    assert entries["deps/sub"].mode == SUBMODULE_MODE
    assert entries["deps/sub"].size_bytes is None


def test_a_partial_clone_is_read_without_a_fetch(tmp_path):
    source = tmp_path / "source"
    git(tmp_path, "init", "--quiet", "source")
    write(source, {"a.py": b"x = 1\n"})
    git(source, "add", "--all")
    git(source, "commit", "--quiet", "--message=first")
    git(source, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "--quiet", "--bare", "--filter=blob:none", source.as_uri(), "partial")
    entries = list_tree(tmp_path / "partial", "HEAD")
    assert [(entry.path, entry.size_bytes) for entry in entries] == [("a.py", None)]
    with pytest.raises(ServiceUnavailable, match=entries[0].blob):
        list(stream_blobs(tmp_path / "partial", [entries[0].blob]))


def test_many_blobs_are_streamed_while_they_are_asked_for(tmp_path):
    git(tmp_path, "init", "--quiet", "--bare", "many")
    lines = [b"blob\nmark :%d\ndata 6\n%06d\n" % (number, number) for number in range(1, 5_001)]
    edits = [b"M 100644 :%d f%d\n" % (number, number) for number in range(1, 5_001)]
    stream = b"".join(lines) + b"commit refs/heads/main\ncommitter A <a@b> 1 +0000\ndata 1\nx\n"
    subprocess.run(
        ["git", "fast-import", "--quiet"],
        cwd=tmp_path / "many",
        input=stream + b"".join(edits),
        check=True,
    )
    blobs = [entry.blob for entry in list_tree(tmp_path / "many", "main")]
    assert len({content for _, content in stream_blobs(tmp_path / "many", blobs)}) == 5_000
