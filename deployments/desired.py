"""What a server is to hold, in the server's own words: made of the files and of the flows."""

import importlib
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from prefect import Flow
from prefect.utilities.callables import parameter_schema
from prefect.utilities.schema_tools.hydration import HydrationContext, hydrate
from prefect.utilities.schema_tools.validation import is_valid_schema, validate

from deployments.documents import Automation, Deployment, NotifyAction, RunAction, StateAction
from deployments.reading import FOLDER, Read, place_of_deployment
from mergewright.domain.profile_name import PROFILE_BLOCK
from mergewright.errors import SettingInvalid

Json = dict[str, Any]

TAG: Final = "mergewright"
"""Every run of ours carries it."""
KEEPER: Final = {"kept-by": "mergewright deploy"}
"""Label of the deployments that this keeps; only these are ever pruned."""
KEEPER_TAG: Final = "kept by mergewright deploy"
"""The same for what has tags and no labels."""
LOCAL_PROFILE: Final = f"{PROFILE_BLOCK}/local"
"""The one block that needs no set-up: it is made with the block types."""
EVENT_ID: Final = "{{ event.id | string }}"
"""The one template there is: an id that the server itself has checked to be one."""
COMMIT_FILE: Final = "COMMIT"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a server is to hold, by kind and name."""

    limits: Mapping[str, Json]
    variables: Mapping[str, Json]
    pools: Mapping[str, Json]
    deployments: Mapping[str, Json]
    automations: Mapping[str, Json]
    """Where they name a deployment or block, they do so by its name."""
    blocks: frozenset[str] = field(default_factory=frozenset)
    """Those that must be there, by type and name."""


def wanted_state(
    read: Read, *, folder: Path = FOLDER, pool: str = "", directory: str = ""
) -> Wanted:
    """Return what a server is to hold.

    Args:
        read: What the files say.
        folder: Where they are, for errors.
        pool: Where deployments run that name no pool; empty takes the default one.
        directory: Where their runs begin, on the worker's machine; empty leaves that to the worker.

    Raises:
        SettingInvalid: A deployment's flow or parameters are wrong, or there is no such pool.
    """
    documents = read.documents
    names = [one.name for one in documents.pools]
    if pool and pool not in names:
        raise SettingInvalid(
            f"There is no work pool {pool!r}.", hint=f"There are: {', '.join(names)}."
        )
    default = pool or next(one.name for one in documents.pools if one.default)
    revision = package_revision()
    deployments = {
        one.full_name: _deployment(one, number, folder, default, revision, directory)
        for number, one in enumerate(documents.deployments)
    }
    used = {str(one["work_pool_name"]) for one in deployments.values()}
    return Wanted(
        limits={one.name: {"limit": one.limit} for one in documents.limits},
        variables={one.name: {"value": one.value} for one in documents.variables},
        pools={
            one.name: {
                "type": one.type,
                "description": one.description,
                "concurrency_limit": one.limit,
                "base_job_template": read.templates[one.name],
            }
            for one in documents.pools
            if one.name in used
        },
        deployments=deployments,
        automations={
            **{name: one for name, one in map(_started_by_event, documents.deployments) if one},
            **{one.name: _automation(one) for one in documents.automations},
        },
        blocks=frozenset(_needed_blocks(read)),
    )


def package_revision() -> str:
    """Return the package's version and the commit it was made from, as far as that is known."""
    made_from = FOLDER / COMMIT_FILE
    if made_from.is_file():
        commit = made_from.read_text(encoding="utf-8").strip()
    else:
        done = subprocess.run(  # noqa: S603 - a fixed argument list, no shell
            ["git", "-C", str(FOLDER), "rev-parse", "HEAD"],  # noqa: S607 - found on the PATH, as by every client of ours
            capture_output=True,
            text=True,
            check=False,
        )
        commit = done.stdout.strip()
    return f"{version('mergewright')}+{commit[:12]}" if commit else version("mergewright")


def _deployment(
    one: Deployment, number: int, folder: Path, pool: str, revision: str, directory: str
) -> Json:
    schema = _schema(one, number, folder)
    steps = [{"prefect.deployments.steps.set_working_directory": {"directory": directory}}]
    schedules = [
        {
            "slug": schedule.slug,
            "active": schedule.active,
            "schedule": schedule.for_prefect(),
            "parameters": schedule.parameters,
        }
        for schedule in one.schedules
    ]
    _check_parameters(one, number, folder, schema)
    return {
        "description": one.description,
        "entrypoint": f"flows.{one.flow}.{one.flow}",
        "version": revision,
        "tags": sorted({TAG, *one.tags}),
        "parameters": one.parameters,
        "parameter_openapi_schema": schema,
        "enforce_parameter_schema": True,
        "paused": False,
        "work_pool_name": one.pool or pool,
        "work_queue_name": one.queue,
        "job_variables": one.job_variables,
        "pull_steps": steps if directory else None,
        "limit": one.limit,
        "shared_limit": one.shared_limit or None,
        "when_full": one.when_full if one.limit or one.shared_limit else None,
        "schedules": sorted(schedules, key=lambda schedule: str(schedule["slug"])),
    }


def _schema(one: Deployment, number: int, folder: Path) -> Json:
    """Return the schema of the flow's parameters, from which the server makes the form."""
    module = f"flows.{one.flow}"
    try:
        flow = getattr(importlib.import_module(module), one.flow, None)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        flow = None
    if not isinstance(flow, Flow):
        hint = "A flow is a function of the name of its file in `flows/`."
        raise place_of_deployment(folder, number, "flow", f"there is no flow {one.flow!r}", hint)
    return parameter_schema(flow).model_dump_for_openapi()


def _check_parameters(one: Deployment, number: int, folder: Path, schema: Json) -> None:
    """Refuse parameters that a run could not begin with; what nobody is asked must be complete."""
    trials = [("parameters", one.parameters, True)]
    trials += [
        ("schedules", {**one.parameters, **schedule.parameters}, False)
        for schedule in one.schedules
    ]
    if one.on:
        event = {"event_id": "00000000-0000-0000-0000-000000000000"}
        trials.append(("on", {**one.parameters, **event}, False))
    is_valid_schema(schema)
    for place, parameters, may_be_incomplete in trials:
        values = hydrate(parameters, HydrationContext())
        errors = validate(values, schema, ignore_required=may_be_incomplete)
        if errors:
            first = errors[0]
            where = ".".join(str(part) for part in first.absolute_path)
            raise place_of_deployment(
                folder, number, place, f"{where or 'parameters'}: {first.message}",
                "These are the parameters of the flow.",
            )  # fmt: skip


def _started_by_event(one: Deployment) -> tuple[str, Json]:
    """Return the automation that runs a deployment on its event, if it has one."""
    if not one.on:
        return "", {}
    action = RunAction(do="run", deployment=one.full_name)
    run = {**_run(action), "parameters": {"event_id": EVENT_ID}}
    return f"{TAG}-{one.flow.replace('_', '-')}-{one.name}", {
        "description": f"{one.full_name} runs when {one.on} is emitted.",
        "enabled": True,
        "trigger": {
            "type": "event",
            "posture": "Reactive",
            "expect": [one.on],
            "for_each": ["prefect.resource.id"],
            "threshold": 1,
            "within": 0,
        },
        "actions": [run],
    }


def _automation(one: Automation) -> Json:
    trigger = one.trigger
    return {
        "description": one.description,
        "enabled": one.enabled,
        "trigger": {
            "type": "event",
            "posture": trigger.posture,
            "after": sorted(trigger.after),
            "expect": sorted(trigger.expect),
            "match": trigger.match,
            "match_related": trigger.match_related,
            "for_each": sorted(trigger.for_each),
            "threshold": trigger.threshold,
            "within": trigger.within_seconds,
        },
        "actions": [_action(action) for action in one.actions],
    }


def _action(action: RunAction | StateAction | NotifyAction) -> Json:
    match action:
        case RunAction():
            return _run(action)
        case StateAction():
            told = {"state": action.state, "name": action.name, "message": action.message}
            return {"type": "change-flow-run-state", **told}
        case NotifyAction():
            told = {"subject": action.subject, "body": action.body}
            return {"type": "send-notification", "block": action.block, **told}


def _run(action: RunAction) -> Json:
    return {
        "type": "run-deployment",
        "source": "selected",
        "deployment": action.deployment,
        "parameters": action.parameters,
        "schedule_after": action.after_minutes * 60,
    }


def _needed_blocks(read: Read) -> Iterator[str]:
    for one in read.documents.deployments:
        yield from one.blocks
        for part in (one.parameters, *(schedule.parameters for schedule in one.schedules)):
            for profile in _profiles(part):
                yield f"{PROFILE_BLOCK}/{profile}"
    for automation in read.documents.automations:
        yield from (one.block for one in automation.actions if isinstance(one, NotifyAction))


def _profiles(node: object) -> Iterator[str]:
    """Yield the delivery profiles that parameters name, however deep."""
    if not isinstance(node, dict):
        return
    for key, value in node.items():
        if key == "profile" and isinstance(value, str):
            yield value
        yield from _profiles(value)
