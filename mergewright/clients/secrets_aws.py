"""Secrets in AWS Secrets Manager, asked over HTTP.

The access key comes from the environment or from the shared credentials file; roles of machines and
containers are not asked for.

Source: docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html, 2026-11-20.
"""

import json
from configparser import ConfigParser
from configparser import Error as ConfigParserError
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx

from mergewright.clients.aws_signature import AwsKey, Scope, signed_headers
from mergewright.clients.secret_references import SecretReference
from mergewright.clients.secret_stores import (
    Judge,
    Store,
    StoreAnswer,
    ask,
    checked_address,
    without_field,
)
from mergewright.errors import SettingInvalid
from mergewright.safety.redaction import register_secret
from mergewright.settings import AwsSettings

SERVICE = "AWS Secrets Manager"
_ARN_PARTS = 7
_STATUSES = {
    "ResourceNotFoundException": HTTPStatus.NOT_FOUND,
    "ThrottlingException": HTTPStatus.TOO_MANY_REQUESTS,
    "InternalServiceError": HTTPStatus.INTERNAL_SERVER_ERROR,
} | dict.fromkeys(
    (
        "AccessDeniedException",
        "DecryptionFailure",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "UnrecognizedClientException",
    ),
    HTTPStatus.FORBIDDEN,
)
_HINTS = {
    HTTPStatus.FORBIDDEN: "Check the access key and the clock of this machine, and allow "
    "secretsmanager:GetSecretValue (and kms:Decrypt) on the secret.",
    HTTPStatus.NOT_FOUND: "Check name and region: `aws secretsmanager describe-secret`.",
}


class _AwsJudge(Judge):
    """Reads the error that AWS names in the body, most often with status 400."""

    @staticmethod
    def status(answer: StoreAnswer) -> int:
        """Return the status that the answer stands for."""
        return int(_STATUSES.get(_error_name(answer), answer.status))

    @staticmethod
    def reason(answer: StoreAnswer, status: int) -> str:
        """Return the name of AWS's error, if it is one that we know."""
        name = _error_name(answer)
        return name if name in _STATUSES else Judge.reason(answer, status)


def read_aws_secret(reference: SecretReference) -> str:
    """Return a secret in AWS Secrets Manager, or a field of it.

    Raises:
        SettingInvalid: Region or access key is missing, or there is no such field.
        ServiceError: AWS does not answer, or refuses.
    """
    settings = AwsSettings()
    region = _region(settings, reference)
    own = settings.endpoint_url_secrets_manager or settings.endpoint_url
    address = own or f"https://secretsmanager.{region}.amazonaws.com"
    url = checked_address(address, "AWS_ENDPOINT_URL_SECRETS_MANAGER or AWS_REGION") + "/"
    body = json.dumps({"SecretId": reference.place}).encode()
    headers = signed_headers(
        _key(settings, reference),
        Scope(region, "secretsmanager"),
        method="POST",
        url=url,
        headers={
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "secretsmanager.GetSecretValue",
        },
        body=body,
        at=datetime.now(UTC),
    )
    try:
        request = httpx.Request("POST", url, headers=headers, content=body)
    except (httpx.InvalidURL, UnicodeEncodeError):
        raise SettingInvalid(
            f"{url!r} is no address of Secrets Manager, or the access key is none.",
            hint="Check AWS_REGION and AWS_ENDPOINT_URL_SECRETS_MANAGER.",
        ) from None
    store = Store(SERVICE, url, settings.ca_bundle)
    document = ask(store, request, reference, hints=_HINTS, judge=_AwsJudge)
    return _value(document.get("SecretString"), reference)


def _value(text: object, reference: SecretReference) -> str:
    if not isinstance(text, str):
        raise SettingInvalid(
            f"The secret {str(reference)!r} is no text.", hint="Keep it as a text or as JSON."
        )
    if not reference.field:
        return text
    try:
        fields: Any = json.loads(text)
    except ValueError:
        fields = None
    value = fields.get(reference.field) if isinstance(fields, dict) else None
    if not isinstance(value, str):
        raise without_field(reference, fields if isinstance(fields, dict) else {})
    return value


def _region(settings: AwsSettings, reference: SecretReference) -> str:
    parts = reference.place.split(":")
    is_arn = len(parts) >= _ARN_PARTS and parts[0] == "arn"
    region = parts[3] if is_arn else settings.region or settings.default_region
    if not region:
        raise SettingInvalid(
            f"The secret {str(reference)!r} cannot be read: no region is known.",
            hint="Set AWS_REGION, or name the secret by its ARN.",
        )
    return region


def _key(settings: AwsSettings, reference: SecretReference) -> AwsKey:
    key = AwsKey(
        settings.access_key_id,
        settings.secret_access_key.get_secret_value(),
        settings.session_token.get_secret_value(),
    )
    if not (key.id and key.secret):
        key = _key_in_file(settings)
    if not (key.id and key.secret):
        raise SettingInvalid(
            f"The secret {str(reference)!r} cannot be read: there is no access key for AWS.",
            hint="Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or write them into "
            f"{settings.shared_credentials_file!r} as [{settings.profile}].",
        )
    register_secret(key.secret)
    register_secret(key.session_token)
    return key


def _key_in_file(settings: AwsSettings) -> AwsKey:
    parser = ConfigParser(interpolation=None)
    try:
        parser.read(Path(settings.shared_credentials_file).expanduser(), encoding="utf-8")
    except (ConfigParserError, OSError, RuntimeError, UnicodeDecodeError):
        return AwsKey("", "", "")
    if not parser.has_section(settings.profile):
        return AwsKey("", "", "")
    section = parser[settings.profile]
    return AwsKey(
        section.get("aws_access_key_id", ""),
        section.get("aws_secret_access_key", ""),
        section.get("aws_session_token", ""),
    )


def _error_name(answer: StoreAnswer) -> str:
    name = str(answer.document.get("__type", ""))
    return name.rpartition("#")[2].partition(":")[0]
