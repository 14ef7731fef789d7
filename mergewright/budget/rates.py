"""The prices of one model by kind of token and length of input, ready to be multiplied."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from genai_prices.types import ModelPrice, TieredPrices

Rate = tuple[tuple[int, Decimal], ...]
"""Prices, each with the input tokens above which it holds; the last one always does."""

_ALWAYS: Final = -1
_MICROS_PER_THOUSANDTH: Final = 1_000
"""Prices are per million tokens, so millionths of a dollar each; searches are per thousand."""


@dataclass(frozen=True, slots=True)
class Rates:
    """What each kind of token costs, in millionths of a dollar; None has no price of its own."""

    input: Rate
    output: Rate
    cache_read: Rate | None
    cache_write: Rate | None
    cache_write_1h: Rate | None
    web_search: Rate | None
    request_micros: Decimal
    """What a call costs beside its tokens."""

    @classmethod
    def of(cls, listed: ModelPrice) -> "Rates":
        """Return the rates of an entry of the price table that has prices for input and output."""
        requests = listed.requests_kcount
        per_thousand = requests.base if isinstance(requests, TieredPrices) else requests
        return cls(
            input=_rate(listed.input_mtok) or ((_ALWAYS, Decimal(0)),),
            output=_rate(listed.output_mtok) or ((_ALWAYS, Decimal(0)),),
            cache_read=_rate(listed.cache_read_mtok),
            cache_write=_rate(listed.cache_write_mtok),
            cache_write_1h=_rate(listed.cache_write_1h_mtok),
            web_search=_rate(listed.web_searches_kcount),
            request_micros=(per_thousand or Decimal(0)) * _MICROS_PER_THOUSANDTH,
        )

    def micros(
        self,
        *,
        input_tokens: int,
        output_tokens: int,
        cache_read_tokens: int,
        cache_write_tokens: int,
        cache_write_1h_tokens: int,
        web_searches: int = 0,
    ) -> Decimal:
        """Return what a call costs, in millionths of a dollar.

        Cached tokens of a kind without a price of its own cost what the kind does that it is part
        of: writes for an hour as writes, writes and reads as input.
        """
        total = self.request_micros + output_tokens * _at(self.output, input_tokens)
        plain = input_tokens
        if cache_read_tokens and self.cache_read is not None:
            plain -= cache_read_tokens
            total += cache_read_tokens * _at(self.cache_read, input_tokens)
        written = cache_write_tokens
        if cache_write_1h_tokens and self.cache_write_1h is not None:
            plain -= cache_write_1h_tokens
            written -= cache_write_1h_tokens
            total += cache_write_1h_tokens * _at(self.cache_write_1h, input_tokens)
        if written and self.cache_write is not None:
            plain -= written
            total += written * _at(self.cache_write, input_tokens)
        if web_searches and self.web_search is not None:
            total += web_searches * _at(self.web_search, input_tokens) * _MICROS_PER_THOUSANDTH
        return total + plain * _at(self.input, input_tokens)

    def worst_micros(self, input_tokens: int, output_tokens: int) -> Decimal:
        """Return the most that so many tokens can cost: each at the dearest price within reach."""
        kinds = (self.input, self.cache_read, self.cache_write, self.cache_write_1h)
        dearest_input = max(_dearest(kind, input_tokens) for kind in kinds if kind is not None)
        dearest_output = _dearest(self.output, input_tokens)
        return self.request_micros + input_tokens * dearest_input + output_tokens * dearest_output


def _rate(price: Decimal | TieredPrices | None) -> Rate | None:
    if price is None:
        return None
    if isinstance(price, TieredPrices):
        tiers = [(tier.start, tier.price) for tier in reversed(price.tiers)]
        return (*tiers, (_ALWAYS, price.base))
    return ((_ALWAYS, price),)


def _at(rate: Rate, input_tokens: int) -> Decimal:
    """Return the price that a call with so much input has."""
    return next(price for start, price in rate if input_tokens > start)


def _dearest(rate: Rate, input_tokens: int) -> Decimal:
    return max(price for start, price in rate if input_tokens > start)
