"""Mails handed in to a server on loopback: encrypted, logged in, once, to whom it takes them for."""

from datetime import UTC, datetime

import pytest

from mergewright.clients.mail import Mailer, check_server
from mergewright.clients.mail_server import MailServer
from mergewright.domain.notice import Notice, NoticeFile
from mergewright.errors import Rejected, SettingInvalid
from tests.clients.certificates import make_certificate
from tests.clients.smtp_server import PASSWORD, USER, SmtpServer

AT = datetime(2026, 5, 4, 9, 30, tzinfo=UTC)
NOTICE = Notice(
    subject="SHOP-7 delivered",
    body="All **green**.",
    files=(NoticeFile(name="report.md", media_type="text/markdown", text="# Report\n.dot\n"),),
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def serve(certificate):
    servers = []

    def start(**options):
        servers.append(SmtpServer(options.pop("certificate", certificate), **options))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def place(server, certificate, **changes):
    options = {
        "host": "127.0.0.1",
        "port": server.port,
        "username": USER,
        "password": PASSWORD,
        "ca_file": str(certificate),
        "timeout_seconds": 2,
    }
    return MailServer(**options | changes)


def mailer(server, certificate, *recipients, **options):
    return Mailer(
        place(server, certificate, **options.pop("place", {})),
        options.pop("sender", "Mergewright <mergewright@example.org>"),
        recipients or ("Ada <ada@example.org>",),
        clock=lambda: AT,
        **options,
    )


@pytest.mark.parametrize("implicit", [False, True], ids=["starttls", "tls"])
def test_a_mail_is_handed_in_encrypted_and_logged_in(serve, certificate, implicit):
    server = serve(implicit=implicit, asks_for_log_in=True)
    security = "tls" if implicit else "starttls"
    sent = mailer(server, certificate, place={"security": security}).send(NOTICE, marker="m")
    [taken] = server.taken
    assert (taken.encrypted, taken.user) == (True, USER)
    assert (taken.sender, taken.recipients) == ("mergewright@example.org", ["ada@example.org"])
    mail = taken.message
    assert mail["Message-ID"] == sent.value
    assert mail["Date"].datetime == AT
    assert not sent.found
    [report] = mail.iter_attachments()
    assert report.get_content() == "# Report\n.dot\n"
    assert server.heard[-1] == "QUIT"


def test_the_id_follows_from_the_marker_and_an_answer_names_its_parent(serve, certificate):
    server = serve()
    first = mailer(server, certificate).send(NOTICE, marker="a").value
    again = mailer(server, certificate).send(NOTICE, marker="a").value
    later = mailer(server, certificate).send(NOTICE, marker="b", thread=first).value
    assert first == again != later
    assert [one.message["In-Reply-To"] for one in server.taken] == [None, None, first]
    assert server.taken[2].message["References"] == first


def test_every_line_arrives_as_it_was(serve, certificate):
    server = serve()
    body = "First\n\n.one dot\n\n..two\n\n.\n\n" + "long " * 1000
    mailer(server, certificate).send(NOTICE.model_copy(update={"body": body}), marker="m")
    [taken] = server.taken
    kept = taken.message.get_body(("plain",)).get_content().splitlines()
    assert kept[: len(body.splitlines())] == [line.rstrip() for line in body.splitlines()]
    assert max(len(line) for line in taken.raw.splitlines()) <= 998


def test_an_update_sends_nothing(serve, certificate):
    server = serve()
    messenger = mailer(server, certificate)
    reference = messenger.send(NOTICE, marker="m").value
    assert messenger.update(reference, NOTICE) == (reference, True)
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    "reference", ["", "x", "<a@b> c", "<a@b>\r\nBcc: <x@y>", "<é@x>", "<a b@c>"]
)
def test_what_is_no_id_cannot_be_updated_and_hinders_no_mail(serve, certificate, reference):
    server = serve()
    with pytest.raises(Rejected):
        mailer(server, certificate).update(reference, NOTICE)
    assert server.heard == []
    mailer(server, certificate).send(NOTICE, marker="m", thread=reference)
    assert {"In-Reply-To", "References", "Bcc"}.isdisjoint(server.taken[0].message.keys())


def test_who_is_refused_is_noted_and_the_others_are_told(serve, certificate):
    server = serve()
    server.refused_recipients = {"gone@example.org": "550 5.1.1 no such mailbox"}
    messenger = mailer(server, certificate, "gone@example.org", "ada@example.org")
    messenger.send(NOTICE, marker="m")
    assert server.taken[0].recipients == ["ada@example.org"]
    [note] = messenger.take_notes()
    assert note.startswith("gone@example.org was not told")
    assert "no such mailbox" in note
    assert messenger.take_notes() == ()


def test_the_same_address_twice_is_one(serve, certificate):
    server = serve()
    mailer(server, certificate, "ada@example.org", "Ada <Ada@Example.org>").send(NOTICE, marker="m")
    assert len(server.taken[0].recipients) == 1


def test_a_server_that_takes_little_gets_no_files(serve, certificate):
    server = serve(max_bytes=250_000)
    large = NoticeFile(name="big.patch", media_type="text/x-patch", text="x" * 300_000)
    notice = NOTICE.model_copy(update={"files": (*NOTICE.files, large)})
    messenger = mailer(server, certificate)
    messenger.send(notice, marker="m")
    mail = server.taken[0].message
    assert [part.get_filename() for part in mail.iter_attachments()] == ["report.md"]
    assert messenger.take_notes() == (
        "big.patch (0.3 MB) is not attached: it is too large for this mail.",
    )
    assert "big.patch (0.3 MB)" in mail.get_body(("plain",)).get_content()


@pytest.mark.parametrize("offered", [True, False])
def test_an_address_beyond_ascii(serve, certificate, offered):
    server = serve(extensions=["SMTPUTF8"] if offered else [])
    messenger = mailer(server, certificate, "Jürgen Groß <jürgen@bücher.example>")
    if not offered:
        with pytest.raises(Rejected, match="ASCII"):
            messenger.send(NOTICE, marker="m")
        assert server.taken == []
        return
    messenger.send(NOTICE, marker="m")
    [taken] = server.taken
    assert taken.recipients == ["jürgen@xn--bcher-kva.example"]
    assert "To: Jürgen Groß <jürgen@xn--bcher-kva.example>".encode() in taken.raw


def test_a_relay_without_log_in_or_encryption_when_told_so(serve, certificate):
    server = serve(certificate=None)
    mailer(server, certificate, place={"security": "none", "username": "", "password": ""}).send(
        NOTICE, marker="m"
    )
    assert (server.taken[0].encrypted, server.taken[0].user) == (False, "")


def test_who_we_are_is_told_without_a_mail(serve, certificate):
    server = serve()
    access = check_server(place(server, certificate))
    assert (access.account, access.place) == (USER, f"127.0.0.1:{server.port}")
    assert not server.tried("MAIL")


@pytest.mark.parametrize(
    "make",
    [
        lambda: MailServer(host="mail.example.org", security="none", username="ada", password="pw"),
        lambda: MailServer(host="", username="ada"),
        lambda: MailServer(host="mail example"),
        lambda: MailServer(host="-x"),
        lambda: MailServer(host="mail.example.org", username="ada", password="pässword"),
        lambda: Mailer(MailServer("localhost"), "ada@example.org", []),
        lambda: Mailer(
            MailServer("localhost"), "ada@example.org", [f"a{n}@x.org" for n in range(101)]
        ),
        lambda: Mailer(MailServer("localhost"), "ada", ["ada@example.org"]),
    ],
)
def test_what_makes_no_sense_is_refused_at_once(make):
    with pytest.raises(SettingInvalid) as caught:
        make()
    assert caught.value.hint


def test_a_certificate_file_that_is_none(serve, certificate, tmp_path):
    server = serve()
    for name in ("missing.pem", "empty.pem"):
        (tmp_path / "empty.pem").write_text("")
        with pytest.raises(SettingInvalid, match=name):
            check_server(place(server, certificate, ca_file=str(tmp_path / name)))
    assert server.heard == []
