"""Options of a model that change what a call costs, and are refused before anything is sent.

A reservation is a worst case only while the price of everything in the request is known: the list
has prices for tokens, not for a machine that runs code or for a dearer way to be served.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel

from mergewright.errors import SettingInvalid

_PLAIN: Mapping[str, frozenset[object]] = {
    "service_tier": frozenset({None, "auto", "default", "standard", "standard_only"}),
    "speed": frozenset({None, "standard"}),
    "inference_geo": frozenset({None, "global"}),
    "container": frozenset({None}),
    "mcp_servers": frozenset({None}),
}
"""Values of options under which a call has its plain price."""

_CLIENT_TOOLS = ("custom", "function", "text_editor_", "bash_", "computer_", "memory_")
"""Types of tools that the provider only asks for; any other type is one that it runs and charges."""


def refuse_unpriced_model(model: BaseChatModel, name: str) -> None:
    """Refuse a model that is set up with an option whose price is not known.

    Raises:
        SettingInvalid: Names the option and what to do.
    """
    held = getattr(model, "model_kwargs", None)
    given = dict(held) if isinstance(held, Mapping) else {}
    body = given.get("extra_body")
    own = {option: getattr(model, option, None) for option in _PLAIN}
    for settings in (own, given, body if isinstance(body, Mapping) else {}):
        refuse_unpriced_settings(settings, name)


def refuse_unpriced_settings(settings: Mapping[str, Any], name: str) -> None:
    """Refuse settings of a call whose price is not known.

    Raises:
        SettingInvalid: Names the option and what to do.
    """
    for option, value in settings.items():
        plain = _PLAIN.get(option)
        if plain is not None and not _is_plain(value, plain):
            raise _unpriced(name, f"{option}={value!r}")
    for tool in _server_tools(settings.get("tools")):
        raise SettingInvalid(
            f"The model {name!r} is given the tool {tool!r}, which its provider runs and charges"
            " for: no call with it can be held to a budget.",
            hint="Leave the tool out, or give a tool of your own that does the same.",
        )


def _is_plain(value: object, plain: frozenset[object]) -> bool:
    return not value or (isinstance(value, str) and value in plain)


def _server_tools(tools: object) -> Iterator[str]:
    if not isinstance(tools, Sequence) or isinstance(tools, str):
        return
    for tool in tools:
        kind = tool.get("type", "custom") if isinstance(tool, Mapping) else "custom"
        if not str(kind or "custom").startswith(_CLIENT_TOOLS):
            yield str(kind)


def _unpriced(name: str, option: str) -> SettingInvalid:
    return SettingInvalid(
        f"The model {name!r} is set up with {option}, whose price is not in the price list: no call"
        " with it can be held to a budget.",
        hint="Leave the option out, so that calls are served and charged in the plain way.",
    )
