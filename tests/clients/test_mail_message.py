"""A notice as a mail: readable in both forms, and nobody else writes its headers."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.policy import default

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mergewright.clients.mail_message import (
    Envelope,
    address_of,
    is_id,
    mail_of,
    message_id,
)
from mergewright.domain.notice import Notice, NoticeFile
from mergewright.errors import SettingInvalid

ENVELOPE = Envelope(
    address_of("Mergewright <m@example.org>"),
    (address_of("Ada Ä <ada@example.org>"),),
    "<1@example.org>",
    datetime(2026, 5, 4, 9, 30, tzinfo=UTC),
)


def parsed(notice, **options):
    raw = mail_of(notice, ENVELOPE, **options).message.as_bytes()
    return raw, message_from_bytes(raw, policy=default)


def test_a_mail_has_both_forms_and_says_that_a_machine_wrote_it():
    notice = Notice(subject="Käfer", body="All **grün**.", run_id="run-1", level="warning")
    raw, mail = parsed(notice)
    assert mail["Subject"] == "Käfer"
    assert str(mail["To"]) == "Ada Ä <ada@example.org>"
    assert (mail["Auto-Submitted"], mail["X-Mergewright-Run"]) == ("auto-generated", "run-1")
    assert mail["Importance"] == "high"
    assert mail.get_content_type() == "multipart/alternative"
    assert "All **grün**." in mail.get_body(("plain",)).get_content()
    assert "grün</strong>" in mail.get_body(("html",)).get_content()
    assert raw.isascii()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")


def test_files_are_kept_byte_by_byte():
    text = "diff --git a/ä b/ä\r\n-x \n+y\t\n\\ No newline at end of file"
    files = (NoticeFile(name="A-1.patch", media_type="text/x-patch", text=text),)
    _, mail = parsed(Notice(subject="s", body="b", files=files))
    [patch] = mail.iter_attachments()
    assert (patch.get_filename(), patch.get_content_type()) == ("A-1.patch", "text/x-patch")
    assert patch.get_payload(decode=True) == text.encode()
    assert mail.get_content_type() == "multipart/mixed"


def test_what_is_too_large_is_left_out_and_said_in_both_forms():
    files = tuple(NoticeFile(name=f"{n}.md", text="x" * n) for n in (60, 50, 30))
    notice = Notice(subject="s", body="b", files=files)
    assert mail_of(notice, ENVELOPE, max_files_bytes=100).notes == (
        "50.md (50 bytes) is not attached: it is too large for this mail.",
    )
    _, mail = parsed(notice, max_files_bytes=100)
    assert [part.get_filename() for part in mail.iter_attachments()] == ["60.md", "30.md"]
    for kind in ("plain", "html"):
        assert "50.md (50 bytes) is not attached" in mail.get_body((kind,)).get_content()


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=60))
def test_no_text_writes_a_header(subject, body, run_id):
    _, mail = parsed(
        Notice(subject=f"{subject}\r\nBcc: evil@example.org", body=body, run_id=run_id)
    )
    assert mail["Bcc"] is None
    assert mail["To"].addresses == ENVELOPE.recipients
    assert len(mail.get_all("Subject")) == 1
    assert "Bcc: evil@example.org" in mail["Subject"] or len(subject) > 150
    assert sum(1 for _ in mail.walk()) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ada@example.org", ("", "ada@example.org")),
        (" Ada L. <ada@example.org> ", ("Ada L.", "ada@example.org")),
        ("Jürgen <j.o-e+x@bücher.example>", ("Jürgen", "j.o-e+x@xn--bcher-kva.example")),
        ("<ada@example.org>", ("", "ada@example.org")),
    ],
)
def test_an_address(text, expected):
    address = address_of(text)
    assert (address.display_name, address.addr_spec) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", "ada", "@example.org", "ada@", "a b@example.org", "ada@example.org, bob@example.org"),
        *("ada@example.org\r\nBcc: x@y.org", "Ada\n<ada@example.org>", "<<a@b.org>>", "a@b@c.org"),
        *("Ada <ada@example.org> x", "ada@..org", "ada@straße.example", "ada@exa\u202emple.org"),
        *("ada@" + "x" * 300, "a" * 80 + "@example.org", "ada@example.org>", '"x"@example.org'),
    ],
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(SettingInvalid) as caught:
        address_of(text)
    assert caught.value.hint


@given(st.text(max_size=100))
def test_every_marker_makes_an_id(marker):
    made = message_id(marker, "example.org")
    assert is_id(made)
    assert made == message_id(marker, "example.org")
    assert made != message_id(f"{marker}x", "example.org")
