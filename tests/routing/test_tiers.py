import re

import pytest

from mergewright.domain.requests import MODEL_PATTERN
from mergewright.errors import SettingInvalid
from mergewright.routing.tiers import DEFAULT_ROUTES, Tier, choose_model


def test_every_tier_has_a_default_of_the_form_that_requests_take():
    assert set(DEFAULT_ROUTES) == set(Tier)
    assert all(re.fullmatch(MODEL_PATTERN, model) for model in DEFAULT_ROUTES.values())


def test_the_route_decides():
    assert choose_model(Tier.LIGHT, routes={Tier.LIGHT: "openai:small"}, override=None) == (
        "openai:small"
    )


def test_the_override_wins_over_every_route():
    for tier in Tier:
        assert choose_model(tier, routes=DEFAULT_ROUTES, override="openai:big") == "openai:big"
    assert choose_model(Tier.LIGHT, routes={}, override="recorded:a.json") == "recorded:a.json"


@pytest.mark.parametrize("model", ["", "claude-opus-5-5", ":claude", "anthropic:", "anthropic: "])
def test_a_model_without_provider_or_name_is_refused_with_an_example(model):
    for routes, override in (({Tier.STRONG: model}, None), (DEFAULT_ROUTES, model)):
        with pytest.raises(SettingInvalid) as caught:
            choose_model(Tier.STRONG, routes=routes, override=override)
        assert repr(model) in caught.value.message
        assert "anthropic:claude-sonnet-5-5" in caught.value.hint


def test_a_tier_without_a_route_is_named():
    with pytest.raises(SettingInvalid, match=r"'strong' \(routed: light\)"):
        choose_model(Tier.STRONG, routes={Tier.LIGHT: "openai:small"}, override=None)
