from decimal import Decimal

from genai_prices.types import ModelPrice, Tier, TieredPrices

from mergewright.budget.rates import Rates

CHEAPER_WHEN_LONG = TieredPrices(base=Decimal(10), tiers=[Tier(start=1_000, price=Decimal(2))])


def test_the_worst_case_is_at_the_dearest_tier_within_reach():
    rates = Rates.of(ModelPrice(input_mtok=CHEAPER_WHEN_LONG, output_mtok=CHEAPER_WHEN_LONG))
    assert rates.worst_micros(2_000, 5) == 2_000 * 10 + 5 * 10


def test_a_tier_begins_above_its_start():
    rates = Rates.of(ModelPrice(input_mtok=CHEAPER_WHEN_LONG, output_mtok=Decimal(1)))
    cached = {"cache_read_tokens": 0, "cache_write_tokens": 0, "cache_write_1h_tokens": 0}
    assert rates.micros(input_tokens=1_000, output_tokens=0, **cached) == 10_000
    assert rates.micros(input_tokens=1_001, output_tokens=0, **cached) == 2_002


def test_a_price_for_each_request_is_paid_for_no_tokens_too():
    rates = Rates.of(
        ModelPrice(input_mtok=Decimal(1), output_mtok=Decimal(1), requests_kcount=Decimal(5))
    )
    assert rates.worst_micros(0, 0) == 5_000
