import pytest

from mergewright.clients.secret_references import SecretReference, reference_of
from mergewright.errors import SettingInvalid

ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:team/slack-AbCdEf"


@pytest.mark.parametrize(
    ("text", "reference"),
    [
        ("env://JIRA_TOKEN", ("env", "JIRA_TOKEN", "")),
        ("  env://JIRA_TOKEN\n", ("env", "JIRA_TOKEN", "")),
        ("file:///run/secrets/jira token", ("file", "/run/secrets/jira token", "")),
        ("vault://kv/team/jira#token", ("vault", "kv/team/jira", "token")),
        (f"aws-sm://{ARN}#token", ("aws-sm", ARN, "token")),
        ("aws-sm://plain", ("aws-sm", "plain", "")),
    ],
)
def test_where_a_secret_is(text, reference):
    found = reference_of(text)
    assert found == SecretReference(*reference)
    assert str(found) == text.strip()


@pytest.mark.parametrize(
    "text",
    ["", "ghp_abc", "https://hooks.slack.com/services/T/B/x", "a#b", "-----BEGIN KEY-----\nx\n"],
)
def test_a_secret_itself(text):
    assert reference_of(text) is None


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("env://", "env://NAME"),
        ("env://A-B", "env://NAME"),
        ("env://A#b", "env://NAME"),
        ("file://relative", "file:///absolute/path"),
        ("file:///a/../../etc/shadow", "file:///absolute/path"),
        ("vault://kv/team/jira", "vault://MOUNT/PATH#FIELD"),
        ("vault://kv#token", "vault://MOUNT/PATH#FIELD"),
        ("vault://kv/../sys/seal#token", "vault://MOUNT/PATH#FIELD"),
        ("vault://kv/a?version=1#token", "vault://MOUNT/PATH#FIELD"),
        ("aws-sm://a b#c", "aws-sm://NAME-OR-ARN#FIELD"),
    ],
)
def test_what_begins_as_a_reference_and_is_none(text, form):
    with pytest.raises(SettingInvalid) as refusal:
        reference_of(text)
    assert repr(text) in refusal.value.message
    assert form in refusal.value.hint
