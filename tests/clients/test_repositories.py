import os

import pytest
from pydantic import SecretStr

from mergewright.clients.git import Credential
from mergewright.clients.repositories import Kind, contact, dirty_paths, locate
from mergewright.errors import NotFound, SettingInvalid
from tests.clients.git_samples import everything, git, make_bare, make_clone, write


@pytest.fixture
def clone(tmp_path):
    return make_clone(tmp_path / "clone")


def test_every_form_of_a_repository(tmp_path, clone):
    bare = make_bare(tmp_path / "bare.git")
    bundle = tmp_path / "sample.bundle"
    git(clone, "bundle", "create", "--quiet", str(bundle), "--all")
    git(clone, "worktree", "add", "--quiet", str(tmp_path / "linked"), "develop")
    kinds = {
        str(clone): (Kind.CLONE, str(clone)),
        str(clone / ".git"): (Kind.CLONE, str(clone)),
        f"{clone}/": (Kind.CLONE, str(clone)),
        f"file://{clone}": (Kind.CLONE, str(clone)),
        str(tmp_path / "linked"): (Kind.CLONE, str(tmp_path / "linked")),
        str(bare): (Kind.BARE, str(bare)),
        str(bundle): (Kind.BUNDLE, str(bundle)),
    }
    for repository, (kind, address) in kinds.items():
        assert locate(repository)[:2] == (address, kind)


@pytest.mark.parametrize(
    ("repository", "host", "name"),
    [
        ("https://github.com/owner/name.git", "github.com", "name"),
        ("https://example.org:8443/name/", "example.org:8443", "name"),
        ("ssh://git@example.org/owner/name", "example.org", "name"),
        ("git@example.org:owner/name.git", "example.org", "name"),
    ],
)
def test_remote_addresses(repository, host, name):
    location = locate(repository)
    assert (location.kind, location.host, location.name) == (Kind.REMOTE, host, name)


def test_relative_and_home_paths(clone, monkeypatch):
    monkeypatch.chdir(clone.parent)
    assert locate("clone").address == str(clone)
    monkeypatch.setenv("HOME", str(clone.parent))
    assert locate("~/clone").address == str(clone)


@pytest.mark.parametrize(
    "repository",
    [
        "",
        "-c",
        "--upload-pack=touch x",
        "ext::sh -c 'touch x'",
        "fd::17",
        "git://example.org/x",
        "ftp://example.org/x",
        "https:///x",
        "ssh://-oProxyCommand=touch/x",
        "https://[::1/x",
        "https://example.org:99999/x",
        "a\nb",
        "a\0b",
    ],
)
def test_forms_that_are_refused(repository):
    with pytest.raises(SettingInvalid):
        locate(repository)


@pytest.mark.parametrize(
    "repository",
    ["https://tok3n@github.com/x", "https://me:tok3n@github.com/x", "ssh://me:tok3n@example.org/x"],
)
def test_a_credential_in_an_address_is_refused_and_not_repeated(repository):
    with pytest.raises(SettingInvalid, match="carries a credential") as caught:
        locate(repository)
    assert "tok3n" not in str(caught.value)


def test_no_repository_there(tmp_path, clone):
    write(tmp_path, {"plain/file.txt": b"text"})
    with pytest.raises(NotFound, match=r"'/nowhere/at/all'.*Check the spelling"):
        locate("/nowhere/at/all")
    with pytest.raises(NotFound, match=r"plain'.*git init"):
        locate(str(tmp_path / "plain"))
    with pytest.raises(NotFound, match=r"file\.txt"):
        locate(str(tmp_path / "plain" / "file.txt"))
    with pytest.raises(NotFound, match=f"inside the repository '{clone}'"):
        locate(str(clone / "src"))


def test_names_fit_for_files(tmp_path):
    folder = make_clone(tmp_path / "my r\u00e9po; rm -rf")
    assert locate(str(folder)).name == "my-r-po--rm--rf"


def test_a_token_does_not_travel_in_the_clear():
    credential = Credential("http://example.org/", SecretStr("tok3n"))
    with pytest.raises(SettingInvalid, match="in the clear"):
        contact(locate("http://example.org/x"), lambda git: git, credential=credential)


def test_dirty_paths(clone):
    assert dirty_paths(str(clone)) == ()
    write(clone, {"readme.md": b"changed", "new \u00e4.txt": b"new", "x.log": b"ignored"})
    (clone / "logo.bin").unlink()
    write(clone, {"staged.txt": b"staged"})
    git(clone, "add", "staged.txt")
    before = everything(clone)
    assert set(dirty_paths(str(clone))) == {"readme.md", "logo.bin", "staged.txt"}
    assert everything(clone) == before


def test_dirty_paths_of_what_has_no_working_tree(tmp_path, clone):
    write(clone, {"readme.md": b"changed"})
    assert dirty_paths(f"file://{clone}") == ()
    assert dirty_paths(str(make_bare(tmp_path / "bare"))) == ()
    assert dirty_paths("https://github.com/owner/name") == ()


def test_dirty_paths_sees_what_the_person_sees(clone, monkeypatch):
    write(clone, {"readme.md": b"# sample\r\n"})
    git(clone, "-c", "core.autocrlf=true", "add", "readme.md")
    os.utime(clone / "readme.md", (1, 1))
    assert set(dirty_paths(str(clone))) == {"readme.md"}
    home = clone.parent / "home"
    write(home, {".gitconfig": b"[core]\n\tautocrlf = true\n"})
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("GIT_CONFIG_GLOBAL", raising=False)
    assert dirty_paths(str(clone)) == ()


def test_dirty_paths_runs_nothing_of_the_repository(clone):
    monitor = clone / ".git" / "monitor"
    monitor.write_text(f"#!/bin/sh\ntouch {clone.parent}/ran\n")
    monitor.chmod(0o755)
    git(clone, "config", "core.fsmonitor", str(monitor))
    assert dirty_paths(str(clone)) == ()
    assert not (clone.parent / "ran").exists()
    git(clone, "status")
    assert (clone.parent / "ran").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("make", [make_clone, make_bare])
def test_a_repository_of_somebody_else_is_read(tmp_path, make):
    folder = make(tmp_path / 'fo"re\\ign')
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 4321, 4321)
    location = locate(str(folder))
    listing = contact(location, lambda git: git.line("ls-remote", "--", location.address))
    assert "refs/heads/main" in listing
    assert dirty_paths(str(folder)) == ()
