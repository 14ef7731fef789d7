"""Chat models by name: `provider:name`, with every limit set and nothing taken from a default.

Source: defaults of langchain-anthropic 1.7 (no timeout at all, 4096 tokens for unknown models, two
hidden retries), read in its code 2026-11-20.
"""

from typing import Any

from langchain.chat_models import init_chat_model
from langchain_anthropic import ChatAnthropic
from langchain_core.language_models import BaseChatModel
from pydantic import SecretStr

from mergewright.agents.limits import AgentLimits
from mergewright.agents.streamed_usage import StreamedClaude
from mergewright.errors import SettingInvalid
from mergewright.safety.redaction import register_secret

ANTHROPIC = "anthropic"
ANTHROPIC_URL = "https://api.anthropic.com"


def connect_model(
    model: str, *, limits: AgentLimits, api_key: SecretStr | None, base_url: str | None
) -> BaseChatModel:
    """Return the chat model behind a model string; nothing is sent yet.

    Args:
        model: `provider:name`, for example `anthropic:claude-opus-5-5`.
        limits: Its tokens per answer and its silence per call.
        api_key: Key of the provider; other providers than Anthropic may read their own variable.
        base_url: Address of the API; None takes the provider's own.

    Raises:
        SettingInvalid: The model string is wrong, or the provider's key or package is missing.
    """
    provider, _, name = model.partition(":")
    if not provider or not name:
        raise SettingInvalid(
            f"{model!r} does not name a model.",
            hint="Write provider:name, for example 'anthropic:claude-opus-5-5'.",
        )
    if api_key is not None:
        register_secret(api_key.get_secret_value())
    if provider == ANTHROPIC:
        return _connect_anthropic(name, limits, api_key, base_url)
    return _connect_other(provider, name, limits, api_key, base_url)


def _connect_anthropic(
    name: str, limits: AgentLimits, api_key: SecretStr | None, base_url: str | None
) -> ChatAnthropic:
    if api_key is None or not api_key.get_secret_value().strip():
        raise SettingInvalid(
            f"There is no key for the model 'anthropic:{name}'.",
            hint="Run: export ANTHROPIC_API_KEY=... (or put it into the profile's credentials).",
        )
    settings: dict[str, Any] = {
        "model": name,
        "max_tokens": limits.max_output_tokens,
        "timeout": limits.call_timeout_seconds,
        "max_retries": 0,
        "base_url": base_url or ANTHROPIC_URL,
        "api_key": api_key,
        # The timeout is one of silence only in a stream; a long answer in one piece would exceed it.
        "streaming": True,
    }
    return StreamedClaude(**settings)


def _connect_other(
    provider: str, name: str, limits: AgentLimits, api_key: SecretStr | None, base_url: str | None
) -> BaseChatModel:
    settings: dict[str, Any] = {
        "max_tokens": limits.max_output_tokens,
        "timeout": limits.call_timeout_seconds,
        "max_retries": 0,
    }
    if api_key is not None:
        settings["api_key"] = api_key
    if base_url is not None:
        settings["base_url"] = base_url
    try:
        model: BaseChatModel = init_chat_model(name, model_provider=provider, **settings)
    except ImportError as error:
        package = f"langchain-{provider.replace('_', '-')}"
        raise SettingInvalid(
            f"The model '{provider}:{name}' needs a package that is not installed.",
            hint=f"Run: pip install {package}",
        ) from error
    except Exception as error:  # each provider's constructor has errors of its own
        raise SettingInvalid(
            f"The model '{provider}:{name}' cannot be set up ({type(error).__name__}).",
            hint=f"Check the provider's name, and set its key: "
            f"export {provider.upper()}_API_KEY=...",
        ) from error
    return model
