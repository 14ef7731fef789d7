"""The secret behind what a block's secret field says, read when it is used.

A field holds a secret, or a reference to where it is; see `secret_references`. What a reference
leads to is kept in this process only, for a minute, and `redact` takes it out of every text from
then on. It is in no block, no log, no error and no database.
"""

import logging
import stat
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from pydantic import SecretStr

from mergewright.clients.secret_references import SecretReference, reference_of
from mergewright.clients.secrets_aws import read_aws_secret
from mergewright.clients.secrets_vault import read_vault_secret
from mergewright.errors import SettingInvalid
from mergewright.safety.redaction import register_secret
from mergewright.settings import environment_variable

KEPT_SECONDS: Final = 60.0
"""A rotated secret is used after this time at the latest; after a refusal at once."""
MAX_FILE_BYTES: Final = 1 << 16
_OTHERS: Final = stat.S_IRGRP | stat.S_IROTH
_LOG: Final = logging.getLogger(__name__)


class _Kept(NamedTuple):
    value: str
    until: float


class _Secrets:
    """What references led to in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[SecretReference, _Kept] = {}
        self._warned: set[str] = set()

    def value(self, reference: SecretReference) -> str:
        with self._lock:
            kept = self._kept.get(reference)
        if kept is not None and kept.until > time.monotonic():
            return kept.value
        value = _READERS[reference.kind](reference)
        if not value.strip():
            raise SettingInvalid(
                f"The secret {str(reference)!r} is empty.", hint="Write the secret there."
            )
        register_secret(value)
        with self._lock:
            self._kept[reference] = _Kept(value, time.monotonic() + KEPT_SECONDS)
        return value

    def forget(self, reference: SecretReference) -> None:
        with self._lock:
            self._kept.pop(reference, None)

    def is_new_warning(self, place: str) -> bool:
        with self._lock:
            known = place in self._warned
            self._warned.add(place)
        return not known


_SECRETS = _Secrets()


def reveal(secret: SecretStr) -> str:
    """Return the secret, or what the reference in its place leads to.

    Raises:
        SettingInvalid: It is no reference, or nothing is there that could be read as a secret.
        AccessDenied: We may not read it.
        NotFound: The store has no such secret.
        RateLimited: The store asks to wait.
        ServiceUnavailable: The store does not answer.
        Rejected: The store refused, or what answers is no such store.
    """
    text = secret.get_secret_value()
    reference = reference_of(text)
    if reference is not None:
        return _SECRETS.value(reference)
    register_secret(text)
    return text


def forget(secret: SecretStr) -> bool:
    """Read a secret anew at its next use; say whether that can give another one.

    For a secret that was refused: it may have been rotated.
    """
    reference = reference_of(secret.get_secret_value())
    if reference is not None:
        _SECRETS.forget(reference)
    return reference is not None


def _read_variable(reference: SecretReference) -> str:
    value = environment_variable(reference.place)
    if value is None:
        raise SettingInvalid(
            f"The secret {str(reference)!r} cannot be read: the variable is not set.",
            hint=f"Set {reference.place} where the runs are executed.",
        )
    return value


def _read_file(reference: SecretReference) -> str:
    path = Path(reference.place)
    try:
        mode = path.stat().st_mode
        with path.open("rb") as file:
            data = file.read(MAX_FILE_BYTES + 1)
        text = data.decode()
    except OSError as error:
        raise _unreadable(reference, error.strerror or type(error).__name__) from None
    except UnicodeDecodeError:
        raise _unreadable(reference, "it is no text") from None
    if len(data) > MAX_FILE_BYTES:
        raise _unreadable(reference, f"it has more than {MAX_FILE_BYTES} bytes")
    if mode & _OTHERS and _SECRETS.is_new_warning(reference.place):
        _LOG.warning(
            "Others than the owner may read the secret file %r; do: chmod 600", reference.place
        )
    return text.strip("\r\n")


def _unreadable(reference: SecretReference, reason: str) -> SettingInvalid:
    return SettingInvalid(
        f"The secret {str(reference)!r} cannot be read: {reason}.",
        hint="Give a text file that this account may read, where the runs are executed.",
    )


_READERS: Final[Mapping[str, Callable[[SecretReference], str]]] = {
    "env": _read_variable,
    "file": _read_file,
    "vault": read_vault_secret,
    "aws-sm": read_aws_secret,
}
