"""A messenger for one person: tells on the terminal and keeps each notice as a mail file."""

import hashlib
import re
import sys
import unicodedata
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email import message_from_bytes
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import TextIO
from urllib.parse import unquote, urlsplit

from rich.console import Console as Terminal
from rich.console import Group
from rich.markdown import Markdown
from rich.panel import Panel
from rich.text import Text

from mergewright.clients.documents import file_errors, locked, utc_now, write_file
from mergewright.clients.ports import Effect
from mergewright.domain.notice import Notice
from mergewright.errors import NotFound

_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_ADDRESS = Address("Mergewright", "mergewright", "localhost")


class Console:
    """Notices on a terminal and as `.eml` files in a mailbox folder.

    Args:
        mailbox: Folder of the mail files; made when first written to.
        stream: Where to print. Left out, the error stream if that is a terminal, else nowhere:
            the output stream belongs to what a program reads.
        quiet: Print nowhere, keep the mail file only.
        clock: Tells the instant that a notice carries.
    """

    def __init__(
        self,
        mailbox: Path,
        *,
        stream: TextIO | None = None,
        quiet: bool = False,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self.mailbox = mailbox.expanduser().absolute()
        self._stream = stream
        self._quiet = quiet
        self._clock = clock

    def send(self, notice: Notice, *, marker: str, thread: str = "") -> Effect[str]:
        """Tell once per marker; return the mail file's URI.

        Raises:
            AccessDenied: The mailbox may not be written to.
            Rejected: Something else stands where the mailbox should be.
            ServiceUnavailable: The disk is full or failed.
        """
        path = self.mailbox / f"{_file_stem(marker)}.eml"
        parent = ""
        with suppress(NotFound):
            parent = str(self._kept(thread)["Message-ID"])
        with locked(self.mailbox):
            with file_errors(path, "read"):
                found = path.exists()
            if not found:
                write_file(path, _written(_mail(notice, marker, self._clock(), parent)))
        if not found:
            self._print(notice)
        return Effect(path.as_uri(), found=found)

    def update(self, reference: str, notice: Notice) -> Effect[str]:
        """Write the mail file anew and tell what is new; found means that it says so already.

        Raises:
            AccessDenied: The mailbox may not be written to.
            NotFound: This is no mail of this mailbox.
            ServiceUnavailable: The disk is full or failed.
        """
        with locked(self.mailbox):
            mail = self._kept(reference)
            before = _written(mail)
            _fill(mail, notice)
            found = _written(mail) == before
            if not found:
                write_file(self._path(reference), _written(mail))
        if not found:
            self._print(notice)
        return Effect(reference, found=found)

    def _path(self, reference: str) -> Path:
        try:
            path = Path(unquote(urlsplit(reference).path))
        except ValueError as error:
            raise self._no_mail(reference) from error
        if path.parent != self.mailbox or path.suffix != ".eml":
            raise self._no_mail(reference)
        return path

    def _kept(self, reference: str) -> EmailMessage:
        path = self._path(reference)
        with file_errors(path, "read"):
            if not path.is_file():
                raise self._no_mail(reference)
            return message_from_bytes(path.read_bytes(), EmailMessage, policy=SMTP)

    def _no_mail(self, reference: str) -> NotFound:
        return NotFound(
            f"{reference!r} is no mail in {str(self.mailbox)!r}.",
            hint="Give what `send` returned for a notice of this mailbox.",
        )

    def _print(self, notice: Notice) -> None:
        stream = self._stream or (sys.stderr if sys.stderr.isatty() else None)
        if self._quiet or stream is None:
            return
        colour = "yellow" if notice.level == "warning" else "green"
        # Links and markup from a ticket stay text; rich prints a URL's text beside its label.
        parts = [Markdown(_visible(notice.body), hyperlinks=False)]
        group = Group(*parts, *([Text(_visible(notice.url))] if notice.url else []))
        title = Text(" ".join(_visible(notice.subject).split()), style="bold")
        Terminal(file=stream).print(
            Panel(group, title=title, title_align="left", border_style=colour)
        )


def _visible(text: str) -> str:
    """Return a text without what could steer a terminal or hide a part of it."""
    return "".join(
        letter
        for letter in text
        if letter in "\n\t" or unicodedata.category(letter) not in {"Cc", "Cf", "Cs"}
    )


def _file_stem(marker: str) -> str:
    if _FILE_NAME.fullmatch(marker):
        return marker
    digest = hashlib.sha256(marker.encode("utf-8", "replace")).hexdigest()[:12]
    return f"{re.sub(r'[^A-Za-z0-9._-]+', '-', marker).strip('.-')[:60] or 'notice'}-{digest}"


def _mail(notice: Notice, marker: str, at: datetime, parent: str) -> EmailMessage:
    """Return the notice as an RFC 5322 message.

    Source: RFC 5322 (fields, line ends), RFC 2047 (subjects beyond ASCII): both by the standard
    library's `email` package.
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _ADDRESS
    mail["To"] = _ADDRESS
    mail["Date"] = at
    mail["Message-ID"] = (
        f"<{hashlib.sha256(marker.encode('utf-8', 'replace')).hexdigest()[:32]}@mergewright.local>"
    )
    if parent:
        mail["In-Reply-To"] = mail["References"] = parent
    mail["X-Mergewright-Marker"] = _file_stem(marker)
    _fill(mail, notice)
    return mail


def _fill(mail: EmailMessage, notice: Notice) -> None:
    """Put what a notice says in the place of what the mail said."""
    del mail["Subject"], mail["Importance"]
    mail["Subject"] = " ".join(_visible(notice.subject).split())
    if notice.level == "warning":
        mail["Importance"] = "high"
    body = _visible(notice.body).strip()
    mail.set_content(f"{body}\n\n{_visible(notice.url)}".strip() + "\n")


def _written(mail: EmailMessage) -> str:
    return mail.as_bytes().decode()
