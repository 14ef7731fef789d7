"""What a team changes of a workflow's policy, as rows of its delivery profile.

A row may be stricter without a word. What it makes laxer it has to name, so that whoever reads the
profile sees it; what a workflow type is (its agents, its red test first, the paths that it writes)
no row can change. See `docs/decisions/0014-workflow-policies-as-data.md`.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Literal, Self

from pydantic import ValidationError, field_validator, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from mergewright.domain.requests import ApprovalPoint
from mergewright.domain.value import Value
from mergewright.domain.workflow_policy import (
    ReleaseStrategy,
    WorkflowPolicy,
    load_policy,
    workflows,
)

Fields = Mapping[str, Any]


def _is_more(own: Any, changed: Any) -> bool:  # noqa: ANN401 - a number, or None for no limit
    return own is not None and (changed is None or changed > own)


def _is_allowed(own: bool, changed: bool) -> bool:
    return changed and not own


def _is_dropped(own: bool, changed: bool) -> bool:
    return own and not changed


_IS_LAXER: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "stops": lambda own, changed: not {*own} <= {*changed},
        "approval.never_requester": _is_dropped,
        "approval.needed": lambda own, changed: changed < own,
        "max_files": _is_more,
        "max_changed_lines": _is_more,
        "dependency_changes": _is_allowed,
        "refactoring": _is_allowed,
        "affected_tests_first": _is_dropped,
        "one_run_per_ticket": _is_dropped,
        "time_limit_minutes": _is_more,
    }
)
"""Of each value that can be lax: whether a change makes it so."""


class TeamApproval(Value):
    """Who may approve and until when, where a team has it otherwise; empty is as the workflow has it."""

    approvers: tuple[str, ...] | None = None
    """Names, mail addresses or accounts of people, or groups of the profile's directory."""
    never_requester: bool | None = None
    """Whether the person who asked for the run may not approve it."""
    needed: int | None = None
    """How many different people must approve."""
    expires_after: timedelta | None = None
    """How long a question may be answered, as PT4H."""
    remind_after: timedelta | None = None
    """After how long without an answer people are told again, as PT30M; zero is never."""
    rounds: int | None = None
    """How often what was rejected goes back to the agent."""


class TeamPolicy(Value):
    """What a team changes of one workflow's policy; what is empty is as the workflow has it."""

    workflow: str
    """Workflow type that it is about, as hotfix."""
    laxer: tuple[str, ...] = ()
    """What is laxer here than in the workflow's own policy, by name, as max_files or
    approval.needed: nothing is made laxer without being named."""
    stops: tuple[ApprovalPoint, ...] | None = None
    """Where a person is always asked."""
    approval: TeamApproval = TeamApproval()
    """Who may say yes, and until when."""
    max_files: int | None = None
    """Files that a change may touch."""
    max_changed_lines: int | None = None
    """Lines that a change may add and delete together."""
    dependency_changes: bool | None = None
    """Whether a file that declares or locks dependencies may be changed."""
    refactoring: bool | None = None
    """Whether files and definitions may be renamed, moved, removed or only formatted anew."""
    reproduction_rounds: int | None = None
    """How often the agent may try to reproduce the fault."""
    affected_tests_first: bool | None = None
    """Whether the tests next to a change run before the whole suite does."""
    model_tier: Literal["strong", "standard", "light"] | None = None
    """How strong a model every agent gets."""
    one_run_per_ticket: bool | None = None
    """Whether a second run of it for a ticket is refused while the first has not ended."""
    time_limit_minutes: int | None = None
    """How long a run may work; waiting for a person is not counted."""
    on_call: tuple[str, ...] | None = None
    """People and groups of the profile's directory who are told when a run begins and ends."""
    timeline: bool | None = None
    """Whether what happened when is published, for the report of an incident."""
    release: ReleaseStrategy | None = None
    """Where releases are, and where a fix of one goes."""

    @field_validator("workflow")
    @classmethod
    def _has_a_policy(cls, name: str) -> str:
        if name not in workflows():
            known = ", ".join(workflows())
            raise ValueError(f"there is no policy of a workflow {name!r}; there are: {known}")
        return name

    @field_validator("laxer")
    @classmethod
    def _can_be_lax(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        for name in names:
            if name not in _IS_LAXER:
                raise ValueError(f"{name!r} is not among what can be lax: {', '.join(_IS_LAXER)}")
        return names

    @model_validator(mode="after")
    def _fits_the_workflow(self) -> Self:
        own = load_policy(self.workflow)
        if self.release is not None and own.release is None:
            raise self._refused("release", f"a {self.workflow} is not about a release")
        before, after = flat_values(own), flat_values(self.applied_to(own))
        for name, is_laxer in _IS_LAXER.items():
            if name not in self.laxer and is_laxer(before[name], after[name]):
                told = f"laxer than in a {self.workflow}, where it is {words(before[name])}"
                raise self._refused(name, f"{told}; if that is meant, add {name!r} to `laxer`")
        return self

    @property
    def changes(self) -> dict[str, Any]:
        """What is not empty, as a policy has it."""
        given = self.model_dump(exclude_none=True, exclude={"workflow", "laxer"})
        return {name: value for name, value in given.items() if value != {}}

    @property
    def values(self) -> dict[str, Any]:
        """What is not empty, by name: `max_files`, `approval.needed`."""
        given = self.model_dump(mode="json", exclude_none=True, exclude={"workflow", "laxer"})
        return dict(_flat(given))

    def applied_to(self, own: WorkflowPolicy) -> WorkflowPolicy:
        """Return the policy that holds for the team.

        Raises:
            ValidationError: A value is none that a policy can have.
        """
        changes = self.changes
        approval = own.approval.model_dump() | changes.pop("approval", {})
        return WorkflowPolicy.model_validate(own.model_dump() | changes | {"approval": approval})

    def _refused(self, name: str, problem: str) -> ValidationError:
        detail = InitErrorDetails(
            type=PydanticCustomError("team_policy", "{problem}", {"problem": problem}),
            loc=tuple(name.split(".")),
            input=None,
        )
        return ValidationError.from_exception_data(type(self).__name__, [detail])


class PolicyValue(Value):
    """One value of the policy that holds, and where it came from."""

    name: str
    """As it is written: `max_files`, `approval.needed`."""
    value: str
    source: str
    """`default`, `workflow`, or the profile by its name."""
    is_laxer: bool = False
    """Whether the profile makes it laxer than the workflow has it."""


def policy_values(
    own: WorkflowPolicy,
    row: TeamPolicy | None = None,
    profile: str = "",
    limits: Mapping[str, int] = MappingProxyType({}),
) -> tuple[PolicyValue, ...]:
    """Return each value of the policy that holds, and whether default, workflow or team said so.

    Args:
        own: The workflow's own policy.
        row: What the team changes of it; None where it changes nothing.
        profile: Name of the profile that holds the row.
        limits: Limits of the profile for every workflow, by name: of two, the smaller holds.
    """
    held = row.applied_to(own) if row else own
    before, by_team = flat_values(own), row.values if row else {}
    said = {*own.model_fields_set, *(f"approval.{name}" for name in own.approval.model_fields_set)}
    if own.release is not None:
        said |= {f"release.{name}" for name in own.release.model_fields_set}

    def told(name: str, value: object) -> PolicyValue:
        source = "workflow" if name in said else "default"
        if name in by_team:
            source = f"profile {profile}"
        if name in limits and _is_more(limits[name], value):
            value, source = limits[name], f"profile {profile}, change_policy"
        is_laxer = name in _IS_LAXER and _IS_LAXER[name](before[name], value)
        return PolicyValue(name=name, value=words(value), source=source, is_laxer=is_laxer)

    return tuple(
        told(name, value)
        for name, value in flat_values(held).items()
        if name not in {"workflow", "title"}
    )


def flat_values(policy: WorkflowPolicy) -> dict[str, Any]:
    """Return the values of a policy by their names, those of a part of it as `approval.needed`."""
    return dict(_flat(policy.model_dump(mode="json")))


def words(value: object) -> str:
    """Return a value of a policy as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value in (None, "") else str(value)


def _flat(fields: Fields) -> Iterator[tuple[str, Any]]:
    for name, value in fields.items():
        if isinstance(value, Mapping):
            yield from ((f"{name}.{inner}", one) for inner, one in value.items())
        else:
            yield name, value
