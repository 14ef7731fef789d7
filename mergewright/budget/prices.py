"""What a model call may cost at worst, and what it did cost, at list price.

Prices come with the genai-prices package and are never fetched: which table was used is written
beside each cost. A model without a known price for input and output is refused, never free.

Source: the package genai-prices 0.2.3, 2026-11-20. Its price tiers hold for all
tokens of a call whose input is above the tier's start.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import ROUND_CEILING, Decimal
from functools import lru_cache
from importlib.metadata import version
from typing import Final, NamedTuple

import genai_prices
from genai_prices.types import ModelInfo, ModelPrice
from pydantic import Field

from mergewright.budget.rates import Rates
from mergewright.domain.value import Value
from mergewright.errors import BudgetExceeded

PRICE_SOURCE: Final = f"genai-prices {version('genai-prices')}"
"""The price table in use."""

MICRO_USD: Final = Decimal("0.000001")

MILLION: Final = 1_000_000

_USUAL: Final = frozenset({"", "auto", "default", "standard", "standard_only"})
"""Service tiers and speeds that are charged at the plain list price."""

_SURCHARGES_BY_GEO: Final[Mapping[str, Decimal]] = {
    **dict.fromkeys(("", "global", "not_available"), Decimal(1)),
    "us": Decimal("1.1"),
}
"""Inference that stays in the United States costs that much more for all tokens.

Source: for the option, platform.claude.com/docs/en/build-with-claude/data-residency; for the 1.1,
tokenmix.ai/blog/anthropic-api-pricing, which quotes the vendor's list; 2026-11-20. The table lacks it.
"""

# LangChain's provider name on the left where the price table has another name for who bills.
_BILLED_BY: Final = {
    "anthropic_bedrock": "aws",
    "azure_ai": "azure",
    "azure_openai": "azure",
    "bedrock": "aws",
    "bedrock_converse": "aws",
    "bedrock_mantle_anthropic": "aws",
    "bedrock_mantle_openai": "aws",
    "google_anthropic_vertex": "google",
    "google_genai": "google",
    "google_vertexai": "google",
    "mistralai": "mistral",
    "xai": "x-ai",
}


class Usage(Value):
    """What one model call used, and what of it changes the price."""

    input_tokens: int = Field(ge=0)
    """All input, cache reads and cache writes included."""
    output_tokens: int = Field(ge=0)
    cache_read_tokens: int = Field(default=0, ge=0)
    cache_write_tokens: int = Field(default=0, ge=0)
    """All cache writes, those kept for an hour included."""
    cache_write_1h_tokens: int = Field(default=0, ge=0)
    web_searches: int = Field(default=0, ge=0)
    """Searches that the provider made itself."""
    service_tier: str = ""
    """How the provider says that it served the call, as `batch` or `priority`."""
    speed: str = ""
    """`fast` where the provider says so."""
    inference_geo: str = ""
    """Where the provider says that it was computed, as `us`."""


class Charge(NamedTuple):
    """What a call is booked at."""

    cost_usd: Decimal
    source: str
    """The table, and in words what else than its plain price was taken."""


def worst_case_usd(model: str, *, input_tokens: int, max_output_tokens: int) -> Decimal:
    """Return the most that a call can cost: all input of the dearest kind, all output used.

    A shorter input may fall into another tier, so each price is the dearest of all tiers that the
    estimate reaches.

    Args:
        model: `provider:name`.
        input_tokens: Upper estimate.
        max_output_tokens: What the request allows.

    Raises:
        BudgetExceeded: The model has no known price.
    """
    rates = _rates(model, {})
    return _rounded_up(rates.worst_micros(input_tokens, max_output_tokens))


def cost_usd(model: str, usage: Usage) -> Decimal:
    """Return what a call cost at the plain price, rounded up to a millionth of a dollar.

    Args:
        model: `provider:name`.
        usage: What the service counted.

    Raises:
        BudgetExceeded: The model has no known price.
    """
    return _rounded_up(_micros(_rates(model, {}), usage))


def charge(model: str, usage: Usage, *, reserved_usd: Decimal) -> Charge:
    """Return what a call is booked at, as the service says that it served it.

    Where it was served in a way that has no listed price (a priority tier, an unknown region), the
    reservation is booked, or the plain price where that is more.

    Args:
        model: `provider:name`.
        usage: What the service counted and said.
        reserved_usd: What was set aside.

    Raises:
        BudgetExceeded: The model has no known price.
    """
    served, context = _served(usage), _context(usage)
    if not served:
        return Charge(cost_usd(model, usage), PRICE_SOURCE)
    rates = _rates(model, context) if _is_listed(model, context) else None
    surcharge = _SURCHARGES_BY_GEO.get(usage.inference_geo)
    is_priced = rates is not None and (not usage.web_searches or rates.web_search is not None)
    if rates is not None and is_priced and surcharge is not None:
        micros = _micros(rates, usage) * surcharge
        return Charge(_rounded_up(micros), f"{PRICE_SOURCE}, {served}")
    booked = max(reserved_usd, cost_usd(model, usage))
    return Charge(booked, f"{PRICE_SOURCE}, {served}: no listed price, taken at the worst case")


def _served(usage: Usage) -> str:
    """Say what of a call is charged otherwise than its tokens at the plain price."""
    named = [value for value in (usage.service_tier, usage.speed) if value not in _USUAL]
    if _SURCHARGES_BY_GEO.get(usage.inference_geo) != 1:
        named.append(f"inference in {usage.inference_geo!r}")
    if usage.web_searches:
        named.append(f"{usage.web_searches} web searches")
    return ", ".join(named)


def _context(usage: Usage) -> dict[str, str]:
    """Return how a call was served, in the words of the price table."""
    context = {}
    if usage.service_tier == "batch":
        context["processing"] = "batch"
    elif usage.service_tier not in _USUAL:
        context["service_tier"] = usage.service_tier
    if usage.speed not in _USUAL:
        context["speed"] = usage.speed
    return context


def _is_listed(model: str, context: Mapping[str, str]) -> bool:
    """Whether the table has a price for exactly that way of serving a call."""
    if not context:
        return True
    now = datetime.now(UTC)
    return any(
        variant.when == context and (variant.constraint is None or variant.constraint.active(now))
        for variant in _found(model).price_variants or ()
    )


def _micros(rates: Rates, usage: Usage) -> Decimal:
    # Some services count cached tokens beside the input instead of in it: never price them at zero.
    cache_write_tokens = max(usage.cache_write_tokens, usage.cache_write_1h_tokens)
    cached_tokens = usage.cache_read_tokens + cache_write_tokens
    return rates.micros(
        input_tokens=max(usage.input_tokens, cached_tokens),
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=cache_write_tokens,
        cache_write_1h_tokens=usage.cache_write_1h_tokens,
        web_searches=usage.web_searches,
    )


def _rounded_up(micros: Decimal) -> Decimal:
    return (micros / MILLION).quantize(MICRO_USD, rounding=ROUND_CEILING)


def _rates(model: str, context: Mapping[str, str]) -> Rates:
    found = _found(model)
    # Prices begin on a day or hold for some hours of each, so which one holds is asked each time.
    listed = found.get_prices(datetime.now(UTC), dict(context))
    if context:
        return Rates.of(listed)
    known = _KNOWN.get(id(listed))
    if known is None or known[0] is not listed:
        if listed.input_mtok is None or listed.output_mtok is None:
            raise _unknown_price(model)
        known = _KNOWN[id(listed)] = (listed, Rates.of(listed))
    return known[1]


_KNOWN: Final[dict[int, tuple[ModelPrice, Rates]]] = {}
"""Rates by the identity of the table's own entry, which is kept so that no other can have it."""


@lru_cache(maxsize=256)
def _found(model: str) -> ModelInfo:
    provider, separator, name = model.partition(":")
    if not (provider and separator and name):
        raise _unknown_price(model)
    billed_by = _BILLED_BY.get(provider, provider)
    nothing = genai_prices.Usage(input_tokens=0, output_tokens=0)
    try:
        price = genai_prices.calc_price(nothing, name, provider_id=billed_by)
    except LookupError as error:
        raise _unknown_price(model) from error
    # The table also finds providers by a part of their name: another provider's price is a guess.
    if price.provider.id != billed_by:
        raise _unknown_price(model)
    return price.model


def _unknown_price(model: str) -> BudgetExceeded:
    return BudgetExceeded(
        f"The price of the model {model!r} is not known, so no call to it can be held to a budget.",
        hint=(
            "Choose a model with a listed price as `provider:name`, for instance"
            f" `anthropic:claude-opus-5-5`; prices come from {PRICE_SOURCE}."
        ),
    )
