"""A mail server on loopback that really speaks SMTP: EHLO, STARTTLS, AUTH, SIZE, DATA, and faults.

Source: RFC 5321, RFC 3207, RFC 4954 (PLAIN, LOGIN), RFC 1870, RFC 6531.
"""

import base64
import socket
import socketserver
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.policy import SMTPUTF8

from tests.clients.certificates import server_context
from tests.clients.wire_server import drip, reset

USER, PASSWORD = "ada", "kept-secret-1"


@dataclass
class Taken:
    """A mail that was handed in."""

    sender: str
    recipients: list[str] = field(default_factory=list)
    raw: bytes = b""
    encrypted: bool = False
    user: str = ""

    @property
    def message(self):
        return message_from_bytes(self.raw, policy=SMTPUTF8)


def close(handler):
    """Close the line instead of an answer."""
    handler.request.shutdown(socket.SHUT_RDWR)


def tear(handler):
    """Reset the connection instead of an answer."""
    reset(handler.request)


def hang(handler):
    """Never answer."""
    handler.server.released.wait(20)


def slowly(handler):
    """Send an answer letter by letter, for ever."""
    drip(handler.request, handler.server.released, b"250", piece=b"-")


def endless(handler):
    """Send an answer of more and more lines."""
    while not handler.server.released.is_set():
        handler.request.sendall(b"250-and\r\n" * 1000)


def long_line(handler):
    """Send an answer without any end of line."""
    while not handler.server.released.is_set():
        handler.request.sendall(b"2" * 10_000)


class SmtpServer(socketserver.ThreadingTCPServer):
    """Keeps mails in `taken`, what it was told in `heard`.

    Args:
        certificate: Key and certificate for STARTTLS, or for TLS from the start.
        implicit: TLS from the start.
        asks_for_log_in: Takes mail only from USER.
        max_bytes: The size that it says it takes.
        extensions: What else it says it can.

    `faults` holds, by verb (`CONNECT`, `EHLO`, ... `DATA`, `END`), what happens instead of the next
    answers: a reply, or a function of the handler; None is the ordinary answer.
    """

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self, certificate=None, *, implicit=False, asks_for_log_in=False, max_bytes=0, extensions=()
    ):
        self.context = server_context(certificate) if certificate else None
        self.implicit = implicit
        self.asks_for_log_in = asks_for_log_in
        self.max_bytes = max_bytes
        self.extensions = list(extensions)
        self.faults = {}
        self.connections = 0
        self.taken = []
        self.heard = []
        self.refused_recipients = {}
        self.released = threading.Event()
        super().__init__(("127.0.0.1", 0), _Handler)
        self.port = self.server_address[1]
        threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()

    def handle_error(self, *_):
        pass

    def close(self):
        self.released.set()
        self.shutdown()
        self.server_close()

    def tried(self, verb):
        return sum(line.upper().startswith(verb) for line in self.heard)


class _Handler(socketserver.StreamRequestHandler):
    def setup(self):
        if self.server.implicit:
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()
        self.encrypted = self.server.implicit
        self.user = ""
        self.mail = None
        self.open = True

    def handle(self):
        self.server.connections += 1
        with suppress(OSError):
            self.say("CONNECT", "220 mail.example.org ESMTP")
            while self.open and (line := self.rfile.readline(4096)):
                text = line.decode("utf-8", "replace").rstrip("\r\n")
                self.server.heard.append(text)
                verb = text.split(" ")[0].upper()
                answer = getattr(self, f"do_{verb.lower()}", None)
                if answer is None:
                    self.say(verb, "502 what?")
                else:
                    answer(text[len(verb) :].strip())

    def say(self, verb, *lines):
        """Answer, or do what the test wants instead; return whether it was the answer."""
        fault = self.server.faults[verb].pop(0) if self.server.faults.get(verb) else None
        if callable(fault):
            self.open = False
            fault(self)
            return False
        told = [fault] if fault else list(lines)
        marked = [*(line.replace(" ", "-", 1) for line in told[:-1]), told[-1]]
        self.wfile.write("".join(f"{line}\r\n" for line in marked).encode())
        if fault and fault.startswith("421"):
            self.open = False
        return not fault

    def do_ehlo(self, _):
        offers = [*self.server.extensions, "8BITMIME"]
        if self.server.context and not self.encrypted:
            offers.append("STARTTLS")
        if self.encrypted or not self.server.context:
            offers.append("AUTH PLAIN LOGIN")
        if self.server.max_bytes:
            offers.append(f"SIZE {self.server.max_bytes}")
        self.say("EHLO", "250 hello", *(f"250 {offer}" for offer in offers))

    def do_helo(self, _):
        self.say("HELO", "250 hello")

    def do_starttls(self, _):
        if self.say("STARTTLS", "220 go on"):
            self.request = self.server.context.wrap_socket(self.request, server_side=True)
            self.rfile = self.request.makefile("rb", self.rbufsize)
            self.wfile = socketserver._SocketWriter(self.request)
            self.encrypted = True

    def do_auth(self, told):
        kind, _, first = told.partition(" ")
        if kind == "PLAIN":
            _, user, password = base64.b64decode(first).split(b"\0")
        else:
            user = base64.b64decode(first or self.ask("VXNlcm5hbWU6"))
            password = base64.b64decode(self.ask("UGFzc3dvcmQ6"))
        if (user.decode(), password.decode()) != (USER, PASSWORD):
            self.say("AUTH", "535 5.7.8 no such user or password")
        elif self.say("AUTH", "235 welcome"):
            self.user = user.decode()

    def ask(self, question):
        self.wfile.write(f"334 {question}\r\n".encode())
        return self.rfile.readline(4096).strip()

    def do_mail(self, told):
        if self.server.asks_for_log_in and not self.user:
            self.say("MAIL", "530 5.7.0 log in first")
        elif self.say("MAIL", "250 fine"):
            sender = told[told.index("<") + 1 : told.index(">")]
            self.mail = Taken(sender, encrypted=self.encrypted, user=self.user)

    def do_rcpt(self, told):
        address = told[told.index("<") + 1 : told.index(">")]
        if refusal := self.server.refused_recipients.get(address):
            self.say("RCPT", refusal)
        elif self.say("RCPT", "250 fine"):
            self.mail.recipients.append(address)

    def do_data(self, _):
        if not self.say("DATA", "354 go on"):
            return
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.mail.raw = b"".join(lines)
        if self.server.max_bytes and len(self.mail.raw) > self.server.max_bytes:
            self.say("END", "552 5.3.4 too large")
            return
        fault = (self.server.faults.get("END") or [None])[0]
        if fault is None or callable(fault):
            self.server.taken.append(self.mail)
        self.say("END", "250 taken")

    def do_rset(self, _):
        self.say("RSET", "250 fine")

    def do_quit(self, _):
        self.say("QUIT", "221 bye")
        self.open = False
