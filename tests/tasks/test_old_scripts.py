"""What an old script is given is there before anything is paid."""

import pytest

from mergewright.domain.compare_request import CompareRequest
from mergewright.errors import SettingInvalid
from mergewright.safety.redaction import redact
from tasks.old_scripts import see_script


@pytest.fixture
def request_of(tmp_path):
    path = tmp_path / "old.sh"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return lambda **means: CompareRequest(ticket="T-1", script=str(path), **means)


def test_named_variables_are_read_and_become_secrets(request_of, monkeypatch, tmp_path):
    monkeypatch.setenv("TEAM_TOKEN", "a-token-of-the-team")
    request = request_of(variables=("TEAM_TOKEN",), may_read=(str(tmp_path),), network=True)
    script = see_script(request)
    assert script.variables == {"TEAM_TOKEN": "a-token-of-the-team"}
    assert (script.may_read, script.network) == ((tmp_path,), True)
    assert script.time_limit_seconds == 1800
    assert "a-token" not in repr(script)
    assert redact("it is a-token-of-the-team") == "it is [redacted]"


@pytest.mark.parametrize(
    ("means", "told"),
    [
        ({"variables": ("NOT_SET_ANYWHERE",)}, "'NOT_SET_ANYWHERE', which is not set"),
        ({"may_read": ("/no/such/place",)}, "'/no/such/place': there is no such absolute path"),
        ({"may_read": ("relative",)}, "'relative': there is no such absolute path"),
    ],
)
def test_what_is_not_there_is_named(request_of, means, told):
    with pytest.raises(SettingInvalid, match=told) as caught:
        see_script(request_of(**means))
    assert caught.value.hint
