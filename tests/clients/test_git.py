import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from mergewright.clients.git import Git, git_in, require_branch_name, scratch_index
from mergewright.errors import MergewrightError, NotFound, ServiceUnavailable, SettingInvalid
from tests.clients.git_samples import git, make_bare, make_clone


def test_runs_and_says_what_failed(tmp_path):
    mirror = make_bare(tmp_path / "mirror")
    assert git_in(mirror).line("rev-parse", "--is-bare-repository") == "true"
    with pytest.raises(MergewrightError, match=r"git rev-parse failed for .*mirror") as caught:
        git_in(mirror).run("rev-parse", "--verify", "refs/heads/none")
    assert isinstance(caught.value, NotFound)


def test_reads_no_repository_around_and_no_outer_variables(tmp_path, monkeypatch):
    clone = make_clone(tmp_path / "clone")
    git(clone, "config", "alias.trap", "!false")
    mirror = make_bare(tmp_path / "mirror")
    monkeypatch.setenv("GIT_DIR", str(clone / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    monkeypatch.setenv("GIT_TRACE", str(tmp_path / "trace"))
    monkeypatch.chdir(clone)
    assert git_in(mirror).line("rev-parse", "--absolute-git-dir") == str(mirror)
    nowhere = Git(subject="nothing")
    assert nowhere.attempt("rev-parse", "--git-dir").exit_code != 0
    assert nowhere.attempt("config", "alias.trap").output == b""
    assert not (tmp_path / "trace").exists()


def test_reads_no_configuration_of_the_person_unless_told(tmp_path, monkeypatch):
    (tmp_path / ".gitconfig").write_text("[user]\n\tname = Somebody\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    assert Git(subject="x").attempt("config", "user.name").output == b""
    assert Git(subject="x", own_configuration=True).line("config", "user.name") == "Somebody"


SLEEPS = (f"61.{os.getpid()}", f"62.{os.getpid()}")
"""Known by this process alone: other test processes sleep, too."""


def test_a_time_limit_kills_the_whole_group(tmp_path):
    git_slow = Git(
        subject="slow",
        settings=(("alias.slow", f"!sleep {SLEEPS[0]} & sleep {SLEEPS[1]}"),),
        timeout_seconds=0.2,
    )
    began = time.monotonic()
    with pytest.raises(ServiceUnavailable, match=r"took more than 0\.2 s") as caught:
        git_slow.run("slow")
    assert caught.value.retryable
    assert time.monotonic() - began < 5
    assert _sleepers() == []


def _sleepers():
    commands = [
        process.info["cmdline"]
        for process in psutil.process_iter(["cmdline", "status"])
        if process.info["status"] != psutil.STATUS_ZOMBIE
    ]
    return [command for command in commands if command and command[-1] in SLEEPS]


def test_runs_no_hook(tmp_path):
    mirror = make_bare(tmp_path / "mirror")
    hook = mirror / "hooks" / "reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/hook-ran\n")
    hook.chmod(0o755)
    git_in(mirror).run("update-ref", "refs/heads/other", "refs/heads/main")
    assert not (tmp_path / "hook-ran").exists()
    git(mirror, "update-ref", "refs/heads/another", "refs/heads/main")
    assert (tmp_path / "hook-ran").exists()


def test_a_lock_descriptor_is_held_by_git_too(tmp_path):
    read, write = os.pipe()
    holder = Git(subject="x", settings=(("alias.slow", "!sleep 0.4"),), lock=write)
    thread = threading.Thread(target=lambda: holder.run("slow"))
    thread.start()
    time.sleep(0.1)
    os.close(write)
    began = time.monotonic()
    assert os.read(read, 1) == b""
    assert time.monotonic() - began > 0.1
    thread.join()
    os.close(read)


def test_settings_do_not_show(tmp_path):
    assert "s3cret" not in repr(Git(subject="x", settings=(("http.extraHeader", "s3cret"),)))


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(NotFound, match="gone"):
        Git(subject="x", folder=tmp_path / "gone").run("status")


def test_scratch_index_is_removed(tmp_path):
    mirror = make_bare(tmp_path / "mirror")
    with scratch_index(git_in(mirror)) as scratch:
        index = Path(scratch.variables["GIT_INDEX_FILE"])
        scratch.run("read-tree", "HEAD")
        assert index.exists()
    assert not index.parent.exists()


@pytest.mark.parametrize("name", ["main", "feature/abc-1-x", "gr\u00fcn", "a.b_c"])
def test_good_branch_names(name):
    require_branch_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "-f",
        "--upload-pack=x",
        "HEAD",
        "a..b",
        "a b",
        "a~1",
        "@{-1}",
        "x.lock",
        "a\nb",
        "a\0b",
        "/x",
        "x/",
    ],
)
def test_bad_branch_names(name):
    with pytest.raises(SettingInvalid, match="no branch name"):
        require_branch_name(name)


def test_git_missing_is_said(tmp_path):
    code = (
        "from mergewright.clients.git import Git\n"
        "from mergewright.errors import SettingInvalid\n"
        "try:\n    Git(subject='x').run('version')\n"
        "except SettingInvalid as error:\n    print(error)\n"
    )
    finished = subprocess.run(
        [sys.executable, "-c", code], env={"PATH": str(tmp_path)}, capture_output=True, check=True
    )
    assert b"git is not installed" in finished.stdout
