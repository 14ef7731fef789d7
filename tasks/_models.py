"""Which model answers in a stage, connected: the profile's, the request's, or a recording."""

from pathlib import Path
from typing import NamedTuple

from langchain_core.language_models import BaseChatModel
from pydantic import SecretStr

from blocks.profile import DeliveryProfile
from mergewright.agents.limits import AgentLimits
from mergewright.agents.models import connect_model
from mergewright.agents.prompts import load_prompt
from mergewright.domain.delivery import Run
from mergewright.events.journal import Journal
from mergewright.routing.tiers import choose_model
from mergewright.settings import settings
from mergewright.testing.recorded import RecordedModel, load_cassette

RECORDED_PREFIX = "recorded:"
AGENTS = ("research", "analysis", "implementation", "qa")


class ConnectedModel(NamedTuple):
    """A model that can be asked."""

    model: BaseChatModel
    name: str
    """`provider:name`, by which it is priced."""
    recorded: bool


def model_name(run: Run, profile: DeliveryProfile, agent: str) -> str:
    """Return which model works as an agent.

    Raises:
        SettingInvalid: The model's name has no provider.
    """
    return choose_model(load_prompt(agent).prompt.tier, routes=profile.routes, override=run.model)


def connect(
    run: Run, profile: DeliveryProfile, agent: str, limits: AgentLimits, journal: Journal
) -> ConnectedModel:
    """Connect the model that works as an agent.

    Raises:
        BlockMissing: There is no key for it.
        SettingInvalid: Its name, or the cassette, is wrong.
    """
    name = model_name(run, profile, agent)
    if name.startswith(RECORDED_PREFIX):
        cassette = load_cassette(Path(name.removeprefix(RECORDED_PREFIX)))

        model = RecordedModel(cassette=cassette, stage=journal.stage, on_drift=journal.note)
        return ConnectedModel(model, cassette.model_of(journal.stage), recorded=True)
    key, base_url = _anthropic(profile)
    return ConnectedModel(
        connect_model(name, limits=limits, api_key=key, base_url=base_url), name, recorded=False
    )


def _anthropic(profile: DeliveryProfile) -> tuple[SecretStr | None, str | None]:
    if profile.anthropic is not None:
        return profile.anthropic.api_key, profile.anthropic.base_url
    return settings().anthropic_api_key, settings().anthropic_base_url
