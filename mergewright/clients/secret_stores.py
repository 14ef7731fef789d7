"""One question to a store of secrets over HTTP: one host, limited time and size, our errors.

No redirect is followed, for the token would go along. What the store says is not quoted: it may
hold the secret.
"""

import json
import re
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import httpx

from mergewright.clients.breaker import call_with_retries
from mergewright.clients.certificate_errors import is_about_certificates
from mergewright.clients.http_errors import error_of_status
from mergewright.clients.secret_references import SecretReference
from mergewright.errors import Rejected, ServiceUnavailable, SettingInvalid

TIMEOUT_SECONDS = 10.0
"""For the connection and each pause in the answer, and once more for all of it."""
MAX_ANSWER_BYTES = 1 << 20
_ADDRESS = re.compile(r"https?://[^\s/?#@]+(/[^\s?#@]*)?")


class Store(NamedTuple):
    """A store of secrets."""

    service: str
    """Its name, for messages and the circuit."""
    url: str
    ca_file: str
    """Certificates to trust; empty for the system's."""

    @property
    def host(self) -> str:
        """Its host, for messages and the circuit."""
        return urlsplit(self.url).netloc.rpartition("@")[2]


class StoreAnswer(NamedTuple):
    """What the store said."""

    status: int
    document: Mapping[str, Any]
    retry_after: str | None


def ask(
    store: Store,
    request: httpx.Request,
    reference: SecretReference,
    *,
    hints: Mapping[HTTPStatus, str],
    judge: type["Judge"],
) -> Mapping[str, Any]:
    """Ask a store, and return the JSON object that it answers.

    Args:
        store: Whom.
        request: What.
        reference: What it is about, for errors.
        hints: What to do next, by status.
        judge: Says which status an answer stands for.

    Raises:
        ServiceError: The store does not answer, or refuses.
    """

    def attempt() -> Mapping[str, Any]:
        answer = _answer(store, request, reference)
        status = judge.status(answer)
        if status == HTTPStatus.OK:
            return answer.document
        reason = judge.reason(answer, status)
        raise error_of_status(
            status,
            f"The secret {str(reference)!r} cannot be read: {store.service} at {store.host!r} "
            f"says {reason}.",
            retry_after=answer.retry_after,
            hint={int(known): hint for known, hint in hints.items()}.get(status, ""),
        )

    return call_with_retries(attempt, service=store.service, host=store.host, safe_to_repeat=True)


class Judge:
    """Reads an answer as HTTP has it."""

    @staticmethod
    def status(answer: StoreAnswer) -> int:
        """Return the status that the answer stands for."""
        return answer.status

    @staticmethod
    def reason(answer: StoreAnswer, status: int) -> str:
        """Return a status in words, without anything that the store wrote."""
        _ = answer
        try:
            return f"{status} {HTTPStatus(status).phrase}"
        except ValueError:
            return str(status)


def checked_address(url: str, variable: str) -> str:
    """Return an address without a slash at its end.

    Args:
        url: The address.
        variable: Where it is set, for the error.

    Raises:
        SettingInvalid: It is none, or holds a user or password.
    """
    if not _ADDRESS.fullmatch(url):
        raise SettingInvalid(
            f"{variable} is no address.", hint="Write it as https://host.example.org:8200."
        )
    return url.rstrip("/")


def trusted(ca_file: str) -> ssl.SSLContext:
    """Return what certificates are checked by.

    Raises:
        SettingInvalid: The file cannot be read as certificates.
    """
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise SettingInvalid(
            f"The certificates to trust, {ca_file!r}, cannot be read: {type(error).__name__}.",
            hint="Give a file with certificates in PEM form.",
        ) from None


def _answer(store: Store, request: httpx.Request, reference: SecretReference) -> StoreAnswer:
    with (
        _translated(store, reference),
        httpx.Client(timeout=TIMEOUT_SECONDS, verify=trusted(store.ca_file)) as client,
    ):
        response = client.send(request, stream=True)
        try:
            body = _body(response)
        finally:
            response.close()
    return _formed(store, reference, response, body)


def _body(response: httpx.Response) -> bytes:
    ends_at = time.monotonic() + TIMEOUT_SECONDS
    body = b""
    for piece in response.iter_bytes():
        body += piece
        if len(body) > MAX_ANSWER_BYTES:
            raise ValueError("the answer is too large")
        if time.monotonic() > ends_at:
            raise httpx.ReadTimeout("the answer takes too long")
    return body


def _formed(
    store: Store, reference: SecretReference, response: httpx.Response, body: bytes
) -> StoreAnswer:
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        if response.status_code == HTTPStatus.OK:
            raise _no_store(store, reference, "it does not answer as such a store") from None
        document = {}
    return StoreAnswer(response.status_code, document, response.headers.get("Retry-After"))


@contextmanager
def _translated(store: Store, reference: SecretReference) -> Iterator[None]:
    # Never chained: the library's errors hold the request, and so the token.
    try:
        yield
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, ValueError) as error:
        reason = str(error) if type(error) is ValueError else "its address is none"
        raise _no_store(store, reference, reason) from None
    except httpx.HTTPError as error:
        if is_about_certificates(error):
            reason = "its certificate is not trusted"
            raise _no_store(store, reference, reason) from None
        raise ServiceUnavailable(
            f"The secret {str(reference)!r} cannot be read: {store.service} at {store.host!r} "
            f"does not answer ({type(error).__name__}).",
            hint="Look whether it is up and can be reached from here.",
        ) from None


def _no_store(store: Store, reference: SecretReference, reason: str) -> Rejected:
    return Rejected(
        f"The secret {str(reference)!r} cannot be read: {store.service} at {store.host!r}: "
        f"{reason}.",
        hint="Check its address, and which certificates are trusted there.",
    )


def without_field(reference: SecretReference, fields: Mapping[str, Any]) -> SettingInvalid:
    """Return the error for a secret that lacks the field, naming those that it has."""
    has = ", ".join(sorted(map(str, fields))) or "none"
    return SettingInvalid(
        f"The secret {str(reference)!r} has no field {reference.field!r} with a text in it.",
        hint=f"Its fields are: {has}.",
    )
