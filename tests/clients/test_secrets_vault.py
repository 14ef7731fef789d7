"""Vault on loopback: what is sent, and what each of its answers becomes."""

import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from mergewright.clients.breaker import guarded
from mergewright.clients.secret_references import reference_of
from mergewright.clients.secrets_vault import read_vault_secret
from mergewright.errors import (
    AccessDenied,
    NotFound,
    RateLimited,
    Rejected,
    ServiceUnavailable,
    SettingInvalid,
)
from tests.clients.certificates import make_certificate
from tests.clients.loopback import Answer
from tests.clients.secret_servers import VAULT_TOKEN, VaultServer


@pytest.fixture(autouse=True)
def vault(monkeypatch, tmp_path):
    server = VaultServer()
    for name in ("VAULT_NAMESPACE", "VAULT_CACERT", "VAULT_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("VAULT_ADDR", f"{server.url}/")
    monkeypatch.setenv("VAULT_TOKEN", VAULT_TOKEN)
    monkeypatch.setenv("HOME", str(tmp_path))
    yield server
    server.close()


def read(text="vault://kv/team/jira#token"):
    return read_vault_secret(reference_of(text))


def test_a_field_of_a_secret(vault):
    assert read() == "from-vault-1"
    (request,) = vault.requests
    assert (request.method, request.path) == ("GET", "/v1/kv/data/team/jira")


def test_a_namespace_and_a_token_in_a_file(vault, monkeypatch, tmp_path):
    monkeypatch.setenv("VAULT_NAMESPACE", "teams/shop")
    vault.namespace = "teams/shop"
    monkeypatch.delenv("VAULT_TOKEN")
    with pytest.raises(SettingInvalid, match="no token for Vault"):
        read()
    (tmp_path / ".vault-token").write_text(f"{VAULT_TOKEN}\n")
    assert read() == "from-vault-1"
    monkeypatch.setenv("VAULT_TOKEN_FILE", str(tmp_path / "sink"))
    (tmp_path / ".vault-token").unlink()
    (tmp_path / "sink").write_text(VAULT_TOKEN)
    assert read() == "from-vault-1"


def test_a_path_with_a_space_is_quoted(vault):
    vault.secrets["kv", "team a/jira"] = {"token": "spaced-out"}
    assert read("vault://kv/team a/jira#token") == "spaced-out"


def test_a_field_that_is_none(vault):
    for field in ("password", "number"):
        with pytest.raises(SettingInvalid, match=field) as refusal:
            read(f"vault://kv/team/jira#{field}")
        assert "number, token" in refusal.value.hint
        assert "from-vault-1" not in str(refusal.value)


@pytest.mark.parametrize("address", ["", "vault.example.org", "http://", "https://exa mple"])
def test_an_address_that_is_none(monkeypatch, address):
    monkeypatch.setenv("VAULT_ADDR", address)
    with pytest.raises(SettingInvalid, match="VAULT_ADDR") as refusal:
        read()
    assert refusal.value.hint


@pytest.mark.parametrize(
    ("answer", "error", "hint"),
    [
        (Answer(403, {"errors": ["permission denied"]}), AccessDenied, "`read` on MOUNT/data"),
        (Answer(404, {"errors": []}), NotFound, "vault kv get"),
        (Answer(400, {"errors": ["x"]}), Rejected, "VAULT_NAMESPACE"),
        (Answer(307, None, {"Location": "http://127.0.0.1:1/v1/kv"}), Rejected, "active node"),
        (Answer(429, {"errors": []}, {"Retry-After": "3600"}), RateLimited, ""),
        (Answer(200, b"<html>log in</html>"), Rejected, "address"),
        (Answer(200, {"data": {"token": "version-1"}}), SettingInvalid, "version 2"),
        (Answer(200, b" " * (2 << 20)), Rejected, ""),
    ],
    ids=["403", "404", "400", "redirect", "429", "HTML", "version 1", "2 MB"],
)
def test_what_is_refused_once_for_all(vault, answer, error, hint):
    vault.faults = [answer]
    with pytest.raises(error) as refusal:
        read()
    assert hint in refusal.value.hint
    assert "'vault://kv/team/jira#token'" in refusal.value.message
    assert len(vault.requests) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Answer(503, {"errors": ["sealed"]}),
        Answer(drop=True),
        Answer(200, {"a": 1}, missing_bytes=9),
    ],
    ids=["sealed", "dropped", "cut"],
)
def test_what_passes_is_tried_again(vault, fault):
    vault.faults = [fault]
    assert read() == "from-vault-1"
    assert len(vault.requests) == 2


def test_a_vault_that_is_away_opens_its_own_circuit(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("VAULT_ADDR", f"http://127.0.0.1:{port}")
    with pytest.raises(ServiceUnavailable, match="does not answer"):
        read()
    assert guarded("Vault", f"127.0.0.1:{port}").record.circuit().failures == 3


class _Vault(BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"data": {"data": {"token": "over-tls"}}}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_the_certificate_is_verified(monkeypatch, tmp_path):
    certificate = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = HTTPServer(("127.0.0.1", 0), _Vault)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("VAULT_ADDR", f"https://127.0.0.1:{server.server_port}")
    with pytest.raises(Rejected, match="certificate is not trusted"):
        read()
    monkeypatch.setenv("VAULT_CACERT", str(certificate))
    assert read() == "over-tls"
    monkeypatch.setenv("VAULT_CACERT", str(tmp_path / "none.pem"))
    with pytest.raises(SettingInvalid, match=r"none\.pem"):
        read()
    server.shutdown()
    server.server_close()
