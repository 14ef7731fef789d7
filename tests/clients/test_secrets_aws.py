"""AWS Secrets Manager on loopback: each request's signature is recomputed there."""

import pytest

from mergewright.clients.secret_references import reference_of
from mergewright.clients.secrets_aws import read_aws_secret
from mergewright.errors import (
    AccessDenied,
    NotFound,
    Rejected,
    ServiceUnavailable,
    SettingInvalid,
)
from tests.clients.loopback import Answer
from tests.clients.secret_servers import AWS_ID, AWS_SECRET, AwsServer

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/slack"


@pytest.fixture(autouse=True)
def aws(monkeypatch, tmp_path):
    server = AwsServer()
    for name in ("SESSION_TOKEN", "PROFILE", "DEFAULT_REGION", "CA_BUNDLE", "ENDPOINT_URL"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", AWS_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", AWS_SECRET)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", server.url)
    yield server
    server.close()


def read(text="aws-sm://team/slack#token"):
    return read_aws_secret(reference_of(text))


def test_a_field_and_all_of_a_secret(aws):
    assert read() == "from-aws-1"
    assert read("aws-sm://plain") == "all-of-it"
    assert aws.requests[0].body == {"SecretId": "team/slack"}
    assert aws.requests[0].headers["content-type"] == "application/x-amz-json-1.1"


def test_an_arn_says_the_region(aws, monkeypatch):
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    assert read(f"aws-sm://{ARN}#token") == "from-aws-1"
    with pytest.raises(AccessDenied, match="InvalidSignature"):
        read()
    monkeypatch.delenv("AWS_REGION")
    with pytest.raises(SettingInvalid, match="no region"):
        read()
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert read() == "from-aws-1"


def test_a_temporary_key(aws, monkeypatch):
    aws.session_token = "session-1"  # noqa: S105 - an example
    with pytest.raises(AccessDenied):
        read()
    monkeypatch.setenv("AWS_SESSION_TOKEN", "session-1")
    assert read() == "from-aws-1"


def test_a_key_in_the_credentials_file(monkeypatch, tmp_path):
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(SettingInvalid, match="no access key") as refusal:
        read()
    assert "AWS_ACCESS_KEY_ID" in refusal.value.hint
    (tmp_path / "credentials").write_text(
        f"[team]\naws_access_key_id = {AWS_ID}\naws_secret_access_key = {AWS_SECRET}\n"
    )
    with pytest.raises(SettingInvalid, match="no access key"):
        read()
    monkeypatch.setenv("AWS_PROFILE", "team")
    assert read() == "from-aws-1"


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        ("AccessDeniedException", AccessDenied),
        ("ExpiredTokenException", AccessDenied),
        ("DecryptionFailure", AccessDenied),
        ("ResourceNotFoundException", NotFound),
        ("InvalidRequestException", Rejected),
    ],
)
def test_what_aws_refuses(aws, refusal, error):
    aws.refusal = refusal
    with pytest.raises(error) as told:
        read()
    assert "'aws-sm://team/slack#token'" in told.value.message
    assert AWS_SECRET not in str(told.value)
    assert told.value.hint


def test_a_secret_that_is_not_there(aws):
    with pytest.raises(NotFound, match="ResourceNotFoundException"):
        read("aws-sm://nowhere")


@pytest.mark.parametrize("reference", ["aws-sm://team/slack#password", "aws-sm://plain#token"])
def test_a_field_that_is_none(reference):
    with pytest.raises(SettingInvalid) as refusal:
        read(reference)
    assert "from-aws-1" not in str(refusal.value)
    assert "all-of-it" not in str(refusal.value)


def test_throttling_passes_and_an_outage_does_not(aws):
    aws.faults = [Answer(400, {"__type": "ThrottlingException"})]
    assert read() == "from-aws-1"
    aws.faults = [Answer(500, {"__type": "InternalServiceError"})] * 3
    with pytest.raises(ServiceUnavailable):
        read()
