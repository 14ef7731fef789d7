"""Vectors of AWS's own test suite for Signature Version 4 (get-vanilla and post-vanilla)."""

from datetime import UTC, datetime

import pytest

from mergewright.clients.aws_signature import AwsKey, Scope, signed_headers

KEY = AwsKey("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "")
AT = datetime(2015, 8, 30, 12, 36, tzinfo=UTC)


@pytest.mark.parametrize(
    ("method", "signature"),
    [
        ("GET", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        ("POST", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
    ],
)
def test_the_vendors_vectors(method, signature):
    headers = signed_headers(
        KEY,
        Scope("us-east-1", "service"),
        method=method,
        url="https://example.amazonaws.com/",
        headers={},
        body=b"",
        at=AT,
    )
    assert headers["authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
        f"SignedHeaders=host;x-amz-date, Signature={signature}"
    )


def test_what_botocore_makes_of_the_same_request():
    """Source: botocore 1.44.5, run on 2026-11-20."""
    headers = signed_headers(
        AwsKey("AKIDEXAMPLE", "secretsecret", "sessiontoken"),
        Scope("eu-west-1", "secretsmanager"),
        method="POST",
        url="http://127.0.0.1:4566/",
        headers={
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": "secretsmanager.GetSecretValue",
        },
        body=b'{"SecretId": "a/b"}',
        at=AT,
    )
    assert headers["authorization"].endswith(
        "Signature=45a497ce115c4e7a0270b5df15fa26292550f566044e17f79dbbfe87020ba159"
    )
