import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergewright.safety.redaction import (
    MARKER,
    MIN_SECRET_LENGTH,
    mask,
    redact,
    register_secret,
    registered_spans,
)

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nAbC\n-----END RSA PRIVATE KEY-----"

SECRETS = st.text("abcXYZ019]d[re", min_size=MIN_SECRET_LENGTH, max_size=12)


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("key sk-ant-api03-Ab_9-xyzAbcdefg.", f"key {MARKER}."),
        ("ghp_0123456789abcdefABCDEF0123", MARKER),
        ("github_pat_11ABCDEFG0abcdefghijk_xyz", MARKER),
        ("SLACK=xoxb-1234-5678-abcdef", f"SLACK={MARKER}"),
        ("id AKIAABCDEFGHIJKLMNOP end", f"id {MARKER} end"),
        (f"cookie={JWT};", f"cookie={MARKER};"),
        (f"before\n{PEM}\nafter", f"before\n{MARKER}\nafter"),
        (PEM[:50], MARKER),
        ("git clone https://user:pa@ss@host/x.git", f"git clone https://{MARKER}@host/x.git"),
        ("https://token@github.com/o/r", f"https://{MARKER}@github.com/o/r"),
        ("postgresql://app:pw@db:5432/x", f"postgresql://{MARKER}@db:5432/x"),
        ("Authorization: Bearer abc.def", f"Authorization: {MARKER}"),
        ('{"authorization": "Basic YTpi", "n": 1}', f'{{"authorization": "{MARKER}", "n": 1}}'),
        ("authorization=0123456789abcdef01", f"authorization={MARKER}"),
        ("x-api-key: abc123\naccept: */*", f"x-api-key: {MARKER}\naccept: */*"),
    ],
)
def test_what_looks_like_a_secret_is_taken_out(text, redacted):
    assert redact(text) == redacted


@pytest.mark.parametrize(
    "text",
    [
        "ssh://git@example.org/repo.git",
        "https://example.org/@scope/package?mail=a@b.org",
        "the author's mail is someone@example.org",
        "def authorization_header(token): ...",
        "authorization: str | None = Header(None)",
        'headers["Authorization"] = f"Bearer {token}"',
        "sk-learn, ghp_short, AKIAabc",
        "-----BEGIN PUBLIC KEY-----\nAbC\n-----END PUBLIC KEY-----",
    ],
)
def test_ordinary_text_stays(text):
    assert redact(text) == text


def test_registered_values_go_in_every_usual_encoding():
    value = 'pä"ss/wörd+1'
    register_secret(value)
    encodings = (
        value,
        json.dumps(value),
        json.dumps({"token": value}, ensure_ascii=False),
        base64.b64encode(value.encode()).decode(),
        "p%C3%A4%22ss%2Fw%C3%B6rd%2B1",
    )
    for encoding in encodings:
        redacted = redact(f"<{encoding}>")
        assert MARKER in redacted
        assert "rd" not in redacted
    assert registered_spans(f"ab{value}") == ((2, 2 + len(value)),)


def test_words_and_parts_of_the_marker_are_not_registered():
    for value in ("", "      ", "word", "redacted"):
        register_secret(value)
    assert redact("a word is redacted") == "a word is redacted"


def test_overlapping_secrets_leave_no_remainder():
    assert mask("xabcdefghix", {"abcdef", "defghi"}) == f"x{MARKER}x"


@given(st.lists(SECRETS, min_size=1, max_size=4), st.data())
def test_no_secret_survives(secrets, data):
    secrets = [secret for secret in secrets if secret not in MARKER]
    pieces = data.draw(st.lists(st.sampled_from([*secrets, "a", "]", "[red", "\n"]), max_size=12))
    masked = mask("".join(pieces), secrets)
    assert not any(secret in masked for secret in secrets)


@given(st.text(), SECRETS)
def test_a_registered_secret_survives_in_no_text(text, secret):
    secret = f"{secret}-{len(secret)}"
    register_secret(secret)
    assert secret not in redact(f"{text}{secret}{text}")


@given(st.text("eyJhttps://u:p@ Authorization:\n.-sk-ant-", max_size=80))
def test_redacting_twice_changes_nothing_more(text):
    assert redact(redact(text)) == redact(text)


def test_long_hostile_text_takes_no_long_time():
    for piece in ("-eyJabcdefgh", "://a:", "-----BEGIN PRIVATE KEY-----", "authorization ", "eyJ"):
        assert redact(piece * 20_000)
