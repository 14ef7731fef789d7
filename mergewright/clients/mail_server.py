"""A mail server, and one conversation with it: encrypted, logged in, handed in, step by step.

Source: RFC 5321 (steps and replies), RFC 3207 (STARTTLS), RFC 1870 (SIZE), RFC 6531 (SMTPUTF8),
2026-11-20.
"""

import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from mergewright.clients.mail_connection import BYE, HOST_NAME, READY, MailConnection
from mergewright.clients.mail_errors import (
    LIBRARY_ERRORS,
    MailStep,
    error_of_exception,
    error_of_reply,
)
from mergewright.errors import Rejected, ServiceError, SettingInvalid
from mergewright.safety.redaction import register_secret

TIMEOUT_SECONDS = 30.0
DELIVERY_SECONDS = 120.0
"""A server may look through a whole mail before it answers; RFC 5321 would wait ten minutes."""
QUIT_SECONDS = 2.0

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_OK = 250
_GO_AHEAD = 354
_WILL_FORWARD = 251

Security = Literal["starttls", "tls", "none"]


class Refusal(NamedTuple):
    """A recipient that the server does not take mail for."""

    address: str
    error: ServiceError


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in, and as whom.

    Raises:
        SettingInvalid: The host is no name, or a password would be sent in clear to another machine.
    """

    host: str
    port: int = 587
    security: Security = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    """Certificate to trust besides none other; empty trusts the system's."""
    timeout_seconds: float = TIMEOUT_SECONDS
    """Time limit of the connection and of each answer."""
    delivery_seconds: float = DELIVERY_SECONDS
    """Time limit of the answer to a whole mail."""

    def __post_init__(self) -> None:
        if not HOST_NAME.fullmatch(self.host) and ":" not in self.host:
            raise SettingInvalid(
                f"{self.host!r} is no mail server's name.", hint="Give a name, as mail.example.org."
            )
        if self.password:
            register_secret(self.password)
        if self.username and self.security == "none" and self.host not in _LOOPBACK:
            raise SettingInvalid(
                f"The password for {self.host!r} would be sent unencrypted.",
                hint="Set `security` to starttls or tls, or leave the user name out.",
            )
        if not (self.username + self.password).isascii():
            raise SettingInvalid(
                f"User name or password for {self.host!r} holds signs that SMTP cannot carry.",
                hint="Use an app password of plain letters and digits.",
            )

    @property
    def address(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"

    @contextmanager
    def session(self) -> Iterator["MailSession"]:
        """Open a conversation, encrypted and logged in as told, and end it politely.

        Raises:
            AccessDenied: The server does not take user name and password.
            Rejected: It does not encrypt, its certificate is not trusted, or it is no mail server.
            RateLimited: It asks to try again later.
            ServiceUnavailable: It does not answer, or not in time.
        """
        session = MailSession(self)
        try:
            session.open()
            yield session
        finally:
            session.close()


class MailSession:
    """One conversation with a mail server.

    Args:
        server: The server.
    """

    def __init__(self, server: MailServer) -> None:
        self._server = server
        try:
            context = ssl.create_default_context(cafile=server.ca_file or None)
        except OSError as error:
            raise SettingInvalid(
                f"The certificate {server.ca_file!r} cannot be read: {error}.",
                hint="Name a file with certificates in PEM form as `ca_file`.",
            ) from error
        self._connection = MailConnection(
            server.host,
            context=context,
            implicit=server.security == "tls",
            timeout_seconds=server.timeout_seconds,
        )

    @property
    def max_bytes(self) -> int | None:
        """How large a mail the server says it takes; None when it does not say."""
        told = self._connection.esmtp_features.get("size", "")
        return int(told) if told.isdecimal() and int(told) > 0 else None

    @property
    def takes_utf8(self) -> bool:
        """Whether addresses may hold more than ASCII."""
        return self._connection.has_extn("smtputf8")

    def open(self) -> None:
        """Connect, encrypt and log in.

        Raises:
            ServiceError: As `MailServer.session` says.
        """
        server, connection = self._server, self._connection
        with self._step("the connection") as step:
            code, said = connection.connect(server.host, server.port)
            if code != READY:
                raise error_of_reply(code, said, step)
        with self._step("the greeting"):
            connection.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            self._encrypt()
        if server.username:
            with self._step(f"the log-in of {server.username!r}"):
                connection.login(server.username, server.password)

    def _encrypt(self) -> None:
        if not self._connection.has_extn("starttls"):
            raise Rejected(
                f"The mail server {self._server.address} does not offer to encrypt (STARTTLS).",
                hint="Somebody between may have taken the offer out. Use the port with TLS from the"
                " start, or set `security` to none if mail may be read on its way.",
            )
        with self._step("the encryption"):
            self._connection.encrypt()
        with self._step("the greeting after the encryption"):
            self._connection.ehlo_or_helo_if_needed()

    def deliver(
        self, sender: str, recipients: Sequence[str], mail: bytes, *, utf8: bool = False
    ) -> tuple[Refusal, ...]:
        """Hand a mail in; return the recipients that were refused while others were not.

        Args:
            sender: Address.
            recipients: Addresses, at least one.
            mail: The mail as it is sent.
            utf8: Whether an address holds more than ASCII.

        Raises:
            NotFound: No recipient is known there.
            AccessDenied: We may not send there.
            Rejected: The server does not take the mail.
            RateLimited: It asks to try again later.
            PostUncertain: The mail was handed over and no clear answer came.
            ServiceUnavailable: The connection failed before that.
        """
        connection = self._connection
        with self._step(f"the sender {sender!r}") as step:
            options = [*(["SMTPUTF8"] if utf8 else []), *self._size(mail)]
            code, said = connection.mail(sender, options)
            if code != _OK:
                raise error_of_reply(code, said, step)
        refused = [refusal for one in recipients if (refusal := self._recipient(one))]
        if len(refused) == len(recipients):
            raise refused[0].error
        with self._step("the text") as step:
            code, said = connection.docmd("DATA")
            if code != _GO_AHEAD:
                raise error_of_reply(code, said, step)
        with self._step("the end of the text", sent=True) as step:
            connection.wait_for_at_most(self._server.delivery_seconds)
            connection.send(_quoted(mail))
            code, said = connection.getreply()
            if code != _OK:
                raise error_of_reply(code, said, step)
        return tuple(refused)

    def close(self) -> None:
        """Say good-bye, if anybody listens still."""
        connection = self._connection
        if connection.sock is not None:
            with suppress(*LIBRARY_ERRORS):
                connection.wait_for_at_most(min(QUIT_SECONDS, self._server.timeout_seconds))
                connection.docmd("QUIT")
        connection.close()

    def _size(self, mail: bytes) -> list[str]:
        return [f"SIZE={len(mail)}"] if self._connection.has_extn("size") else []

    def _recipient(self, address: str) -> Refusal | None:
        with self._step(f"the recipient {address!r}") as step:
            code, said = self._connection.rcpt(address)
            if code == BYE:
                raise error_of_reply(code, said, step)
        if code in {_OK, _WILL_FORWARD}:
            return None
        return Refusal(address, error_of_reply(code, said, step))

    @contextmanager
    def _step(self, what: str, *, sent: bool = False) -> Iterator[MailStep]:
        step = MailStep(what, self._server.address, sent=sent)
        try:
            yield step
        except LIBRARY_ERRORS as error:
            raise error_of_exception(error, step) from error


def _quoted(mail: bytes) -> bytes:
    """Return a mail with its line ends and leading dots as DATA wants them, and the end."""
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", mail)
    dotted = re.sub(rb"(?m)^\.", b"..", lines)
    return dotted + (b"" if dotted.endswith(b"\r\n") else b"\r\n") + b".\r\n"
