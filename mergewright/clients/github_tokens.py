"""Who we are at GitHub: a token that somebody made, or an App that has short-lived ones made.

Source: docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app (JWT with
RS256, `iat` a minute back, at most ten minutes long; installation tokens last an hour), 2026-11-20.
"""

import base64
import json
import threading
import time
from collections.abc import Callable
from typing import NamedTuple, Protocol

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from mergewright.errors import SettingInvalid
from mergewright.safety.redaction import register_secret

JWT_SECONDS = 540
CLOCK_DRIFT_SECONDS = 60
RENEW_BEFORE_SECONDS = 60.0


class TokenSource(Protocol):
    """Gives the token that calls are made with."""

    def current(self) -> str:
        """Return the token to use now."""
        ...

    def renew(self, refused: str) -> bool:
        """Forget a token that was refused; say whether there will be another one."""
        ...


class FixedToken:
    """A token that somebody made.

    Args:
        token: Classic or fine-grained personal access token, or the one that a workflow is given.
    """

    def __init__(self, token: str) -> None:
        register_secret(token)
        self._token = token

    def current(self) -> str:
        """Return the token."""
        return self._token

    def renew(self, refused: str) -> bool:
        """Say that there is no other one."""
        _ = refused
        return False


class MintedToken(NamedTuple):
    """A token with the instant of its end."""

    token: str
    expires_at_seconds: float
    """Seconds since 1970."""


class InstallationToken:
    """Tokens of an App's installation: made when one is needed, kept until a minute before its end.

    Args:
        mint: Asks GitHub for a new one.
        clock: Tells the seconds since 1970.
    """

    def __init__(
        self, mint: Callable[[], MintedToken], *, clock: Callable[[], float] = time.time
    ) -> None:
        self._mint = mint
        self._clock = clock
        self._lock = threading.Lock()
        self._held: MintedToken | None = None

    def current(self) -> str:
        """Return a token that is good for another minute at least.

        Raises:
            ServiceError: GitHub did not make one.
        """
        with self._lock:
            held = self._held
            if held is None or held.expires_at_seconds - self._clock() < RENEW_BEFORE_SECONDS:
                held = self._held = self._mint()
                register_secret(held.token)
            return held.token

    def renew(self, refused: str) -> bool:
        """Forget a token that was refused; another thread may have done so already."""
        with self._lock:
            if self._held is not None and self._held.token == refused:
                self._held = None
        return True


class AppKey:
    """An App's private key, which signs who it is.

    Args:
        issuer: Client id or App id.
        private_key: The key in PEM form.
        clock: Tells the seconds since 1970.

    Raises:
        SettingInvalid: It is no RSA key.
    """

    def __init__(
        self, issuer: str, private_key: str, *, clock: Callable[[], float] = time.time
    ) -> None:
        register_secret(private_key.strip())
        self._issuer = issuer
        self._clock = clock
        self._key = _rsa_key(private_key)

    def current(self) -> str:
        """Return a signed statement of who the App is, good for nine minutes."""
        now = int(self._clock())
        claims = {
            "iat": now - CLOCK_DRIFT_SECONDS,
            "exp": now + JWT_SECONDS,
            "iss": self._issuer,
        }
        signed = f"{_encoded({'alg': 'RS256', 'typ': 'JWT'})}.{_encoded(claims)}"
        signature = self._key.sign(signed.encode(), PKCS1v15(), SHA256())
        return f"{signed}.{_base64(signature)}"

    def renew(self, refused: str) -> bool:
        """Say that another statement would be refused too."""
        _ = refused
        return False


def _rsa_key(private_key: str) -> RSAPrivateKey:
    # A key that was pasted into one line or into an environment file has its line ends spelled out.
    pem = private_key.strip().replace("\\n", "\n").encode()
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise SettingInvalid(
            "The private key of the GitHub App is no RSA key in PEM form.",
            hint="Paste the whole .pem file that GitHub gave, without a passphrase.",
        )
    return key


def _encoded(value: object) -> str:
    return _base64(json.dumps(value, separators=(",", ":")).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
