"""What all stages have in common: cache identity, retries, and the one way to make a stage a task.

Prefect's own `INPUTS` policy mixes the results of two tasks with equal arguments, and `TASK_SOURCE`
misses changes below the task; see `docs/decisions/0003-our-own-cache-identity.md`.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any, ParamSpec, TypeVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE, CacheKeyFnPolicy
from prefect.client.schemas.objects import State, TaskRun
from prefect.context import TaskRunContext
from prefect.runtime import task_run
from pydantic import BaseModel

from mergewright.domain.delivery import Run
from mergewright.domain.workspace import Workspace
from mergewright.errors import MergewrightError

P = ParamSpec("P")
R = TypeVar("R")

RETRY_DELAYS_SECONDS = (10.0, 60.0)
STAGE_VERSION = 2
"""To be raised when a stage's meaning changes without a new package version."""

_PAID: set[str] = set()
"""Names of the stages in which a model may be asked."""
_FIRST_ROUND = " (round 0)"


def cache_key(context: TaskRunContext, parameters: Mapping[str, Any]) -> str:
    """Return the key of a stage's result: run, stage, inputs and the version of what lies below."""
    run = parameters.get("run")
    scope = run.id if isinstance(run, Run) else ""
    inputs = {name: _plain(value) for name, value in parameters.items() if name != "run"}
    identity = json.dumps(
        {
            "task": context.task.task_key,
            "name": context.task.name,
            "stage_version": STAGE_VERSION,
            "package": version("mergewright"),
            "inputs": inputs,
        },
        sort_keys=True,
    )
    return f"mergewright/{scope}/{hashlib.sha256(identity.encode()).hexdigest()}"


def _plain(value: object) -> object:
    if isinstance(value, Workspace):
        # where it lies is another place on each machine, and makes no other work of it
        return value.model_dump(mode="json", exclude={"mirror", "path"})
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    raise TypeError(f"A stage cannot take a {type(value).__name__}: it has no stable key.")


def _namer(template: str) -> Callable[[], str]:
    """Return what names a task run: a first round is not counted."""

    def name() -> str:
        return template.format(**task_run.parameters).removesuffix(_FIRST_ROUND)

    return name


def is_retryable(_task: Task[..., Any], _task_run: TaskRun, state: State[Any]) -> bool:
    """Say whether a failed stage is worth another try: only errors that say so themselves."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, MergewrightError) and error.retryable


def is_paid(task: Task[..., Any]) -> bool:
    """Say whether a stage may have cost money."""
    return task.name in _PAID


def stage(
    name: str,
    *,
    run_name: str | None = None,
    kept: bool = True,
    repeats: int = len(RETRY_DELAYS_SECONDS),
    paid: bool = False,
) -> Callable[[Callable[P, R]], Task[P, R]]:
    """Make a function a stage: a retried Prefect task whose typed result is persisted as JSON.

    Args:
        name: What a person reads in the UI.
        run_name: Template of the task run's name over the function's parameters.
        kept: Whether an earlier result of the same run and inputs is used again.
        repeats: How often a failure that may pass is tried again, after seconds and a minute.
        paid: Whether a model may be asked in it, so that it may cost money.
    """
    if paid:
        _PAID.add(name)

    def decorate(function: Callable[P, R]) -> Task[P, R]:
        made: Task[P, R] = task(
            name=name,
            task_run_name=_namer(run_name) if run_name else name,
            cache_policy=CacheKeyFnPolicy(cache_key_fn=cache_key) if kept else NO_CACHE,
            persist_result=kept,
            result_serializer="json",
            retries=repeats,
            retry_delay_seconds=list(RETRY_DELAYS_SECONDS[:repeats]),
            retry_jitter_factor=0.3,
            retry_condition_fn=is_retryable,
        )(function)
        return made

    return decorate
