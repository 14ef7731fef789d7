"""A run as stages see it: its log, its ledger, its profile and its places on disk."""

from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from blocks.profile import DeliveryProfile, load_profile
from mergewright.budget.limits import Caps
from mergewright.clients.breaker import share_circuits
from mergewright.domain.delivery import Run
from mergewright.domain.workflow_policy import WorkflowPolicy, policy_in_force
from mergewright.errors import SettingInvalid
from mergewright.events.connect import open_event_store
from mergewright.events.health import open_health
from mergewright.events.journal import Journal
from mergewright.events.ledger import Ledger
from mergewright.events.store import EventStore
from mergewright.settings import settings


def event_store() -> EventStore:
    """Return this process's event log; whoever shares it shares the circuits of services.

    Raises:
        StoreFailed: The log cannot be opened.
    """
    url = settings().event_store_url
    with suppress(SettingInvalid):  # a log of another kind: each process then knows for itself
        share_circuits(open_health(url))
    return open_event_store(url)


def profile_of(run: Run) -> DeliveryProfile:
    """Load the run's delivery profile, once per run and process: the server is asked over HTTP.

    Raises:
        BlockMissing: There is no profile of this name.
    """
    return _load_for(run.id, run.profile)


def policy_of(run: Run) -> WorkflowPolicy:
    """Return the policy that the run keeps: its workflow's, or its earlier run's, as its team has it.

    Raises:
        BlockMissing: There is no profile of its name.
        SettingInvalid: The policy cannot be read.
    """
    own = policy_in_force(run.workflow, run.policy)
    row = profile_of(run).team_policy(own.workflow)
    return row.applied_to(own) if row else own


def forget_profiles() -> None:
    """Load profiles anew from here on: a run that begins must see what they are now."""
    _load_for.cache_clear()


@lru_cache(maxsize=8)
def _load_for(_run_id: str, profile: str) -> DeliveryProfile:
    return load_profile(profile)


def ledger_of(run: Run, profile: DeliveryProfile) -> Ledger:
    """Return the ledger that holds the run to its caps."""
    stage_cap = None if profile.stage_cap_usd is None else Decimal(str(profile.stage_cap_usd))
    caps = Caps(
        run_usd=run.budget_usd,
        stage_usd=stage_cap,
        day_usd=Decimal(str(settings().daily_cap_usd)),
    )
    return Ledger(event_store(), run.id, caps)


def journal_of(run: Run, stage: str, profile: DeliveryProfile | None = None) -> Journal:
    """Return the journal of one stage of the run."""
    ledger = ledger_of(run, profile or profile_of(run))
    return Journal(event_store(), run.id, stage, ledger=ledger)


def run_folder(run: Run) -> Path:
    """Return the folder of the run's own files."""
    return settings().home / "runs" / run.id
