"""Who sits at this machine: by setting, by git, by account."""

import getpass
import subprocess

import pytest

from mergewright.clients.person import SHARED_ACCOUNTS, local_identity
from mergewright.domain.approval_identity import Identity
from mergewright.settings import settings


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A home folder of the test's own, without a git configuration."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "MERGEWRIGHT_USER"):
        monkeypatch.delenv(name, raising=False)
    settings.cache_clear()
    yield tmp_path
    settings.cache_clear()


def configure(house, **values):
    for name, value in values.items():
        subprocess.run(
            ["git", "config", "--file", house / ".gitconfig", f"user.{name}", value], check=True
        )


def test_the_setting_wins(house, monkeypatch):
    configure(house, name="Ada Moreau", email="ada@example.org")
    monkeypatch.setenv("MERGEWRIGHT_USER", "Bo Lind <bo@example.org>")
    settings.cache_clear()
    assert local_identity() == Identity(name="Bo Lind", mail="bo@example.org")


def test_then_git_knows(house):
    configure(house, name="Ada Moreau", email="ada@example.org")
    found = local_identity()
    assert found.label == "Ada Moreau <ada@example.org>"
    assert not SHARED_ACCOUNTS & set(found.accounts)


def test_then_the_account_is_all_that_is_known(house):
    assert local_identity().name == getpass.getuser()
