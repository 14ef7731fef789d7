"""Secrets in HashiCorp Vault's key-value store, version 2.

Source: developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2 (`GET /v1/MOUNT/data/PATH`) and
/vault/docs/commands (variables, `~/.vault-token`), 2026-11-20.
"""

from http import HTTPStatus
from pathlib import Path
from urllib.parse import quote

import httpx

from mergewright.clients.secret_references import SecretReference
from mergewright.clients.secret_stores import (
    Judge,
    Store,
    ask,
    checked_address,
    without_field,
)
from mergewright.errors import SettingInvalid
from mergewright.safety.redaction import register_secret
from mergewright.settings import VaultSettings

_HINTS = {
    HTTPStatus.BAD_REQUEST: "Check VAULT_ADDR and VAULT_NAMESPACE.",
    HTTPStatus.UNAUTHORIZED: "Log in anew: the token has ended or is wrong.",
    HTTPStatus.FORBIDDEN: "Log in anew, or give the token's policy `read` on MOUNT/data/PATH.",
    HTTPStatus.NOT_FOUND: "Check mount and path: `vault kv get -mount=MOUNT PATH`. "
    "The mount must be of version 2, and the secret not deleted.",
    HTTPStatus.TEMPORARY_REDIRECT: "Point VAULT_ADDR at the active node or the load balancer.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Unseal Vault: `vault status`.",
}


def read_vault_secret(reference: SecretReference) -> str:
    """Return a field of a secret in Vault.

    Raises:
        SettingInvalid: Vault's address or token is missing, or there is no such field.
        ServiceError: Vault does not answer, or refuses.
    """
    settings = VaultSettings()
    if not settings.addr:
        raise SettingInvalid(
            f"The secret {str(reference)!r} cannot be read: VAULT_ADDR is not set.",
            hint="Set it where the runs are executed, as https://vault.example.org:8200.",
        )
    store = Store("Vault", checked_address(settings.addr, "VAULT_ADDR"), settings.cacert)
    mount, _, path = reference.place.partition("/")
    headers = {"X-Vault-Request": "true", "X-Vault-Token": _token(settings, reference)}
    if settings.namespace:
        headers["X-Vault-Namespace"] = settings.namespace
    try:
        request = httpx.Request(
            "GET", f"{store.url}/v1/{quote(mount)}/data/{quote(path)}", headers=headers
        )
    except (httpx.InvalidURL, UnicodeEncodeError):
        raise SettingInvalid(
            "VAULT_ADDR is no address, or VAULT_TOKEN no token.",
            hint="Write the address as https://vault.example.org:8200.",
        ) from None
    document = ask(store, request, reference, hints=_HINTS, judge=Judge)
    outer = document.get("data")
    fields = outer.get("data") if isinstance(outer, dict) else None
    if not isinstance(fields, dict):
        raise SettingInvalid(
            f"The secret {str(reference)!r} cannot be read: what is there is of no version 2.",
            hint="Name a mount of the key-value store, version 2.",
        )
    value = fields.get(reference.field)
    if not isinstance(value, str):
        raise without_field(reference, fields)
    return value


def _token(settings: VaultSettings, reference: SecretReference) -> str:
    token = settings.token.get_secret_value().strip()
    if not token:
        try:
            token = Path(settings.token_file).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, RuntimeError, UnicodeDecodeError):
            token = ""
    if not token:
        raise SettingInvalid(
            f"The secret {str(reference)!r} cannot be read: there is no token for Vault.",
            hint="Set VAULT_TOKEN or VAULT_TOKEN_FILE, or do: vault login",
        )
    register_secret(token)
    return token
