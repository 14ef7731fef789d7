"""What a model call may cost at worst, and what it did cost, at list price.

Prices come with the genai-prices package and are never fetched: which table was used is written
beside each cost. A model without a known price for input and output is refused, never free.
Not in the table and not applied: batch discount, regional surcharge, price of server-side tools.

Source: the package genai-prices 0.2.3, 2026-11-20. Its price tiers hold for all
tokens of a call whose input is above the tier's start.
"""

from decimal import ROUND_CEILING, Decimal
from importlib.metadata import version
from typing import Final

import genai_prices
from genai_prices.types import PriceCalculation
from pydantic import Field

from mergewright.domain.value import Value
from mergewright.errors import BudgetExceeded

PRICE_SOURCE: Final = f"genai-prices {version('genai-prices')}"
"""The price table in use."""

MICRO_USD: Final = Decimal("0.000001")

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
    """Tokens of one model call."""

    input_tokens: int = Field(ge=0)
    """All input, cache reads and cache writes included."""
    output_tokens: int = Field(ge=0)
    cache_read_tokens: int = Field(default=0, ge=0)
    cache_write_tokens: int = Field(default=0, ge=0)
    """All cache writes, those kept for an hour included."""
    cache_write_1h_tokens: int = Field(default=0, ge=0)


def worst_case_usd(model: str, *, input_tokens: int, max_output_tokens: int) -> Decimal:
    """Return the most that a call can cost: all input of the dearest kind, all output used.

    Args:
        model: `provider:name`.
        input_tokens: Upper estimate.
        max_output_tokens: What the request allows.

    Raises:
        BudgetExceeded: The model has no known price.
    """
    kinds = (
        Usage(input_tokens=input_tokens, output_tokens=max_output_tokens),
        Usage(
            input_tokens=input_tokens,
            output_tokens=max_output_tokens,
            cache_write_tokens=input_tokens,
        ),
        Usage(
            input_tokens=input_tokens,
            output_tokens=max_output_tokens,
            cache_write_tokens=input_tokens,
            cache_write_1h_tokens=input_tokens,
        ),
    )
    return max(cost_usd(model, usage) for usage in kinds)


def cost_usd(model: str, usage: Usage) -> Decimal:
    """Return what a call cost, rounded up to a millionth of a dollar.

    Args:
        model: `provider:name`.
        usage: What the service counted.

    Raises:
        BudgetExceeded: The model has no known price.
    """
    return _price(model, usage).total_price.quantize(MICRO_USD, rounding=ROUND_CEILING)


def _price(model: str, usage: Usage) -> PriceCalculation:
    provider, separator, name = model.partition(":")
    if not (provider and separator and name):
        raise _unknown_price(model)
    billed_by = _BILLED_BY.get(provider, provider)
    try:
        price = genai_prices.calc_price(_counted(usage), name, provider_id=billed_by)
    except LookupError as error:
        raise _unknown_price(model) from error
    listed = price.model_price
    # The table also finds providers by a part of their name: another provider's price is a guess.
    if price.provider.id != billed_by or listed.input_mtok is None or listed.output_mtok is None:
        raise _unknown_price(model)
    return price


def _counted(usage: Usage) -> genai_prices.Usage:
    # Some services count cached tokens beside the input instead of in it: never price them at zero.
    cache_write_tokens = max(usage.cache_write_tokens, usage.cache_write_1h_tokens)
    cached_tokens = usage.cache_read_tokens + cache_write_tokens
    return genai_prices.Usage(
        input_tokens=max(usage.input_tokens, cached_tokens),
        output_tokens=usage.output_tokens,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=cache_write_tokens,
        cache_write_1h_tokens=usage.cache_write_1h_tokens,
    )


def _unknown_price(model: str) -> BudgetExceeded:
    return BudgetExceeded(
        f"The price of the model {model!r} is not known, so no call to it can be held to a budget.",
        hint=(
            "Choose a model with a listed price as `provider:name`, for instance"
            f" `anthropic:claude-opus-5-5`; prices come from {PRICE_SOURCE}."
        ),
    )
