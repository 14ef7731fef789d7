import pytest

from mergewright.testing.messages_server import MessagesServer, Reply, by_turn
from tests.agents.samples import connected
from tests.agents.test_journaled_model import around, log

COUNTED = {"input_tokens": 1_000, "output_tokens": 100}  # 6,000 millionths at the plain price


@pytest.mark.parametrize(
    ("said", "cost", "told"),
    [
        ({"service_tier": "standard"}, "0.006000", "genai-prices"),
        ({"service_tier": "batch"}, "0.003000", "batch"),
        ({"speed": "fast"}, "0.012000", "fast"),
        ({"inference_geo": "us"}, "0.006600", "inference in 'us'"),
        ({"server_tool_use": {"web_search_requests": 2, "web_fetch_requests": 0}}, "0.026000", "2"),
        (
            {
                "cache_creation_input_tokens": 1_000,
                "cache_creation": {
                    "ephemeral_1h_input_tokens": 1_000,
                    "ephemeral_5m_input_tokens": 0,
                },
            },
            "0.014000",
            "genai-prices",
        ),
    ],
    ids=["plain", "batch", "fast", "region", "searches", "an hour's cache"],
)
def test_a_streamed_answer_is_settled_as_it_was_served(store, journal, said, cost, told):
    with MessagesServer(by_turn(Reply(text="Hello", usage={**COUNTED, **said}))) as server:
        assert around(connected(server.url), journal).answer().text == "Hello"
    assert server.requests[0]["stream"] is True
    (settled,) = log(store, "call_settled")
    assert str(settled.cost_usd) == cost
    assert told in settled.price_source


def test_a_tier_without_a_listed_price_is_settled_at_the_worst_case(store, journal):
    reply = Reply(text="Hello", usage={**COUNTED, "service_tier": "priority"})
    with MessagesServer(by_turn(reply)) as server:
        around(connected(server.url), journal).answer()
    (reserved,) = log(store, "call_reserved")
    (settled,) = log(store, "call_settled")
    assert settled.cost_usd == reserved.worst_case_usd
    assert settled.price_source.endswith("priority: no listed price, taken at the worst case")
