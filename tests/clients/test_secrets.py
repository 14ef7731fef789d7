"""Secrets by reference: variables, files and stores on loopback; kept shortly, shown nowhere."""

import logging
import pickle
import traceback

import pytest
from pydantic import SecretStr

from mergewright.clients import secrets
from mergewright.clients.secrets import forget, reveal
from mergewright.errors import MergewrightError, SettingInvalid
from mergewright.safety.redaction import redact
from tests.clients.secret_servers import VAULT_TOKEN, VaultServer


@pytest.fixture
def vault(monkeypatch, tmp_path):
    server = VaultServer()
    monkeypatch.setenv("VAULT_ADDR", server.url)
    monkeypatch.setenv("VAULT_TOKEN", VAULT_TOKEN)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("VAULT_NAMESPACE", raising=False)
    yield server
    server.close()
    forget(SecretStr("vault://kv/team/jira#token"))


def test_a_secret_itself_is_taken_as_it_is_and_never_shown():
    assert reveal(SecretStr("plain-secret-4711")) == "plain-secret-4711"
    assert "4711" not in redact("say plain-secret-4711")


def test_a_variable(monkeypatch):
    secret = SecretStr("env://MW_TEST_TOKEN")
    monkeypatch.delenv("MW_TEST_TOKEN", raising=False)
    with pytest.raises(SettingInvalid, match="env://MW_TEST_TOKEN") as refusal:
        reveal(secret)
    assert "Set MW_TEST_TOKEN" in refusal.value.hint
    monkeypatch.setenv("MW_TEST_TOKEN", "from-the-environment")
    assert reveal(secret) == "from-the-environment"
    assert redact("from-the-environment") == "[redacted]"
    monkeypatch.setenv("MW_TEST_TOKEN", "rotated-since")
    assert reveal(secret) == "from-the-environment"
    assert forget(secret)
    assert reveal(secret) == "rotated-since"
    monkeypatch.setenv("MW_TEST_TOKEN", "  ")
    forget(secret)
    with pytest.raises(SettingInvalid, match="is empty"):
        reveal(secret)


def test_a_file_and_who_may_read_it(tmp_path, caplog):
    path = tmp_path / "token"
    path.write_text("from-a-file-1\n")
    path.chmod(0o600)
    secret = SecretStr(f"file://{path}")
    with caplog.at_level(logging.WARNING):
        assert reveal(secret) == "from-a-file-1"
    assert not caplog.records
    path.chmod(0o640)
    for _ in range(2):
        forget(secret)
        assert reveal(secret) == "from-a-file-1"
    (record,) = caplog.records
    assert str(path) in record.getMessage()
    assert "chmod 600" in record.getMessage()
    assert "from-a-file-1" not in record.getMessage()


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"x" * (1 << 17)])
def test_a_file_that_is_none(tmp_path, content):
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingInvalid, match="cannot be read") as refusal:
        reveal(SecretStr(f"file://{path}"))
    assert str(path) in refusal.value.message
    assert refusal.value.hint


def test_what_was_read_is_kept_for_a_while_and_read_anew_after_a_refusal(vault, monkeypatch):
    secret = SecretStr("vault://kv/team/jira#token")
    assert [reveal(secret) for _ in range(3)] == ["from-vault-1"] * 3
    assert len(vault.requests) == 1
    vault.secrets["kv", "team/jira"] = {"token": "from-vault-2"}
    assert reveal(secret) == "from-vault-1"
    forget(secret)
    assert reveal(secret) == "from-vault-2"
    forget(secret)
    monkeypatch.setattr(secrets, "KEPT_SECONDS", 0.0)
    reveal(secret)
    reveal(secret)
    assert len(vault.requests) == 4


def test_a_secret_itself_cannot_be_read_anew():
    assert not forget(SecretStr("plain-secret-4711"))


def test_no_secret_is_in_an_error(vault):
    vault.token = "hvs.another-one"  # noqa: S105 - an example; the server quotes it
    with pytest.raises(MergewrightError) as refusal:
        reveal(SecretStr("vault://kv/team/jira#token"))
    error = refusal.value
    told = "".join(traceback.format_exception(error)) + repr(pickle.dumps(error)) + error.hint
    assert "vault://kv/team/jira#token" in error.message
    assert VAULT_TOKEN not in told
    assert "hvs.another-one" not in told
    assert error.__cause__ is None
