"""Signing a request to AWS, Signature Version 4.

Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html, checked
with the vectors of AWS's own test suite, 2026-11-20.
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote, urlsplit

_ALGORITHM = "AWS4-HMAC-SHA256"


class AwsKey(NamedTuple):
    """An access key."""

    id: str
    secret: str
    session_token: str
    """What belongs to a temporary key; empty for a lasting one."""


class Scope(NamedTuple):
    """What a signature is good for."""

    region: str
    service: str


def signed_headers(
    key: AwsKey,
    scope: Scope,
    *,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    at: datetime,
) -> dict[str, str]:
    """Return the headers to send, with host, date and signature.

    Args:
        key: Who asks.
        scope: Whom and where.
        method: As `POST`.
        url: Address without a query.
        headers: What is sent besides.
        body: What is sent.
        at: Now, aware.
    """
    parts = urlsplit(url)
    date = at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    sent = {name.lower(): " ".join(value.split()) for name, value in headers.items()}
    sent |= {"host": parts.netloc, "x-amz-date": date}
    if key.session_token:
        sent["x-amz-security-token"] = key.session_token
    names = ";".join(sorted(sent))
    canonical = "\n".join(
        (
            method,
            quote(parts.path or "/", safe="/-_.~%"),
            "",
            *(f"{name}:{sent[name]}" for name in sorted(sent)),
            "",
            names,
            hashlib.sha256(body).hexdigest(),
        )
    )
    credential = f"{date[:8]}/{scope.region}/{scope.service}/aws4_request"
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    to_sign = f"{_ALGORITHM}\n{date}\n{credential}\n{digest}"
    signing_key = f"AWS4{key.secret}".encode()
    for part in credential.split("/"):
        signing_key = hmac.digest(signing_key, part.encode(), "sha256")
    signature = hmac.digest(signing_key, to_sign.encode(), "sha256").hex()
    sent["authorization"] = (
        f"{_ALGORITHM} Credential={key.id}/{credential}, "
        f"SignedHeaders={names}, Signature={signature}"
    )
    return sent
