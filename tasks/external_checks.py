"""Stages about checks that others run on the pushed change: start a workflow, wait for the outcome."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import AwareDatetime

from mergewright.domain.delivery import Run
from mergewright.domain.events import EffectIntended
from mergewright.domain.pull_request import ExternalChecks, WorkflowRun
from mergewright.domain.value import Value
from mergewright.domain.workspace import Workspace
from mergewright.events.journal import Journal, utc_now
from mergewright.events.undo_list import intent_key
from tasks._effects import effect_key, perform
from tasks._facts import pinned
from tasks._policies import stage
from tasks._runs import journal_of, profile_of
from tasks._traces import WorkflowWanted
from tasks._workbench import read_policy

_NO_INPUTS: Mapping[str, str] = {}


class ExternalPolicy(Value):
    """What the repository, or else the delivery profile, asks for after a push."""

    workflow: str
    """File of the workflow to start; empty for none."""
    wait_minutes: int
    """How long to wait for checks of others; 0 does not wait."""


class _Waiting(Value):
    began_at: AwareDatetime


def external_policy(run: Run, workspace: Workspace) -> ExternalPolicy:
    """Return what is to be done about checks of others.

    Raises:
        SettingInvalid: The repository's policy file is wrong.
    """
    own, profile = read_policy(workspace.mirror, workspace.base_commit), profile_of(run)
    minutes = own.wait_for_checks_minutes
    return ExternalPolicy(
        workflow=own.dispatch_workflow or profile.dispatch_workflow,
        wait_minutes=profile.wait_for_checks_minutes if minutes is None else minutes,
    )


@stage("Start the workflow", kept=False)
def start_workflow(run: Run, workspace: Workspace, workflow: str, commit: str) -> WorkflowRun:
    """Start a workflow on the pushed branch, once per commit.

    Raises:
        ServiceError: The code host refused or did not answer.
    """
    profile = profile_of(run)
    host = profile.code_host.connect()
    journal = journal_of(run, "workflow", profile)
    target = f"{workflow}@{commit[:12]}"
    return perform(
        journal,
        effect="workflow",
        target=target,
        form=WorkflowRun,
        wanted=WorkflowWanted(workflow=workflow, ref=workspace.branch, commit=commit),
        act=lambda: host.dispatch_workflow(
            run.repository,
            workflow,
            workspace.branch,
            _NO_INPUTS,
            marker=f"{run.id}-{commit[:12]}",
            since=_first_meant(journal, effect_key(journal, "workflow", target)),
        ),
        reference=lambda started: started.url or str(started.id),
    )


@stage(
    "Wait for external checks", run_name="Wait for external checks (round {attempt})", kept=False
)
def wait_for_checks(
    run: Run, workspace: Workspace, commit: str, wait_minutes: int, attempt: int
) -> ExternalChecks:
    """Wait until the checks of others on a commit have ended; when the time is over, say how they stand.

    The time runs on while nobody waits: killed and started again, the run waits for the rest of it.
    What was seen at the end is a fact of the run.

    Raises:
        ServiceError: The code host refused or did not answer until the time was over.
        StoreFailed: The log cannot be read or written.
    """
    _ = workspace
    profile = profile_of(run)
    journal = journal_of(run, f"external-checks-{attempt}", profile)

    def wait() -> ExternalChecks:
        began = pinned(
            journal, f"checks-awaited-{commit[:12]}", _Waiting, lambda: _Waiting(began_at=utc_now())
        )
        left = began.began_at + timedelta(minutes=wait_minutes) - utc_now()
        return profile.code_host.connect().wait_for_checks(
            run.repository, commit, timeout_seconds=max(left.total_seconds(), 0.0)
        )

    return pinned(journal, f"checks-seen-{commit[:12]}", ExternalChecks, wait)


def _first_meant(journal: Journal, key: str) -> datetime | None:
    """Return when an effect was intended first."""
    stored = journal.store.read(run_id=journal.run_id, types=("effect_intended",))
    instants = (
        found.event.at
        for found in stored
        if isinstance(found.event, EffectIntended) and intent_key(found.event) == key
    )
    return next(instants, None)
