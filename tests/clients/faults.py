"""A server on loopback that does one wrong thing, whatever it is asked: a table for any client.

`FAULTS` names each of them. A client is pointed at `FaultServer(name).url`, or at one of its own
paths below it, and called; `requests` counts what arrived.
"""

import datetime as dt
import ipaddress
import json
import socket
import ssl
import struct
import tempfile
import threading
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

JSON = "application/json; charset=utf-8"
LONG_WAIT = 600
MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Fault:
    """What is sent; `status` zero means that nothing is."""

    status: int = 0
    body: bytes = b'{"message": "no"}'
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = JSON
    missing_bytes: int = 0
    """Promise more than is sent."""
    reset: bool = False
    """Break the line off at the end, instead of closing it."""
    hang: bool = False
    """Keep the line open at the end, in silence."""
    drip: bool = False
    """Send the body byte by byte, never coming to its end."""
    repeat: int = 1
    """How often the body is sent."""
    tls: bool = False
    """Speak TLS with a certificate that nobody trusts."""
    listens: bool = True


FAULTS = {
    "refused": Fault(listens=False),
    "reset before the answer": Fault(reset=True),
    "reset in the answer": Fault(200, b'{"a": ', missing_bytes=500, reset=True),
    "closed before the answer": Fault(),
    "cut short": Fault(200, b'{"a": ', missing_bytes=500),
    "time-out": Fault(hang=True),
    "time-out in the answer": Fault(200, b'{"a": ', missing_bytes=500, hang=True),
    "slow drip": Fault(200, b" ", missing_bytes=100_000, drip=True),
    "429": Fault(429),
    "429 with Retry-After": Fault(429, headers=(("Retry-After", str(LONG_WAIT)),)),
    "400": Fault(400),
    "401": Fault(401),
    "403": Fault(403),
    "404": Fault(404),
    "409": Fault(409),
    "410": Fault(410),
    "422": Fault(422),
    "500": Fault(500),
    "502": Fault(502, b"<html>bad gateway</html>", content_type="text/html"),
    "503": Fault(503),
    "truncated JSON": Fault(200, b'{"a": [1, 2'),
    "HTML instead of JSON": Fault(200, b"<html>log in</html>", content_type="text/html"),
    "wrong content type": Fault(200, b'{"a": 1}', content_type="text/plain"),
    "redirect to another host": Fault(302),
    "TLS error": Fault(200, tls=True),
    "50 MB answer": Fault(200, b" " * MEGABYTE, repeat=50),
}


class FaultServer:
    """Serves one fault until closed.

    Args:
        name: Which of `FAULTS`.
        target: Where a redirect leads.
    """

    def __init__(self, name, *, target=""):
        self.fault = FAULTS[name]
        self._target = target
        self.requests = []
        self._closed = threading.Event()
        self._context = _untrusted() if self.fault.tls else None
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.host = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.url = f"{'https' if self.fault.tls else 'http'}://{self.host}"
        if not self.fault.listens:
            self._socket.close()
            return
        self._socket.settimeout(0.05)
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self._closed.set()
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _serve(self):
        while not self._closed.is_set():
            try:
                line, _ = self._socket.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            threading.Thread(target=self._guarded, args=(line,), daemon=True).start()

    def _guarded(self, line):
        # A client that gives up leaves its end of the line.
        try:
            with line:
                line.settimeout(30)
                if self._context is not None:
                    line = self._context.wrap_socket(line, server_side=True)
                self._one(line)
        except OSError:
            return

    def _one(self, line):
        request = self._read(line)
        if not request:
            return
        self.requests.append(request)
        fault = self.fault
        if fault.status:
            line.sendall(self._head(fault))
            for _ in range(fault.repeat):
                line.sendall(fault.body)
        while fault.drip and not self._closed.wait(0.02):
            line.sendall(fault.body)
        if fault.hang:
            self._closed.wait(30)
        if fault.reset:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def _head(self, fault):
        length = len(fault.body) * fault.repeat + fault.missing_bytes
        headers = [
            ("Content-Type", fault.content_type),
            ("Content-Length", str(length)),
            ("Connection", "close"),
            *fault.headers,
        ]
        if self._target:
            headers.append(("Location", self._target))
        lines = [f"HTTP/1.1 {fault.status} Fault", *(f"{name}: {value}" for name, value in headers)]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def _read(self, line):
        data = b""
        while b"\r\n\r\n" not in data:
            part = line.recv(65536)
            if not part:
                return data
            data += part
        head, _, body = data.partition(b"\r\n\r\n")
        length = 0
        for header in head.split(b"\r\n")[1:]:
            name, _, value = header.partition(b":")
            if name.strip().lower() == b"content-length":
                length = int(value)
        while len(body) < length:
            body += line.recv(65536)
        return b"\r\n\r\n".join((head, body))

    @property
    def bodies(self):
        """What was sent, as JSON; None where nothing was."""
        found = (request.partition(b"\r\n\r\n")[2] for request in self.requests)
        return [json.loads(body) if body else None for body in found]


def _untrusted():
    """Return a server's TLS with a certificate that it signed itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # The standard library loads certificates from files alone.
    with tempfile.NamedTemporaryFile() as file:
        file.write(pem + certificate.public_bytes(Encoding.PEM))
        file.flush()
        context.load_cert_chain(file.name)
    return context
