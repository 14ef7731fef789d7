import sqlite3
import subprocess
import time

import pytest

from mergewright.analysis.code_index import FileState
from mergewright.clients.code_index import MAX_READ_BYTES, index_commit
from mergewright.clients.fact_store import FactStore
from mergewright.errors import NotFound
from tests.clients.git_samples import git, write

FILES = {
    ".gitattributes": b"gen/* linguist-generated\n",
    "app/main.py": b"from app.text import shout\n\ndef main():\n    shout('x')\n",
    "app/text.py": b'def shout(word):\n    """Shout."""\n    return word.upper() if word else ""\n',
    "copy/text.py": b'def shout(word):\n    """Shout."""\n    return word.upper() if word else ""\n',
    "bin/run": b"#!/usr/bin/env bash\ngo() { :; }\n",
    "gen/api.py": b"def made(): pass\n",
    "notes.md": b"# Notes\n",
    "logo.png": b"\x89PNG",
    "data": b"\0\1\2",
    "huge.py": b"x = 1\n" * (MAX_READ_BYTES // 6 + 1),
    "node_modules/x/index.js": b"function theirs() {}\n",
    "hostile.go": b"f(g(h{\n" * 40_000,
    "latin.py": b"# caf\xe9\ndef ol\xe9(): pass\n",
    "main.dart": b"void main() {}\n",
}


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    folder = tmp_path_factory.mktemp("code") / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main", "--template=")
    write(folder, FILES)
    (folder / "loop").symlink_to("loop")
    git(folder, "add", "--all", "--force")
    git(folder, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},deps/sub")
    git(folder, "commit", "--quiet", "--message=first")
    return folder / ".git"


@pytest.fixture
def store(tmp_path):
    with FactStore(tmp_path / "facts.db") as store:
        yield store


def test_every_file_counts_and_says_what_was_done_with_it(repository, store):
    index = index_commit(repository, "main", store)
    assert {file.path: file.state.value for file in index.files} == {
        ".gitattributes": "text",
        "app/main.py": "parsed",
        "app/text.py": "parsed",
        "bin/run": "parsed",
        "copy/text.py": "parsed",
        "data": "binary",
        "gen/api.py": "generated",
        "hostile.go": "too-slow",
        "huge.py": "huge",
        "latin.py": "parsed",
        "logo.png": "binary",
        "loop": "link",
        "main.dart": "text",
        "node_modules/x/index.js": "vendored",
        "notes.md": "text",
    }
    assert index.submodules == ("deps/sub",)
    assert index.totals.files_by_state[FileState.PARSED] == 5


def test_definitions_references_and_imports_are_found(repository, store):
    index = index_commit(repository, "main", store)
    found = [(each.path, each.definition.line) for each in index.find_definitions("shout")]
    assert found == [("app/text.py", 1), ("copy/text.py", 1)]
    assert index.find_references("shout") == (("app/main.py", 1), ("app/main.py", 4))
    assert index.import_graph == {"app/main.py": ("app/text.py",)}
    assert [each.name for each in index.definitions("bin/run")] == ["go"]
    assert index.find_definitions("made") == index.find_definitions("theirs") == ()
    assert index.totals.documented == 2


def test_a_known_commit_is_not_read_again_and_gives_the_same(repository, store):
    cold = index_commit(repository, "main", store)
    assert index_commit(repository, "main", store) == cold
    with sqlite3.connect(store.path) as connection:
        ((rows,),) = connection.execute("SELECT count(*) FROM facts").fetchall()
        assert rows == len({file.blob for file in cold.files if file.path in cold.rows})
        connection.execute("UPDATE facts SET body = x'00'")
    assert index_commit(repository, "main", store) == cold


def test_a_file_that_no_parser_is_done_with_is_counted_kept_and_not_tried_again(tmp_path, store):
    git(tmp_path, "init", "--quiet", "--initial-branch=main", "--template=", "hostile")
    write(tmp_path / "hostile", {"a.cc": b"a<\n" * 100_000, "b.cc": b"int f() { return 1; }\n"})
    git(tmp_path / "hostile", "add", "--all")
    git(tmp_path / "hostile", "commit", "--quiet", "--message=first")
    mirror = tmp_path / "hostile" / ".git"
    index = index_commit(mirror, "main", store, blob_cpu_seconds=0.5)
    assert [file.state.value for file in index.files] == ["too-slow", "parsed"]
    assert index.totals.files_by_state[FileState.TOO_SLOW] == 1
    assert [each.path for each in index.find_definitions("f")] == ["b.cc"]
    began = time.monotonic()
    assert index_commit(mirror, "main", store, blob_cpu_seconds=60) == index
    assert time.monotonic() - began < 10


def test_a_tree_with_changes_is_indexed_like_a_commit(repository, store, tmp_path):
    tree = git(repository, "rev-parse", "main^{tree}")
    assert (
        index_commit(repository, tree, store).files == index_commit(repository, "main", store).files
    )


def test_an_empty_tree_and_an_empty_repository(tmp_path, store):
    git(tmp_path, "init", "--quiet", "--bare", "empty")
    with pytest.raises(NotFound, match="no commit"):
        index_commit(tmp_path / "empty", "HEAD", store)
    tree = git(tmp_path / "empty", "hash-object", "-t", "tree", "-w", "--stdin")
    index = index_commit(tmp_path / "empty", tree, store)
    assert (index.files, index.totals.files, index.totals.documented_share) == ((), 0, None)


def test_a_shallow_clone_and_a_partial_one(tmp_path, repository, store):
    git(repository, "config", "uploadpack.allowFilter", "true")
    origin = repository.as_uri()
    git(tmp_path, "clone", "--quiet", "--bare", "--depth=1", origin, "shallow")
    assert index_commit(tmp_path / "shallow", "main", store).totals.files == 15
    git(tmp_path, "clone", "--quiet", "--bare", "--filter=blob:none", origin, "partial")
    with FactStore(tmp_path / "other.db") as other:
        states = {file.state for file in index_commit(tmp_path / "partial", "main", other).files}
    assert FileState.MISSING in states
    assert FileState.PARSED not in states


def test_names_that_are_not_utf_8(tmp_path, store):
    git(tmp_path, "init", "--quiet", "--bare", "odd")
    stream = (
        b"blob\nmark :1\ndata 10\ndef f(): 1\ncommit refs/heads/main\n"
        b'committer A <a@b> 1 +0000\ndata 1\nx\nM 100644 :1 "caf\\351.py"\nM 100644 :1 "a\\nb.py"\n'
    )
    subprocess.run(
        ["git", "fast-import", "--quiet"], cwd=tmp_path / "odd", input=stream, check=True
    )
    index = index_commit(tmp_path / "odd", "main", store)
    assert [file.path for file in index.files] == ["a\nb.py", "caf\\xe9.py"]
    assert [each.path for each in index.find_definitions("f")] == ["a\nb.py", "caf\\xe9.py"]
