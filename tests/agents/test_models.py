import pytest
from langchain_anthropic import ChatAnthropic
from pydantic import SecretStr

from mergewright.agents.limits import AgentLimits
from mergewright.agents.models import connect_model
from mergewright.errors import SettingInvalid
from mergewright.safety.redaction import redact
from tests.agents.samples import KEY

LIMITS = AgentLimits(max_output_tokens=1234, call_timeout_seconds=5)


def connect(model, key=KEY, base_url=None):
    api_key = None if key is None else SecretStr(key)
    return connect_model(model, limits=LIMITS, api_key=api_key, base_url=base_url)


def test_nothing_is_left_to_a_default(monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_URL", "https://elsewhere.example.org")
    model = connect("anthropic:claude-fable-5-2")
    assert isinstance(model, ChatAnthropic)
    assert model.model == "claude-fable-5-2"
    assert model.max_tokens == 1234
    assert model.default_request_timeout == 5
    assert model.max_retries == 0
    assert model.streaming
    assert model.anthropic_api_url == "https://api.anthropic.com"


def test_the_address_can_be_chosen():
    model = connect("anthropic:claude-opus-5-5", base_url="http://127.0.0.1:8")
    assert model.anthropic_api_url == "http://127.0.0.1:8"


@pytest.mark.parametrize("model", ["claude-opus-5-5", "anthropic:", ":x", ""])
def test_a_model_has_a_provider_and_a_name(model):
    with pytest.raises(SettingInvalid, match="does not name a model"):
        connect(model)


@pytest.mark.parametrize("key", [None, "", "  "])
def test_a_missing_key_is_said_with_the_line_that_sets_it(key):
    with pytest.raises(SettingInvalid, match="export ANTHROPIC_API_KEY="):
        connect("anthropic:claude-opus-5-5", key)


def test_a_missing_package_is_said_with_the_line_that_installs_it():
    with pytest.raises(SettingInvalid, match="pip install langchain-openai"):
        connect("openai:gpt-5", "k")


def test_an_unknown_provider_is_refused():
    with pytest.raises(SettingInvalid, match="'nobody:model' cannot be set up"):
        connect("nobody:model")


def test_the_key_is_shown_nowhere():
    secret = "an-unusual-form-of-key"  # noqa: S105 - made up
    model = connect("anthropic:claude-opus-5-5", secret)
    assert secret not in repr(model)
    assert secret not in redact(f"key={secret}")
