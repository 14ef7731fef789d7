import fcntl
import os
import subprocess
import sys
import threading
import time

import psutil
import pytest
from pydantic import SecretStr

from mergewright.clients.git import Credential
from mergewright.clients.mirrors import (
    ensure_mirror,
    mirror_lock,
    remote_branches,
    resolve_base,
)
from mergewright.clients.worktrees import add_worktree, record_tree
from mergewright.errors import (
    AccessDenied,
    NotFound,
    Rejected,
    ServiceUnavailable,
    SettingInvalid,
    StoreFailed,
)
from tests.clients.git_samples import everything, git, make_bare, make_clone, serving, write

TOKEN = "ghp_s3cretT0ken"  # noqa: S105 - made up


@pytest.fixture
def clone(tmp_path):
    return make_clone(tmp_path / "clone")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "home" / "mirrors"


@pytest.fixture
def server(tmp_path):
    make_bare(tmp_path / "served" / "sample.git")
    with serving(tmp_path / "served") as server:
        yield server


def credential(server, token=TOKEN):
    return Credential(f"{server.url}/", SecretStr(token))


def head(clone, branch="main"):
    return git(clone, "rev-parse", branch)


def test_mirrors_every_form(tmp_path, clone, folder):
    bundle = tmp_path / "sample.bundle"
    git(clone, "bundle", "create", "--quiet", str(bundle), "--all")
    bare = make_bare(tmp_path / "bare.git")
    git(clone, "worktree", "add", "--quiet", str(tmp_path / "linked"), "develop")
    forms = [str(clone), f"file://{clone}", str(bundle), str(bare), str(tmp_path / "linked")]
    mirrors = [ensure_mirror(form, folder) for form in forms]
    assert [remote_branches(mirror) for mirror in mirrors] == [("develop", "main")] * 5
    assert mirrors[0] == mirrors[1]
    assert len(set(mirrors)) == 4
    assert resolve_base(mirrors[0], "main") == head(clone)


def test_the_repository_is_only_read(clone, folder):
    write(clone, {"readme.md": b"not committed"})
    before = everything(clone)
    mirror = ensure_mirror(str(clone), folder)
    ensure_mirror(str(clone), folder)
    assert everything(clone) == before
    assert not list(mirror.glob("hooks/*"))


def test_follows_its_origin_and_keeps_what_runs_work_on(clone, folder, tmp_path):
    mirror = ensure_mirror(str(clone), folder)
    git(mirror, "update-ref", "refs/heads/run-branch", "refs/remotes/origin/main")
    add_worktree(mirror, tmp_path / "worktree", commit=head(clone))
    write(tmp_path / "worktree", {"readme.md": b"work"})
    tree = record_tree(tmp_path / "worktree")
    write(clone, {"readme.md": b"second"})
    git(clone, "commit", "--quiet", "--all", "--message=second", "--amend")
    git(clone, "branch", "--delete", "--force", "develop")
    assert ensure_mirror(str(clone), folder) == mirror
    assert remote_branches(mirror) == ("main",)
    assert resolve_base(mirror, "main") == head(clone)
    assert git(mirror, "rev-parse", "refs/heads/run-branch") != head(clone)
    assert git(mirror, "cat-file", "-t", tree) == "tree"


def test_base_is_a_branch_before_it_is_a_tag(clone, folder):
    git(clone, "tag", "--annotate", "--message=release", "v1.0", "develop")
    write(clone, {"readme.md": b"second"})
    git(clone, "commit", "--quiet", "--all", "--message=second")
    git(clone, "tag", "main", "develop")
    mirror = ensure_mirror(str(clone), folder)
    assert resolve_base(mirror, "main") == head(clone, "refs/heads/main")
    assert resolve_base(mirror, "v1.0") == head(clone, "develop")
    with pytest.raises(NotFound, match=r"'master'.*There are: develop, main\."):
        resolve_base(mirror, "master")
    for trick in ("main~1", "main@{1}", "--all", "../tags/v1.0"):
        with pytest.raises(SettingInvalid):
            resolve_base(mirror, trick)


def test_many_branches_are_not_all_listed(clone, folder):
    for number in range(30):
        git(clone, "branch", f"topic-{number:02}")
    with pytest.raises(NotFound, match=r"and 12 more\."):
        resolve_base(ensure_mirror(str(clone), folder), "none")


def test_an_empty_repository(tmp_path, folder):
    empty = tmp_path / "empty"
    empty.mkdir()
    git(empty, "init", "--quiet")
    with pytest.raises(NotFound, match=r"no commits.*Make a first commit"):
        ensure_mirror(str(empty), folder)


def test_a_damaged_repository(clone, folder):
    (clone / ".git" / "HEAD").unlink()
    with pytest.raises(NotFound, match=str(clone)):
        ensure_mirror(str(clone), folder)


def test_a_bundle_without_its_history(tmp_path, clone, folder):
    write(clone, {"readme.md": b"second"})
    git(clone, "commit", "--quiet", "--all", "--message=second")
    bundle = tmp_path / "part.bundle"
    git(clone, "bundle", "create", "--quiet", str(bundle), "main~1..main")
    with pytest.raises(Rejected, match="git bundle create FILE --all"):
        ensure_mirror(str(bundle), folder)


def test_a_shallow_clone(tmp_path, clone, folder):
    write(clone, {"readme.md": b"second"})
    git(clone, "commit", "--quiet", "--all", "--message=second")
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{clone}", "shallow")
    mirror = ensure_mirror(str(tmp_path / "shallow"), folder)
    assert resolve_base(mirror, "main") == head(clone)


def test_a_folder_that_cannot_be_made(clone, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreFailed, match="MERGEWRIGHT_HOME"):
        ensure_mirror(str(clone), tmp_path / "file" / "mirrors")


def test_no_mirror(tmp_path):
    with pytest.raises(NotFound, match="no mirror"), mirror_lock(tmp_path):
        pass


def test_threads_make_one_mirror(clone, folder):
    made = []
    threads = [
        threading.Thread(target=lambda: made.append(ensure_mirror(str(clone), folder)))
        for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 6
    assert list(folder.iterdir()) == [made[0]]


def test_what_a_killed_fetch_left_is_cleared(clone, folder):
    mirror = ensure_mirror(str(clone), folder)
    write(clone, {"readme.md": b"second"})
    git(clone, "commit", "--quiet", "--all", "--message=second")
    leftovers = {
        "packed-refs.lock": b"",
        "refs/remotes/origin/main.lock": b"",
        "shallow.lock": b"",
        "objects/pack/tmp_pack_x": b"x" * 100,
    }
    write(mirror, {**leftovers, "objects/pack/tmp_pack_now": b"of another run"})
    os.utime(mirror / "objects" / "pack" / "tmp_pack_x", (1, 1))
    ensure_mirror(str(clone), folder)
    assert resolve_base(mirror, "main") == head(clone)
    assert not any((mirror / name).exists() for name in leftovers)
    assert (mirror / "objects" / "pack" / "tmp_pack_now").exists()


def test_the_token_reaches_the_server_and_nobody_else(server, folder):
    server.token = TOKEN
    server.delay_seconds = 0.1
    commands, done = set(), threading.Event()

    def sample():
        while not done.wait(0.005):
            for process in psutil.process_iter(["name", "cmdline"]):
                if process.info["name"].startswith("git"):
                    commands.add(" ".join(process.info["cmdline"] or ()))

    sampler = threading.Thread(target=sample)
    sampler.start()
    mirror = ensure_mirror(f"{server.url}/sample.git", folder, credential=credential(server))
    done.set()
    sampler.join()
    assert remote_branches(mirror) == ("develop", "main")
    header = next(header for _, header in server.requests if header)
    assert any(server.url in command and "remote-http" in command for command in commands)
    for secret in (TOKEN, header.removeprefix("Basic ")):
        assert not any(secret in command for command in commands)
        assert not any(secret.encode() in body for _, body in everything(mirror).values())


@pytest.mark.parametrize("token", [None, "wrong"])
def test_a_server_that_refuses(server, folder, token):
    server.token = TOKEN
    shown = credential(server, token) if token else None
    with pytest.raises(AccessDenied) as caught:
        ensure_mirror(f"{server.url}/sample.git", folder, credential=shown)
    assert "wrong" not in str(caught.value)
    assert len(server.requests) <= 2


def test_a_token_goes_only_where_it_belongs(server, folder):
    other = Credential("https://example.org/", SecretStr(TOKEN))
    ensure_mirror(f"{server.url}/sample.git", folder, credential=other)
    assert {header for _, header in server.requests} == {None}


def test_a_token_does_not_follow_a_redirect(server, folder, tmp_path):
    with serving(tmp_path / "served") as other:
        server.fault = 302
        server.fault_headers = {
            "Location": f"{other.url}/sample.git/info/refs?service=git-upload-pack"
        }
        with pytest.raises(NotFound, match="has moved"):
            ensure_mirror(f"{server.url}/sample.git", folder, credential=credential(server))
        assert other.requests == []


def test_no_such_repository_on_the_server(server, folder):
    with pytest.raises(NotFound, match=r"none\.git"):
        ensure_mirror(f"{server.url}/none.git", folder)
    assert len(server.requests) == 1


def test_a_server_that_fails_is_asked_again(server, folder):
    server.fault = 503
    with pytest.raises(ServiceUnavailable):
        ensure_mirror(f"{server.url}/sample.git", folder)
    assert len(server.requests) == 3


def test_a_server_that_hangs_is_left(server, folder):
    server.delay_seconds = 30
    with pytest.raises(ServiceUnavailable, match="took more than"):
        ensure_mirror(f"{server.url}/sample.git", folder, timeout_seconds=0.3)
    names = [process.name() for process in psutil.Process().children(recursive=True)]
    assert not [name for name in names if "remote-http" in name]


def test_an_orphan_of_a_killed_run_keeps_the_lock(server, folder):
    mirror = ensure_mirror(f"{server.url}/sample.git", folder)
    server.delay_seconds = 1.5
    code = (
        "from pathlib import Path; from mergewright.clients.mirrors import ensure_mirror; "
        f"ensure_mirror({server.url + '/sample.git'!r}, Path({str(folder)!r}))"
    )
    seen = len(server.requests)
    with subprocess.Popen([sys.executable, "-c", code]) as killed:
        while len(server.requests) == seen:
            assert killed.poll() is None
            time.sleep(0.01)
        killed.kill()
    with pytest.raises(BlockingIOError):
        _try_lock(mirror)
    server.pause.set()
    with mirror_lock(mirror):
        pass


def _try_lock(mirror):
    with (mirror / "mergewright.flock").open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
