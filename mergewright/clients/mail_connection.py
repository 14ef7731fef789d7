"""The wire to a mail server: encrypted, and with a time limit and a size for every answer.

smtplib limits only each pause of an answer, and takes an answer of any number of lines; here each
answer as a whole is limited. What a server says in clear before it encrypts is not believed after
that (RFC 3207).

Source: Python 3.11's smtplib, read 2026-11-20: a `connect` apart from the constructor does not
remember the host; without a name of ours it asks the DNS for one.
"""

import re
import smtplib
import socket
import ssl
import time

from mergewright.clients.mail_errors import NoMailServer

MAX_REPLY_LINES = 200
MAX_REPLY_BYTES = 1 << 16
READY = 220
BYE = 421
HOST_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?")

_PIECE_BYTES = 1 << 12
_SHORTEST_SECONDS = 0.001


class MailConnection(smtplib.SMTP):
    """smtplib's side of a conversation, in which every answer ends.

    Args:
        host: Whom the certificate must name.
        context: What is trusted.
        implicit: Whether it is encrypted from the start.
        timeout_seconds: Time limit of the connection and of each answer.
    """

    def __init__(
        self, host: str, *, context: ssl.SSLContext, implicit: bool, timeout_seconds: float
    ) -> None:
        name = socket.gethostname()
        super().__init__(
            local_hostname=name if HOST_NAME.fullmatch(name) else "localhost",
            timeout=timeout_seconds,
        )
        self._host = host
        self._context = context
        self._implicit = implicit
        self._pending = b""
        self._seconds = timeout_seconds

    def wait_for_at_most(self, seconds: float) -> None:
        """Set the time limit of sending, and of each answer from now on."""
        self._seconds = seconds
        self._socket().settimeout(seconds)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = socket.create_connection((host, port), timeout)
        if not self._implicit:
            return plain
        try:
            return self._context.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise

    def encrypt(self) -> None:
        """Go on encrypted."""
        code, said = self.docmd("STARTTLS")
        if code != READY:
            raise smtplib.SMTPResponseException(code, said)
        if self._pending:
            raise NoMailServer("it said more than it may before encrypting")
        self.sock = self._context.wrap_socket(self._socket(), server_hostname=self._host)
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False

    def getreply(self) -> tuple[int, bytes]:
        """Return code and text of an answer that is short and comes in time."""
        ends_at = time.monotonic() + self._seconds
        lines: list[bytes] = []
        size = 0
        while True:
            line = self._line(ends_at)
            size += len(line)
            if not line[:3].isdigit() or line[3:4] not in {b" ", b"-", b""}:
                self.close()
                raise NoMailServer(f"it says {line[:80]!r}")
            lines.append(line[4:].strip())
            if line[3:4] != b"-":
                break
            if len(lines) > MAX_REPLY_LINES or size > MAX_REPLY_BYTES:
                self.close()
                raise NoMailServer("its answer does not end")
        if (code := int(line[:3])) == BYE:
            self.close()
        return code, b"\n".join(lines)

    def _line(self, ends_at: float) -> bytes:
        connected = self._socket()
        while b"\n" not in self._pending:
            if len(self._pending) > MAX_REPLY_BYTES:
                self.close()
                raise NoMailServer("its answer does not end")
            seconds = ends_at - time.monotonic()
            try:
                connected.settimeout(max(seconds, _SHORTEST_SECONDS))
                piece = connected.recv(_PIECE_BYTES)
            except OSError:
                self.close()
                raise
            if seconds <= 0:
                self.close()
                raise TimeoutError("the answer took too long")
            if not piece:
                self.close()
                raise smtplib.SMTPServerDisconnected("it closed the connection")
            self._pending += piece
        connected.settimeout(self._seconds)
        line, _, self._pending = self._pending.partition(b"\n")
        return line.rstrip(b"\r")

    def _socket(self) -> socket.socket:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        return self.sock
