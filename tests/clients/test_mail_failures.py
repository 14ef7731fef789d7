"""What becomes of a mail for every way in which its server, or the way to it, can fail."""

import time
from dataclasses import dataclass

import pytest

from mergewright.clients.mail import Mailer
from mergewright.clients.mail_server import MailServer
from mergewright.domain.notice import Notice
from mergewright.errors import (
    AccessDenied,
    NotFound,
    PostUncertain,
    RateLimited,
    Rejected,
    ServiceUnavailable,
)
from tests.clients.certificates import make_certificate
from tests.clients.smtp_server import (
    PASSWORD,
    USER,
    SmtpServer,
    close,
    endless,
    hang,
    long_line,
    slowly,
    tear,
)
from tests.clients.wire_server import WireServer

NOTICE = Notice(subject="SHOP-7 delivered", body="All **green**.")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def server(certificate):
    server = SmtpServer(certificate)
    yield server
    server.close()


def send(port, certificate, marker="m", **changes):
    options = {
        "host": "127.0.0.1",
        "port": port,
        "username": USER,
        "password": PASSWORD,
        "ca_file": str(certificate),
        "timeout_seconds": 5,
        "delivery_seconds": 5,
    }
    to = ("ada@example.org", "bob@example.org")
    messenger = Mailer(MailServer(**options | changes), "mergewright@example.org", to)
    return messenger.send(NOTICE, marker=marker)


@dataclass(frozen=True)
class Case:
    name: str
    at: str
    fault: object
    becomes: type | None
    """The error; None when the mail is taken in the end."""
    times: int = 1
    tries: int = 1
    """How often a conversation is begun."""


CASES = (
    Case("421 at the greeting, once", "CONNECT", "421 busy", None, tries=2),
    Case("554 at the greeting", "CONNECT", "554 go away", Rejected),
    Case("closed at the greeting", "CONNECT", close, ServiceUnavailable, 3, 3),
    Case("reset at the greeting, once", "CONNECT", tear, None, tries=2),
    Case("hangs at the greeting, once", "CONNECT", hang, None, tries=2),
    Case("dripping greeting, once", "CONNECT", slowly, None, tries=2),
    Case("endless greeting", "CONNECT", endless, Rejected),
    Case("endless line", "CONNECT", long_line, Rejected),
    Case("no SMTP", "CONNECT", "SSH-2.0-OpenSSH", Rejected),
    Case("EHLO refused", "EHLO", "502 what?", Rejected),
    Case("454 at STARTTLS, once", "STARTTLS", "454 not now", None, tries=2),
    Case("501 at STARTTLS", "STARTTLS", "501 no", Rejected),
    Case("535 at the log-in", "AUTH", "535 no", AccessDenied, 2),
    Case("454 at the log-in, once", "AUTH", "454 not now", None),
    Case("closed at the log-in, once", "AUTH", close, None, tries=2),
    Case("530 at the sender", "MAIL", "530 log in", AccessDenied),
    Case("550 at the sender", "MAIL", "550 not you", NotFound),
    Case("452 at the sender, once", "MAIL", "452 full", None, tries=2),
    Case("550 for all recipients", "RCPT", "550 nobody", NotFound, 2),
    Case("450 for all recipients, once", "RCPT", "450 grey", None, 2, 2),
    Case("451 for all recipients, once", "RCPT", "451 grey", None, 2, 2),
    Case("553 for all recipients", "RCPT", "553 no", Rejected, 2),
    Case("421 at a recipient, once", "RCPT", "421 bye", None, tries=2),
    Case("reset before the text, once", "DATA", tear, None, tries=2),
    Case("451 before the text, once", "DATA", "451 later", None, tries=2),
    Case("554 before the text", "DATA", "554 no", Rejected),
    Case("421 after the text, once", "END", "421 bye", None, tries=2),
    Case("450 after the text, once", "END", "450 later", None, tries=2),
    Case("452 after the text", "END", "452 full", RateLimited, 3, 3),
    Case("550 after the text", "END", "550 spam", Rejected),
    Case("552 after the text", "END", "552 too large", Rejected),
    Case("554 after the text", "END", "554 no", Rejected),
    Case("closed after the text", "END", close, PostUncertain),
    Case("reset after the text", "END", tear, PostUncertain),
    Case("hangs after the text", "END", hang, PostUncertain),
    Case("drips after the text", "END", slowly, PostUncertain),
    Case("endless after the text", "END", endless, PostUncertain),
    Case("odd words after the text", "END", "HTTP/1.1 200 OK", PostUncertain),
    Case("an odd code after the text", "END", "354 go on", PostUncertain),
    Case("closed at the good-bye", "QUIT", close, None),
    Case("hangs at the good-bye", "QUIT", hang, None),
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_failure(server, certificate, case):
    server.faults[case.at] = [case.fault] * case.times
    began = time.monotonic()
    seconds = 1 if case.fault in {hang, slowly} else 5
    limits = {"timeout_seconds": seconds, "delivery_seconds": seconds}
    if case.becomes is None:
        send(server.port, certificate, **limits)
        assert len(server.taken) == 1
    else:
        with pytest.raises(case.becomes) as caught:
            send(server.port, certificate, **limits)
        assert caught.type is case.becomes
        assert caught.value.hint
        assert f"127.0.0.1:{server.port}" in caught.value.message
        assert PASSWORD not in str(caught.value)
        assert len(server.taken) <= (case.becomes is PostUncertain)
    assert server.connections == case.tries
    assert time.monotonic() - began < 8


def test_nobody_listens(certificate, server):
    server.close()
    with pytest.raises(ServiceUnavailable, match=r"(?i)refused") as caught:
        send(server.port, certificate)
    assert caught.type is ServiceUnavailable


def test_no_such_host(certificate):
    with pytest.raises(ServiceUnavailable):
        send(25, certificate, host="mail.invalid")


def test_an_offer_to_encrypt_that_was_taken_out_is_noticed(certificate):
    stripped = SmtpServer()
    with pytest.raises(Rejected, match="STARTTLS") as caught:
        send(stripped.port, certificate)
    stripped.close()
    assert "TLS from the start" in caught.value.hint
    assert not stripped.tried("AUTH")
    assert not stripped.tried("MAIL")


def test_what_is_said_before_the_encryption_is_not_believed(certificate):
    def injects(connection, _released):
        connection.sendall(b"220 hi\r\n")
        connection.recv(999)
        connection.sendall(b"250-hi\r\n250 STARTTLS\r\n")
        connection.recv(999)
        connection.sendall(b"220 go on\r\n250 AUTH PLAIN\r\n")
        connection.recv(999)

    server = WireServer(injects)
    with pytest.raises(Rejected, match="before encrypting"):
        send(server.port, certificate)
    server.close()


@pytest.mark.parametrize("kind", ["unknown", "other host", "expired"])
@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "tls"])
def test_a_certificate_that_is_not_to_be_trusted(tmp_path, certificate, kind, implicit):
    host = "mail.example.org" if kind == "other host" else "127.0.0.1"
    own = make_certificate(tmp_path, host=host, days=-1 if kind == "expired" else 1)
    server = SmtpServer(own, implicit=implicit)
    trusted = certificate if kind == "unknown" else own
    with pytest.raises(Rejected, match=r"(?i)certificate") as caught:
        send(server.port, trusted, security="tls" if implicit else "starttls")
    server.close()
    assert "ca_file" in caught.value.hint
    assert not server.tried("AUTH")


def test_tls_where_there_is_none(server, certificate):
    with pytest.raises(Rejected) as caught:
        send(server.port, certificate, security="tls")
    assert "encryption" in caught.value.hint


def test_plain_words_to_a_port_with_tls(certificate):
    server = SmtpServer(certificate, implicit=True)
    with pytest.raises((ServiceUnavailable, Rejected)) as caught:
        send(server.port, certificate, timeout_seconds=0.4)
    server.close()
    assert not isinstance(caught.value, PostUncertain)
    assert server.taken == []


def test_the_password_is_in_no_error(server, certificate):
    server.faults["AUTH"] = [f"535 {PASSWORD} is wrong"] * 2
    with pytest.raises(AccessDenied) as caught:
        send(server.port, certificate)
    assert PASSWORD not in f"{caught.value!r} {caught.value}"


def test_an_open_circuit_makes_no_calls(server, certificate):
    server.faults["END"] = [close] * 5
    for number in range(5):
        with pytest.raises(PostUncertain):
            send(server.port, certificate, marker=f"m{number}")
    made = len(server.heard)
    with pytest.raises(ServiceUnavailable, match="not called now") as caught:
        send(server.port, certificate)
    assert caught.type is ServiceUnavailable
    assert len(server.heard) == made
