"""What each type of workflow may do: one policy per type, as data in `policies/<flow>.toml`.

The flow reads what it does from here, and so do the guard, the editing tools and the agents: a prompt
decides none of it. A profile and a repository may be stricter; what a profile makes laxer it names
(`mergewright.domain.team_policy`).
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Literal

from pydantic import Field, ValidationError

from mergewright.domain.approval_policy import ApprovalPolicy
from mergewright.domain.requests import ApprovalPoint
from mergewright.domain.value import Value
from mergewright.errors import SettingInvalid

POLICIES = files("mergewright.domain") / "policies"
DEFAULT_WORKFLOW = "standard_dev"
"""Whose policy a workflow has that has none of its own: it goes on with another one's work."""


class ReleaseStrategy(Value):
    """Where releases are in a repository, and where a fix of one goes."""

    branches: tuple[str, ...] = ("release/*", "release-*", "releases/*", "stable/*")
    """Globs of branches that each hold one line of releases, as `release/1.4`."""
    branch: str = "release/{major}.{minor}"
    """Name of the branch that is made of a release's tag where its line has none; of the version's
    `major`, `minor` and `patch`, and of the `tag`."""


class WorkflowPolicy(Value):
    """What a type of workflow does and may do."""

    workflow: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    """Name of its flow."""
    title: str = ""
    """What it is for, in one sentence."""
    agents: tuple[str, ...] = ("research", "analysis", "implementation", "qa")
    """Agents that may work in it: their models are connected, and their prompts pinned."""
    ticket: bool = True
    """Whether it works on a ticket of the tracker; without one, it is made of what is found."""
    research: bool = True
    """Whether what is known is researched before the change is planned."""
    model_tier: Literal["", "strong", "standard", "light"] = ""
    """How strong a model every agent gets; empty leaves it to each agent's prompt."""
    writable_paths: tuple[str, ...] = ()
    """Globs of the files that it may change, and no other; empty is all. `*.md` is no folder."""
    max_files: int | None = Field(default=None, ge=1)
    """Files that a change may touch; the profile's own limit holds as well."""
    max_changed_lines: int | None = Field(default=None, ge=1)
    """Lines that a change may add and delete together; the profile's own limit holds as well."""
    dependency_changes: bool = True
    """Whether a file that declares or locks dependencies may be changed."""
    refactoring: bool = True
    """Whether files and definitions may be renamed, moved, removed or only formatted anew."""
    comments_only: bool = False
    """Whether no code may be changed, but what explains it: docstrings and comments."""
    reproduction: bool = False
    """Whether a test comes first that shows the fault on the base; without one, nothing is changed."""
    reproduction_rounds: int = Field(default=2, ge=1, le=5)
    """How often the agent may try to reproduce the fault."""
    affected_tests_first: bool = False
    """Whether the tests next to a change run before the whole suite does."""
    approval: ApprovalPolicy = ApprovalPolicy()
    """Who may say yes, and until when."""
    stops: tuple[ApprovalPoint, ...] = ()
    """Where a person is always asked; a request may add to it."""
    release: ReleaseStrategy | None = None
    """Where releases are, for a workflow whose base is one; None works on any branch."""
    backport: bool = False
    """Whether the main branch gets the change as well, by a pull request of its own."""
    one_run_per_ticket: bool = False
    """Whether a second run of it for a ticket is refused while the first has not ended."""
    time_limit_minutes: int | None = Field(default=None, ge=1)
    """How long a run may work; waiting for a person is not counted."""
    on_call: tuple[str, ...] = ()
    """People and groups of the profile's directory who are told when a run begins and ends."""
    timeline: bool = False
    """Whether what happened when is published, for the report of an incident."""

    @property
    def is_bounded(self) -> bool:
        """Whether it holds changes to more than the profile and the repository do."""
        return bool(
            self.writable_paths
            or self.max_files
            or self.max_changed_lines
            or not (self.dependency_changes and self.refactoring)
        )


def workflows() -> tuple[str, ...]:
    """Return the workflow types that have a policy, by the names of their flows."""
    return tuple(
        sorted(
            entry.name.removesuffix(".toml")
            for entry in POLICIES.iterdir()
            if entry.name.endswith(".toml")
        )
    )


@cache
def load_policy(workflow: str) -> WorkflowPolicy:
    """Return the policy of a workflow type.

    Raises:
        SettingInvalid: There is none, or it cannot be read.
    """
    known = workflows()
    if workflow not in known:
        raise SettingInvalid(
            f"There is no policy of a workflow {workflow!r}.",
            hint=f"There are: {', '.join(known)}.",
        )
    return parse_policy(workflow, (POLICIES / f"{workflow}.toml").read_text("utf-8"))


def parse_policy(workflow: str, text: str) -> WorkflowPolicy:
    """Read a policy.

    Args:
        workflow: The flow that it is for.
        text: TOML.

    Raises:
        SettingInvalid: It is no TOML, or holds a field or value that a policy has not.
    """
    try:
        return WorkflowPolicy.model_validate({"workflow": workflow, **tomllib.loads(text)})
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        fault = error.errors(include_url=False)[0] if isinstance(error, ValidationError) else None
        reason = f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" if fault else str(error)
        raise SettingInvalid(
            f"The policy of the workflow {workflow!r} cannot be read: {reason}.",
            hint=f"Correct mergewright/domain/policies/{workflow}.toml.",
        ) from error


def policy_in_force(workflow: str, other: str = "") -> WorkflowPolicy:
    """Return the policy that a run of a workflow keeps.

    Args:
        workflow: Its flow.
        other: Workflow whose policy holds instead: that of a run which it goes on with.

    Raises:
        SettingInvalid: The policy cannot be read.
    """
    name = other or workflow
    return load_policy(name if name in workflows() else DEFAULT_WORKFLOW)
