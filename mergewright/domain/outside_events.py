"""Events that come from outside and begin work: what each may say, and in what form.

What they say was written by others. Only the fields below are taken, as text of a narrow form: no
path of this machine, no credential, no mapping that anyone would resolve.
"""

from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, StringConstraints

from mergewright.domain.value import Value

TicketKey = Annotated[
    str,
    StringConstraints(
        strict=True,
        max_length=200,
        pattern=r"^(?:[A-Za-z0-9][A-Za-z0-9_-]*|[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*#[0-9]+|#[0-9]+)$",
    ),
]
"""A key in a tracker, as `SHOP-7`, `owner/name#12` or `#12`; never a path."""
Address = Annotated[
    str,
    StringConstraints(
        strict=True,
        max_length=1000,
        pattern=r"^(?:https://[A-Za-z0-9][A-Za-z0-9.:-]*/[\w./~-]+|(?:ssh://)?git@[A-Za-z0-9][A-Za-z0-9.-]*[:/][\w./~-]+)$",
    ),
]
"""A repository elsewhere, without a user and a password; never a path."""
GitName = Annotated[
    str,
    StringConstraints(strict=True, max_length=200, pattern=r"^[A-Za-z0-9][A-Za-z0-9._/+-]*$"),
]
"""A branch or a tag."""
RunId = Annotated[
    str, StringConstraints(strict=True, max_length=81, pattern=r"^[a-z0-9][a-z0-9-]{2,80}$")
]


class _Said(Value):
    # What is refused may be anything: no error repeats it.
    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)


class TicketReady(_Said):
    """A ticket may be worked on."""

    ticket: TicketKey
    repository: Address | None = None
    base: GitName | None = None


class PullRequestMerged(_Said):
    """A pull request of a run was merged."""

    run_id: RunId
    ticket: TicketKey | None = None
    repository: Address | None = None


class ReleasePublished(_Said):
    """A release of a repository was published."""

    repository: Address | None = None
    tag: GitName
    base: GitName | None = None


KINDS: Final[dict[str, type[_Said]]] = {
    "mergewright.ticket.ready": TicketReady,
    "mergewright.pull-request.merged": PullRequestMerged,
    "mergewright.release.published": ReleasePublished,
}
"""What each event says, by its name."""

EventName = Literal[
    "mergewright.ticket.ready",
    "mergewright.pull-request.merged",
    "mergewright.release.published",
]


class EventRule(Value):
    """Which event begins which work, and what of the request is fixed."""

    event: EventName = Field(
        title="Event",
        description="Name that the event must have.",
        json_schema_extra={"position": 0},
    )
    workflow: str = Field(
        title="Workflow",
        pattern=r"^[a-z][a-z0-9_]*$",
        description="Flow that does the work, by the name of its file.",
        json_schema_extra={"position": 1},
    )
    request: dict[str, Any] = Field(
        default_factory=dict,
        title="Fixed part of the request",
        description="What the event does not decide: profile, budget; it wins over the event.",
        json_schema_extra={"position": 2},
    )


class SeenEvent(Value):
    """An event as it was read, down to the fields that are taken."""

    id: str
    event: EventName
    said: dict[str, str]
    """The fields that it has, in the form that is asked for."""
