"""Which model does which work: prompts ask for a tier, a profile says what a tier means."""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from mergewright.domain.requests import MODEL_PATTERN
from mergewright.errors import SettingInvalid


class Tier(StrEnum):
    """How much thought a piece of work deserves."""

    STRONG = "strong"
    """Planning and writing code."""
    STANDARD = "standard"
    """Reading, researching, reviewing."""
    LIGHT = "light"
    """Short texts and classification."""


DEFAULT_ROUTES: Mapping[Tier, str] = MappingProxyType(
    {
        Tier.STRONG: "anthropic:claude-opus-5-5",
        Tier.STANDARD: "anthropic:claude-sonnet-5-5",
        Tier.LIGHT: "anthropic:claude-haiku-5-5",
    }
)


def choose_model(tier: Tier, *, routes: Mapping[Tier, str], override: str | None) -> str:
    """Return the model string for a tier: the override, else the route.

    Raises:
        SettingInvalid: There is no route for the tier, or the model string names no provider.
    """
    if override is not None:
        return _checked(override, "the model of this run")
    if tier not in routes:
        known = ", ".join(sorted(routes)) or "none"
        raise SettingInvalid(
            f"No model is routed for the tier {tier.value!r} (routed: {known}).",
            hint=f"Add a route for {tier.value!r} to the delivery profile.",
        )
    return _checked(routes[tier], f"the route of the tier {tier.value!r}")


def _checked(model: str, place: str) -> str:
    if not re.fullmatch(MODEL_PATTERN, model) or not model.partition(":")[2].strip():
        raise SettingInvalid(
            f"{model!r}, {place}, is not of the form provider:name.",
            hint=f"Write the provider too, for example {DEFAULT_ROUTES[Tier.STANDARD]!r}.",
        )
    return model
