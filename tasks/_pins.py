"""What a run works with, pinned when it begins: it does not go on unseen with something else."""

import hashlib
import re
from collections.abc import Mapping

from blocks.profile import DeliveryProfile
from mergewright.agents.prompts import load_prompt
from mergewright.domain.delivery import Run
from mergewright.domain.events import RunFinished, RunStarted
from mergewright.domain.team_policy import words
from mergewright.domain.value import Value
from mergewright.domain.workflow_policy import policy_in_force
from mergewright.errors import Rejected, RunInterrupted
from mergewright.events.store import EventStore

PACKAGE = "package version"
DIGEST = re.compile(r"[0-9a-f]{64}")
SHOWN_CHARACTERS = 12


def pins_of(run: Run, profile: DeliveryProfile) -> dict[str, str]:
    """Return what the run would work with now; its ticket and base it keeps as facts.

    Raises:
        SettingInvalid: A prompt is not what it declares.
    """
    workflow = policy_in_force(run.workflow, run.policy)
    pins = {f"prompt {agent}": load_prompt(agent).prompt.digest for agent in workflow.agents}
    pins["change policy"] = _digest(profile.change_policy)
    pins["workflow policy"] = _digest(workflow)
    if row := profile.team_policy(workflow.workflow):
        # by name and in words, so that a person reads what drifted
        pins |= {f"team policy {name}": words(value) for name, value in row.values.items()}
    if run.model is None:
        pins |= {f"{tier.value} model": name for tier, name in profile.routes.items()}
    return pins


def find_drift(held: Mapping[str, str], current: Mapping[str, str]) -> tuple[str, ...]:
    """Return what has changed, each as its name with the old and the new value."""
    return tuple(
        f"{name}: {_short(held.get(name))} -> {_short(current.get(name))}"
        for name in dict.fromkeys((*held, *current))
        if held.get(name) != current.get(name)
    )


def see_it_may_go_on(
    store: EventStore, run: Run, current: Mapping[str, str], *, accept_drift: bool
) -> tuple[str, ...]:
    """See that a run may begin, or begin again; return the drift that was accepted.

    Args:
        store: The log.
        run: The run.
        current: What it would work with now, its package version among it.
        accept_drift: Let it go on although something has changed.

    Raises:
        Rejected: It came to an end that nothing goes on from.
        RunInterrupted: Something has changed, and nobody accepted that.
        StoreFailed: The log cannot be read.
    """
    stored = store.read(run_id=run.id, types=("run_started", "run_finished"))
    starts = [found.event for found in stored if isinstance(found.event, RunStarted)]
    if not starts:
        return ()
    last = stored[-1].event
    if isinstance(last, RunFinished) and not last.resumable:
        raise Rejected(
            f"The run {run.id!r} is finished ({last.outcome}): there is nothing to go on with.",
            hint=f"See it with: mergewright show {run.id}",
            run_id=run.id,
        )
    drift = _drift_since(starts[-1], current)
    if drift and not accept_drift:
        raise RunInterrupted(
            f"What the run {run.id!r} works with has changed since it began: {'; '.join(drift)}.",
            hint="Go on all the same with --accept-drift (in a form: Accept drift), or start another"
            " run with --fresh.",
            run_id=run.id,
        )
    return drift


def _drift_since(started: RunStarted, current: Mapping[str, str]) -> tuple[str, ...]:
    held = {PACKAGE: started.package_version, **started.pins}
    if not started.pins:
        # written before there were pins: nothing else is known
        current = {PACKAGE: current[PACKAGE]}
    return find_drift(held, current)


def _digest(policy: Value) -> str:
    return hashlib.sha256(policy.model_dump_json().encode()).hexdigest()


def _short(value: str | None) -> str:
    if value is None:
        return "none"
    return value[:SHOWN_CHARACTERS] if DIGEST.fullmatch(value) else value
