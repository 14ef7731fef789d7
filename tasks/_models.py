"""Which model answers in a stage, connected: the profile's, the request's, or a recording."""

from pathlib import Path
from typing import NamedTuple

from langchain_core.language_models import BaseChatModel
from pydantic import SecretStr

from blocks.profile import DeliveryProfile
from mergewright.agents.limits import AgentLimits
from mergewright.agents.models import connect_model
from mergewright.agents.prompt_versions import find_version, keep_prompt
from mergewright.agents.prompts import PROMPTS, load_prompt
from mergewright.domain.delivery import Run
from mergewright.events.journal import Journal
from mergewright.routing.tiers import Tier, choose_model
from mergewright.settings import settings
from mergewright.testing.recorded import RecordedModel, load_cassette
from tasks._runs import policy_of

RECORDED_PREFIX = "recorded:"
AGENTS = (
    "research",
    "reproduction",
    "analysis",
    "implementation",
    "qa",
    "documentation",
    "docstrings",
)


class ConnectedModel(NamedTuple):
    """A model that can be asked."""

    model: BaseChatModel
    name: str
    """`provider:name`, by which it is priced."""
    recorded: bool


FIRST_STAGES = {"research": 0, "reproduce": 0, "plan": 1, "implement": 2, "write": 2}
"""Order in which agents are asked first, in whatever round; what follows comes after the review."""
FIRST_USES = {
    "research": 0,
    "reproduction": 0,
    "analysis": 1,
    "implementation": 2,
    "documentation": 2,
    "docstrings": 2,
    "qa": 3,
}
"""Place of an agent's first use in that order."""


def model_name(run: Run, profile: DeliveryProfile, agent: str, stage: str) -> str:
    """Return which model works as an agent in a stage.

    Raises:
        NotFound: The run asks for a version of a prompt that is not kept.
        SettingInvalid: The model's name has no provider.
    """
    override = None if is_asked_anew(run, stage) else run.model
    tier = Tier(policy_of(run).model_tier or load_prompt(agent).prompt.tier)
    return choose_model(tier, routes=profile.routes, override=override)


def is_asked_anew(run: Run, stage: str) -> bool:
    """Whether a replay asks a model in a stage: from where another version of a prompt is used."""
    if not run.with_prompt:
        return False
    first_use = FIRST_USES[find_version(run.with_prompt, prompt_versions()).name]
    return FIRST_STAGES.get(stage.partition("-")[0], len(FIRST_STAGES)) >= first_use


def prompts_for(run: Run, agent: str) -> Path:
    """Return the folder of all prompts that an agent's is read from.

    Raises:
        NotFound: The run asks for a version of a prompt that is not kept.
    """
    if not run.with_prompt:
        return PROMPTS
    version = find_version(run.with_prompt, prompt_versions())
    return version.folder if version.name == agent else PROMPTS


def prompt_versions() -> Path:
    """Return the folder that versions of prompts are kept in."""
    return settings().home / "prompts"


def keep_prompts() -> None:
    """Keep the prompts of today, so that a run can be replayed with them later.

    Raises:
        StoreFailed: They cannot be written.
    """
    for agent in AGENTS:
        keep_prompt(agent, prompt_versions())


def connect(
    run: Run, profile: DeliveryProfile, agent: str, limits: AgentLimits, journal: Journal
) -> ConnectedModel:
    """Connect the model that works as an agent.

    Raises:
        BlockMissing: There is no key for it.
        SettingInvalid: Its name, or the cassette, is wrong.
    """
    name = model_name(run, profile, agent, journal.stage)
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
        return profile.anthropic.get_key(), profile.anthropic.base_url
    return settings().anthropic_api_key, settings().anthropic_base_url
