"""Programs are found where they are, and nothing beside them is shown."""

import pytest

from mergewright.clients.toolchains import find_toolchains


@pytest.fixture
def programs(tmp_path, monkeypatch):
    def put(*paths):
        for path in paths:
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("#!/bin/sh\n")
            file.chmod(0o755)
        folders = dict.fromkeys(str((tmp_path / path).parent) for path in paths)
        monkeypatch.setenv("PATH", ":".join(folders))
        monkeypatch.setenv("HOME", str(tmp_path))
        find_toolchains.cache_clear()
        return tmp_path

    yield put
    find_toolchains.cache_clear()


def test_an_installation_is_shown_whole_and_a_shared_folder_is_not(programs):
    home = programs("sdk/go/bin/go", ".local/bin/pnpm")
    found = find_toolchains(frozenset({"go", "node"}))
    assert set(found.binds) == {home / "sdk/go", home / "sdk/go/bin", home / ".local/bin"}
    assert found.path.startswith(f"{home}/sdk/go/bin:{home}/.local/bin:")


def test_only_what_the_manifests_ask_for_is_looked_for(programs):
    programs("sdk/go/bin/go")
    assert find_toolchains(frozenset({"python"})).binds == ()


def test_rustup_brings_its_toolchains_and_no_credentials(programs):
    home = programs(".cargo/bin/rustup")
    (home / ".cargo/bin/cargo").symlink_to("rustup")
    (home / ".rustup").mkdir()
    (home / ".cargo/credentials.toml").write_text("token")
    found = find_toolchains(frozenset({"rust"}))
    assert set(found.binds) == {home / ".cargo/bin", home / ".rustup"}
    assert found.variables["RUSTUP_HOME"] == str(home / ".rustup")
