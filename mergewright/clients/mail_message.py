"""A notice as a mail: HTML and plain text, with files, whose headers nobody else can write.

Source: RFC 5322 (fields), RFC 2047 (words beyond ASCII), RFC 2046 (multipart), RFC 3834
(`Auto-Submitted`: no answering machine answers), RFC 6531 (addresses beyond ASCII), 2026-11-20.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from typing import NamedTuple

from mergewright.clients.service_words import one_line
from mergewright.domain.notice import Notice, NoticeFile
from mergewright.errors import SettingInvalid
from mergewright.texts.notices_mail import mail_html, mail_text

MAX_FILES_BYTES = 5_000_000
"""Of all files of a mail together; many servers refuse mails of more than ten megabytes."""

_ADDRESS = re.compile(r"(?:(?P<name>[^<>\r\n\"]{0,200}?)\s*<(?P<inside>[^<>]+)>|(?P<bare>[^<>]+))")
_SPEC = re.compile(
    r"(?P<local>[^\s<>@,;:\"()\[\]\\]{1,64})@(?P<domain>[^\s<>@,;:\"()\[\]\\/]{1,253})"
)
_AMBIGUOUS = re.compile("[ßς\u200c\u200d]")
"""What the older rules of IDNA, which Python knows, read as another domain than the newer ones."""
_MESSAGE_ID = re.compile(r"<[^\s<>@]{1,200}@[^\s<>@]{1,253}>")
_KEPT_HEADER_CHARACTERS = 400


class Envelope(NamedTuple):
    """Who writes to whom, when, and in answer to what."""

    sender: Address
    recipients: Sequence[Address]
    message_id: str
    at: datetime
    thread: str = ""
    """Id of the mail that this one answers."""


class Mail(NamedTuple):
    """A mail and what is missing in it."""

    message: EmailMessage
    notes: tuple[str, ...]
    needs_utf8: bool
    """Whether a server must know addresses beyond ASCII."""


def address_of(text: str) -> Address:
    """Return the address that a text as `Ada <ada@example.org>` holds.

    Raises:
        SettingInvalid: It is none.
    """
    found = _ADDRESS.fullmatch(text.strip())
    spec = _SPEC.fullmatch((found["inside"] or found["bare"]).strip()) if found else None
    if found is None or spec is None or not text.isprintable():
        raise SettingInvalid(
            f"{text!r} is no mail address.",
            hint="Write it as ada@example.org or Ada <ada@example.org>.",
        )
    try:
        if _AMBIGUOUS.search(spec["domain"]):
            raise ValueError("write its domain in the form xn--…")  # noqa: TRY301 - told like the others
        domain = spec["domain"].encode("idna").decode()
        return Address((found["name"] or "").strip(), spec["local"], domain)
    except ValueError as error:
        raise SettingInvalid(
            f"{text!r} is no mail address: {error}.", hint="Write it as ada@example.org."
        ) from error


def message_id(marker: str, domain: str) -> str:
    """Return the id that a mail with this marker always has: by it receivers know a duplicate."""
    digest = hashlib.sha256(marker.encode("utf-8", "replace")).hexdigest()[:32]
    return f"<mergewright.{digest}@{domain}>"


def is_id(reference: str) -> bool:
    """Whether a reference is a mail's id."""
    return reference.isascii() and _MESSAGE_ID.fullmatch(reference) is not None


def mail_of(notice: Notice, envelope: Envelope, *, max_files_bytes: int = MAX_FILES_BYTES) -> Mail:
    """Return the mail; files that are too large are left out, and the mail says so.

    Args:
        notice: What to tell.
        envelope: Who writes to whom.
        max_files_bytes: Of all files together.
    """
    files, left_out = _fitting(notice.files, max_files_bytes)
    people = (envelope.sender, *envelope.recipients)
    is_ascii = all(one.addr_spec.isascii() for one in people)
    mail = EmailMessage(policy=(SMTP if is_ascii else SMTPUTF8).clone(cte_type="7bit"))
    mail["From"] = envelope.sender
    mail["To"] = tuple(envelope.recipients)
    mail["Date"] = envelope.at
    mail["Message-ID"] = envelope.message_id
    if envelope.thread:
        mail["In-Reply-To"] = mail["References"] = envelope.thread
    mail["Subject"] = _header_line(notice.subject)
    mail["Auto-Submitted"] = "auto-generated"
    mail["X-Auto-Response-Suppress"] = "All"
    if notice.run_id:
        mail["X-Mergewright-Run"] = _header_line(notice.run_id)
    if notice.level == "warning":
        mail["Importance"] = "high"
    note = " ".join(left_out)
    text = mail_text(notice)
    mail.set_content(f"{text}\n{note}\n" if note else text)
    mail.add_alternative(mail_html(notice, note=note), subtype="html")
    for file in files:
        _attach(mail, file)
    return Mail(mail, left_out, needs_utf8=not is_ascii)


def _header_line(text: str) -> str:
    return one_line(text)[:_KEPT_HEADER_CHARACTERS]


def _fitting(
    files: Sequence[NoticeFile], limit: int
) -> tuple[tuple[NoticeFile, ...], tuple[str, ...]]:
    kept: list[NoticeFile] = []
    notes: list[str] = []
    room = limit
    for file in files:
        size = len(file.text.encode("utf-8", "replace"))
        if size <= room:
            kept.append(file)
            room -= size
        else:
            told = f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size} bytes"  # noqa: PLR2004 - from here on readable as MB
            notes.append(f"{file.name} ({told}) is not attached: it is too large for this mail.")
    return tuple(kept), tuple(notes)


def _attach(mail: EmailMessage, file: NoticeFile) -> None:
    maintype, _, subtype = file.media_type.partition("/")
    mail.add_attachment(
        file.text.encode("utf-8", "replace"),
        maintype=maintype,
        subtype=subtype,
        filename=file.name,
        params={"charset": "utf-8"},
    )
