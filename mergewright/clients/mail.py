"""A messenger that writes mails.

A mail cannot be looked up, so each is sent at most once: one that was handed over and got no clear
answer is `PostUncertain` and counts as sent. Its id follows from its marker, so that a receiver who
gets two copies after all can tell that they are the same. Until the text is handed over nothing is
sent, and trying again does no harm.

A mail cannot be changed either: an update leaves what was sent as it is and sends nothing, for a
status that changes ten times a run is no ten mails.
"""

import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from mergewright.clients.breaker import call_with_retries
from mergewright.clients.mail_message import (
    MAX_FILES_BYTES,
    Envelope,
    Mail,
    address_of,
    is_id,
    mail_of,
    message_id,
)
from mergewright.clients.mail_server import MailServer, MailSession, Refusal
from mergewright.clients.ports import Effect
from mergewright.domain.access import Access
from mergewright.domain.notice import Notice
from mergewright.errors import Rejected, SettingInvalid

MAX_RECIPIENTS = 100
_TEXT_ROOM_BYTES = 200_000
"""Kept free of files below the size that a server takes, for the text and the encoding's headers."""


def _utc_now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


class Mailer:
    """Notices as mails to some people.

    Args:
        server: Where mail is handed in.
        sender: Address, as `Mergewright <mergewright@example.org>`.
        recipients: Addresses; twice the same is once.
        max_files_bytes: Of the files of a mail together; more is left out, and the mail says so.
        clock: Tells the instant that a mail carries.

    Raises:
        SettingInvalid: An address is none, or there are none or too many.
    """

    def __init__(
        self,
        server: MailServer,
        sender: str,
        recipients: Sequence[str],
        *,
        max_files_bytes: int = MAX_FILES_BYTES,
        clock: Callable[[], datetime] = _utc_now,
    ) -> None:
        self._server = server
        self._sender = address_of(sender)
        addresses = [address_of(one) for one in recipients]
        self._recipients = tuple({one.addr_spec.casefold(): one for one in addresses}.values())
        if not 1 <= len(self._recipients) <= MAX_RECIPIENTS:
            raise SettingInvalid(
                f"A mail goes to 1 to {MAX_RECIPIENTS} people, not to {len(self._recipients)}.",
                hint="Name the recipients, or the address of a mailing list.",
            )
        self._max_files_bytes = max_files_bytes
        self._clock = clock
        self._lock = threading.Lock()
        self._notes: list[str] = []

    def send(self, notice: Notice, *, marker: str, thread: str = "") -> Effect[str]:
        """Send a mail; return its id. Nothing is looked up: callers keep the outcome per marker.

        Raises:
            NotFound: No recipient is known to the server.
            AccessDenied: The server does not take user name and password.
            Rejected: The server does not take the mail, or does not encrypt.
            RateLimited: The server asks to try again later.
            PostUncertain: There was no clear answer; the mail may arrive.
            ServiceUnavailable: The server cannot be reached.
        """
        envelope = Envelope(
            self._sender,
            self._recipients,
            message_id(marker, self._sender.domain),
            self._clock(),
            thread if is_id(thread) else "",
        )
        call_with_retries(
            lambda: self._hand_in(notice, envelope),
            service="Mail",
            host=self._server.address,
            safe_to_repeat=True,
        )
        return Effect(envelope.message_id, found=False)

    def update(self, reference: str, notice: Notice) -> Effect[str]:
        """Leave the mail as it was sent.

        Raises:
            Rejected: This is no id of a mail.
        """
        _ = notice
        if not is_id(reference):
            raise Rejected(
                f"{reference!r} is no id of a mail.", hint="Give what `send` returned for a mail."
            )
        return Effect(reference, found=True)

    def take_notes(self) -> tuple[str, ...]:
        """Return who was not reached and what was not attached since the last call."""
        with self._lock:
            notes, self._notes = tuple(self._notes), []
        return notes

    def check(self) -> Access:
        """Connect, encrypt and log in, and send nothing.

        Raises:
            ServiceError: As `send` says.
        """
        return check_server(self._server)

    def _hand_in(self, notice: Notice, envelope: Envelope) -> None:
        with self._server.session() as session:
            mail = self._fitting(notice, envelope, session)
            if mail.needs_utf8 and not session.takes_utf8:
                raise Rejected(
                    f"The mail server {self._server.address} takes only addresses in ASCII.",
                    hint="Use addresses without accents before the @.",
                )
            refused = session.deliver(
                envelope.sender.addr_spec,
                [one.addr_spec for one in envelope.recipients],
                mail.message.as_bytes(),
                utf8=mail.needs_utf8,
            )
        self._note(mail, refused)

    def _fitting(self, notice: Notice, envelope: Envelope, session: MailSession) -> Mail:
        limit = self._max_files_bytes
        if session.max_bytes is not None:
            # Base64 makes four bytes of three, and a line end of each 57.
            limit = min(limit, max(0, (session.max_bytes - _TEXT_ROOM_BYTES) * 70 // 100))
        return mail_of(notice, envelope, max_files_bytes=limit)

    def _note(self, mail: Mail, refused: Sequence[Refusal]) -> None:
        told = [f"{one.address} was not told: {one.error.message}" for one in refused]
        with self._lock:
            self._notes += [*told, *mail.notes]


def check_server(server: MailServer) -> Access:
    """Connect, encrypt and log in, and send nothing; say who we are.

    Raises:
        AccessDenied: The server does not take user name and password.
        Rejected: It does not encrypt, its certificate is not trusted, or it is no mail server.
        ServiceUnavailable: It cannot be reached.
    """

    def greet() -> None:
        with server.session():
            pass

    call_with_retries(greet, service="Mail", host=server.address, safe_to_repeat=True)
    return Access(account=server.username or "nobody (no log-in)", place=server.address)
