import pytest

from mergewright.clients.github_tokens import AppKey, FixedToken, InstallationToken, MintedToken
from mergewright.errors import SettingInvalid
from mergewright.safety.redaction import redact
from tests.clients.app_key import APP_ID, APP_KEY, PEM
from tests.clients.github_server import GitHubServer


class Mint:
    def __init__(self):
        self.made = 0
        self.now = 1_000.0

    def __call__(self):
        self.made += 1
        return MintedToken(f"ghs_number_{self.made}", self.now + 3_600)


def test_a_token_is_kept_until_a_minute_before_its_end():
    mint = Mint()
    tokens = InstallationToken(mint, clock=lambda: mint.now)
    assert mint.made == 0
    assert tokens.current() == "ghs_number_1"
    mint.now += 3_539
    assert tokens.current() == "ghs_number_1"
    mint.now += 2
    assert tokens.current() == "ghs_number_2"
    assert redact("ghs_number_2") == "[redacted]"


def test_a_refused_token_is_forgotten_once():
    mint = Mint()
    tokens = InstallationToken(mint, clock=lambda: mint.now)
    first = tokens.current()
    assert tokens.renew(first)
    second = tokens.current()
    assert second != first
    assert tokens.renew(first)
    assert tokens.current() == second


def test_what_somebody_made_cannot_be_renewed():
    assert not FixedToken("ghp_something").renew("ghp_something")
    assert not AppKey(APP_ID, PEM).renew("x")


@pytest.mark.parametrize("pem", [PEM, PEM.replace("\n", "\\n"), f"\n{PEM}\n"])
def test_a_statement_is_signed(pem):
    server = GitHubServer()
    server.app_key = APP_KEY.public_key()
    assert server._signed(AppKey(APP_ID, pem).current())
    server.close()


@pytest.mark.parametrize("pem", ["", "not a key", PEM[:200]])
def test_a_key_that_is_none_is_refused_and_not_shown(pem):
    with pytest.raises(SettingInvalid) as caught:
        AppKey(APP_ID, pem)
    assert caught.value.hint
    assert not pem or pem not in str(caught.value)
