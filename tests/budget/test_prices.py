"""Prices against numbers worked out by hand from the vendor's list."""

from decimal import ROUND_CEILING, Decimal

import genai_prices
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergewright.budget.prices import PRICE_SOURCE, Usage, charge, cost_usd, worst_case_usd
from mergewright.errors import BudgetExceeded

OPUS = "anthropic:claude-opus-5-5"  # USD per million: 4 in, 20 out, 0.2 read, 5 write, 8 1h write
HAIKU = "anthropic:claude-haiku-5-5"  # 0.1, 0.5, 0.01, 0.125, 0.2; five times above 100,000 input


def test_every_kind_of_token_has_its_price():
    usage = Usage(
        input_tokens=1_050,  # 100 plain
        output_tokens=20,
        cache_read_tokens=900,
        cache_write_tokens=50,
        cache_write_1h_tokens=30,
    )
    assert cost_usd(OPUS, usage) == Decimal("0.00132")  # 400 + 400 + 180 + 100 + 240 millionths


def test_haiku_by_hand():
    usage = Usage(
        input_tokens=5_000, output_tokens=2_000, cache_read_tokens=1_000, cache_write_tokens=2_000
    )
    assert cost_usd(HAIKU, usage) == Decimal("0.00146")  # 200 + 1,000 + 10 + 250 millionths


def test_a_long_input_makes_every_token_dearer():
    short = Usage(input_tokens=100_000, output_tokens=1_000)
    long = Usage(input_tokens=100_001, output_tokens=1_000)
    assert cost_usd(HAIKU, short) == Decimal("0.0105")
    assert cost_usd(HAIKU, long) == Decimal("0.052501")  # 0.0500005 + 0.0025, rounded up


def test_worst_case_is_the_dearest_input_and_all_output():
    assert worst_case_usd(OPUS, input_tokens=10_000, max_output_tokens=16_000) == Decimal("0.4")
    assert worst_case_usd(HAIKU, input_tokens=10_000, max_output_tokens=8_000) == Decimal("0.006")
    assert worst_case_usd(HAIKU, input_tokens=200_000, max_output_tokens=1_000) == Decimal("0.2025")


def test_a_fraction_of_a_millionth_is_rounded_up():
    assert cost_usd(HAIKU, Usage(input_tokens=1, output_tokens=1)) == Decimal("0.000001")
    assert cost_usd(HAIKU, Usage(input_tokens=0, output_tokens=0)) == 0


@given(data=st.data(), limit=st.integers(0, 300_000), output=st.integers(0, 64_000))
def test_no_call_costs_more_than_its_worst_case(data, limit, output):
    input_tokens = data.draw(st.integers(0, limit))
    read = data.draw(st.integers(0, input_tokens))
    write = data.draw(st.integers(0, input_tokens - read))
    usage = Usage(
        input_tokens=input_tokens,
        output_tokens=data.draw(st.integers(0, output)),
        cache_read_tokens=read,
        cache_write_tokens=write,
        cache_write_1h_tokens=data.draw(st.integers(0, write)),
    )
    for model in (OPUS, HAIKU):
        worst = worst_case_usd(model, input_tokens=limit, max_output_tokens=output)
        assert cost_usd(model, usage) <= worst


LISTED = (
    OPUS,
    HAIKU,
    "anthropic:claude-sonnet-4-5",  # tiers by length of input
    "anthropic:claude-opus-4-6",  # a price that changed on a day
    "anthropic:claude-2",  # no prices for cached tokens
    "openai:gpt-5.1",
    "openai:o3",
    "google:gemini-2.5-pro",
    "deepseek:deepseek-chat",  # a price that depends on the hour
)


@given(
    model=st.sampled_from(LISTED),
    plain=st.integers(0, 400_000),
    read=st.integers(0, 300_000),
    write=st.integers(0, 300_000),
    kept=st.integers(0, 300_000),
    output=st.integers(0, 64_000),
)
def test_costs_are_those_of_the_price_table(model, plain, read, write, kept, output):
    usage = Usage(
        input_tokens=plain + read + write + kept,
        output_tokens=output,
        cache_read_tokens=read,
        cache_write_tokens=write + kept,
        cache_write_1h_tokens=kept,
    )
    provider, _, name = model.partition(":")
    counted = genai_prices.Usage(**usage.model_dump(include=TOKENS))
    listed = genai_prices.calc_price(counted, name, provider_id=provider).total_price
    assert cost_usd(model, usage) == listed.quantize(Decimal("0.000001"), ROUND_CEILING)
    assert cost_usd(model, usage) <= worst_case_usd(
        model, input_tokens=usage.input_tokens, max_output_tokens=output
    )


TOKENS = {
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
}
SERVED = Usage(input_tokens=1_000, output_tokens=100)  # 6,000 millionths at the plain price
RESERVED = Decimal("0.5")


@pytest.mark.parametrize(
    ("said", "cost", "told"),
    [
        ({"service_tier": "standard", "inference_geo": "global"}, "0.006", ""),
        ({"service_tier": "standard", "inference_geo": "not_available"}, "0.006", ""),
        ({"service_tier": "batch"}, "0.003", ", batch"),
        ({"speed": "fast"}, "0.012", ", fast"),
        ({"inference_geo": "us"}, "0.0066", ", inference in 'us'"),
        ({"web_searches": 3}, "0.036", ", 3 web searches"),
        ({"speed": "fast", "inference_geo": "us"}, "0.0132", ", fast, inference in 'us'"),
        ({"service_tier": "priority"}, "0.5", ", priority: no listed price, taken at the worst"),
        ({"service_tier": "batch", "speed": "fast"}, "0.5", ", batch, fast: no listed price"),
        ({"inference_geo": "mars"}, "0.5", ", inference in 'mars': no listed price"),
    ],
)
def test_a_call_is_booked_as_it_was_served(said, cost, told):
    charged = charge(OPUS, SERVED.model_copy(update=said), reserved_usd=RESERVED)
    assert charged.cost_usd == Decimal(cost)
    assert charged.source.startswith(f"{PRICE_SOURCE}{told}")
    assert (charged.source == PRICE_SOURCE) == (not told)


def test_without_a_listed_price_it_is_never_booked_below_the_plain_one():
    usage = SERVED.model_copy(update={"service_tier": "priority"})
    assert charge(OPUS, usage, reserved_usd=Decimal("0.001")).cost_usd == Decimal("0.006")


def test_searches_of_a_model_without_a_price_for_them_are_taken_at_the_worst_case():
    usage = Usage(input_tokens=1, output_tokens=1, web_searches=1)
    assert charge("anthropic:claude-2", usage, reserved_usd=RESERVED).cost_usd == RESERVED


@pytest.mark.parametrize(
    "model",
    [
        "anthropic:claude-of-tomorrow",
        "claude-opus-5-5",
        ":claude-opus-5-5",
        "anthropic:",
        "",
        "nobody:claude-opus-5-5",
        "not-anthropic:claude-opus-5-5",
        "ollama:llama3",
        "recorded:tests/cassette.json",
        "openai:text-embedding-3-large",
    ],
)
def test_an_unknown_price_refuses(model):
    with pytest.raises(BudgetExceeded) as refused:
        worst_case_usd(model, input_tokens=1, max_output_tokens=1)
    assert repr(model) in refused.value.message
    assert "anthropic:claude-opus-5-5" in refused.value.hint
    with pytest.raises(BudgetExceeded):
        cost_usd(model, Usage(input_tokens=1, output_tokens=1))


@pytest.mark.parametrize(
    ("model", "usd_per_million_input"),
    [
        ("google_genai:gemini-2.5-pro", "1.25"),
        ("google_vertexai:gemini-2.5-pro", "1.25"),
        ("google_anthropic_vertex:claude-haiku-5-5", "0.1"),
        ("anthropic_bedrock:anthropic.claude-haiku-5-5", "0.11"),
    ],
)
def test_other_providers_are_found_under_the_name_of_who_bills(model, usd_per_million_input):
    cost = cost_usd(model, Usage(input_tokens=100_000, output_tokens=0))
    assert cost * 10 == Decimal(usd_per_million_input)


def test_cached_tokens_counted_beside_the_input_are_still_paid():
    usage = Usage(input_tokens=10, output_tokens=0, cache_read_tokens=1_000)
    assert cost_usd(OPUS, usage) == Decimal("0.0002")


def test_the_price_table_names_its_version():
    name, _, version = PRICE_SOURCE.partition(" ")
    assert name == "genai-prices"
    assert version.split(".")[0].isdigit()
