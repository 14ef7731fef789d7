import base64

from mergewright.safety.redaction import register_secret
from mergewright.safety.secret_scan import REGISTERED_RULE, scan_diff, scan_text

# Put together here so that no scanner takes this file for a leak.
TOKEN = "ghp_" + "x7Kd92LmQpZr41TyUvNwBcEsGhJi0oAa1b2C"
KEY = "\n".join(
    (
        "-----BEGIN RSA PRIVATE" + " KEY-----",
        "MIIEowIBAAKCAQEAx7Kd92LmQpZr41TyUvNwBcEsGhJi0oAa1b2Cx7Kd92LmQpZr",
        "x7Kd92LmQpZr41TyUvNwBcEsGhJi0oAa1b2Cx7Kd92LmQpZr41TyUvNwBcEsGhJi",
        "-----END RSA PRIVATE" + " KEY-----",
    )
)


def diff_of(*hunk, path="src/settings.py"):
    old = sum(line[0] in " -" for line in hunk)
    new = sum(line[0] in " +" for line in hunk)
    head = f"--- a/{path}\n+++ b/{path}\n@@ -10,{old} +10,{new} @@\n"
    return head + "".join(f"{line}\n" for line in hunk)


def test_a_secret_in_an_added_line_is_found_and_not_shown():
    diff = diff_of(" import os", "-OLD = 1", f'+TOKEN = "{TOKEN}"', " x = 1")
    (finding,) = scan_diff(diff)
    assert (finding.path, finding.line) == ("src/settings.py", 11)
    assert "github" in finding.rule
    assert finding.preview == 'TOKEN = "[redacted]"'


def test_removed_and_unchanged_secrets_are_not_the_changes_fault():
    assert scan_diff(diff_of(f'-TOKEN = "{TOKEN}"', "+TOKEN = load()")) == ()
    assert scan_diff(diff_of(f' TOKEN = "{TOKEN}"', "+x = 1")) == ()


def test_each_place_is_reported_once_in_order():
    again = f'+TOKEN = "{TOKEN}"'
    two = diff_of(again, "+x = 1", again) + diff_of(again, path="b.py")
    found = [(finding.path, finding.line) for finding in scan_diff(two)]
    assert found == [("src/settings.py", 10), ("src/settings.py", 12), ("b.py", 10)]


def test_a_key_of_several_lines_is_found():
    lines = [f"+{line}" for line in KEY.split("\n")]
    (finding,) = scan_diff(diff_of(" # key", *lines, path="id.pem"))
    assert (finding.path, finding.line) == ("id.pem", 11)


def test_comments_cannot_turn_the_scan_off():
    assert scan_diff(diff_of(f'+TOKEN = "{TOKEN}"  # kingfisher:ignore gitleaks:allow'))


def test_encoded_secrets_are_found_and_not_shown():
    encoded = base64.b64encode(f"token={TOKEN}".encode()).decode()
    findings = scan_text("config", f"value: {encoded}\n")
    assert findings
    assert all(encoded not in finding.preview for finding in findings)


def test_values_that_this_process_knows_are_found():
    register_secret("plain-looking-words")
    (finding,) = scan_text("notes", "a\nit is plain-looking-words here\n")
    assert (finding.path, finding.line, finding.rule) == ("notes", 2, REGISTERED_RULE)
    assert finding.preview == "it is [redacted] here"


def test_ordinary_code_is_clean():
    code = "import hashlib\n\ndef digest(text: str) -> str:\n    token = text.strip()\n    return hashlib.sha256(token.encode()).hexdigest()\n"
    assert scan_text("a.py", code) == ()
    assert scan_diff(diff_of(*(f"+{line}" for line in code.splitlines()))) == ()
    assert scan_diff("") == ()
