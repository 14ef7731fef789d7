import pytest
from langchain_anthropic import ChatAnthropic

from mergewright.agents.priced_options import refuse_unpriced_model, refuse_unpriced_settings
from mergewright.agents.tools import reading_tools
from mergewright.errors import SettingInvalid
from mergewright.testing.messages_server import MessagesServer, Reply, by_turn
from tests.agents.samples import KEY, OPUS, connected
from tests.agents.test_journaled_model import around, log


def claude(**options):
    return ChatAnthropic(model="claude-opus-5-5", api_key=KEY, max_tokens=500, **options)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"inference_geo": "us"}, "inference_geo='us'"),
        ({"model_kwargs": {"service_tier": "priority"}}, "service_tier='priority'"),
        ({"model_kwargs": {"speed": "fast"}}, "speed='fast'"),
        ({"model_kwargs": {"extra_body": {"speed": "fast"}}}, "speed='fast'"),
        ({"container": "c1"}, "container='c1'"),
        ({"mcp_servers": [{"type": "url", "url": "https://x"}]}, "mcp_servers="),
    ],
)
def test_an_option_without_a_known_price_is_refused(options, named):
    with pytest.raises(SettingInvalid, match="whose price is not in the price list") as refused:
        refuse_unpriced_model(claude(**options), OPUS)
    assert named in refused.value.message
    assert "Leave the option out" in refused.value.hint


@pytest.mark.parametrize(
    "options",
    [{}, {"inference_geo": "global"}, {"model_kwargs": {"service_tier": "standard_only"}}],
)
def test_plain_options_are_not(options):
    refuse_unpriced_model(claude(**options), OPUS)


@pytest.mark.parametrize("kind", ["web_search_20260318", "code_execution_20260521", "mcp_toolset"])
def test_a_tool_that_the_provider_runs_is_refused_before_anything_is_sent(store, journal, kind):
    with MessagesServer(by_turn(Reply(text="Hello"))) as server:
        settings = {"tools": [{"type": kind, "name": "x"}]}
        with pytest.raises(SettingInvalid, match=f"the tool '{kind}', which its provider runs"):
            around(connected(server.url), journal, settings=settings).answer()
    assert server.requests == []
    assert log(store) == []


def test_our_own_tools_are_not(tmp_path):
    for model in (claude(), connected("http://127.0.0.1:9")):
        bound = model.bind_tools(reading_tools(tmp_path))
        refuse_unpriced_settings(bound.kwargs, OPUS)
    refuse_unpriced_settings({"tools": [{"type": "text_editor_20250728", "name": "x"}]}, OPUS)
