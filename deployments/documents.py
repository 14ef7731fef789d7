"""What the files of this folder may say: pools, deployments, limits, variables and automations."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal, Self
from zoneinfo import available_timezones

from prefect.client.schemas.schedules import CronSchedule, IntervalSchedule, RRuleSchedule
from pydantic import AfterValidator, Field, ValidationError, model_validator

from mergewright.domain.value import Value

Json = dict[str, Any]

NAME = r"^[a-z0-9][a-z0-9-]*$"
DEPLOYMENT = r"^[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*$"
BLOCK = DEPLOYMENT
FLOW = r"^[a-z][a-z0-9_]*$"
EVENT = r"^[a-z][a-z0-9.-]*$"
_ANCHOR = datetime(2026, 1, 1, tzinfo=UTC)
"""From when intervals are counted: the same whenever the file is applied."""


def _without_templates(parameters: Json) -> Json:
    """Refuse what the server would resolve: a parameter is exactly what the file says."""
    for text in _texts(parameters):
        if "{{" in text or "{%" in text or text in {"__prefect_kind", "$ref"}:
            raise ValueError(f"{text!r} is resolved by the server; parameters are plain values")
    return parameters


def _texts(node: object) -> list[str]:
    if isinstance(node, str):
        return [node]
    if isinstance(node, dict):
        return [text for pair in node.items() for part in pair for text in _texts(part)]
    if isinstance(node, list | tuple):
        return [text for part in node for text in _texts(part)]
    return []


Parameters = Annotated[Json, AfterValidator(_without_templates)]


def _known_zone(zone: str) -> str:
    if zone not in available_timezones():
        raise ValueError(f"{zone!r} is no time zone; write it as Europe/Berlin or UTC")
    return zone


class Schedule(Value):
    """When a deployment runs by itself."""

    slug: str = Field(pattern=NAME)
    cron: str = ""
    """Minute, hour, day of month, month, day of week."""
    every_minutes: int = Field(default=0, ge=0)
    rrule: str = ""
    """As in RFC 5545."""
    zone: Annotated[str, AfterValidator(_known_zone)]
    """Time zone by its IANA name: when it is 3 o'clock there, whatever the season."""
    active: bool = True
    parameters: Parameters = Field(default_factory=dict)

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if sum((bool(self.cron), bool(self.every_minutes), bool(self.rrule))) != 1:
            raise ValueError("say when by one of cron, every_minutes and rrule")
        try:
            self.for_prefect()
        except ValidationError as error:
            told = error.errors()[0]["msg"].removeprefix("Value error, ")
            raise ValueError(f"{self.cron or self.rrule!r} says no times: {told}") from None
        return self

    def for_prefect(self) -> Json:
        """Return it as the server keeps it."""
        made: CronSchedule | IntervalSchedule | RRuleSchedule
        if self.cron:
            made = CronSchedule(cron=self.cron, timezone=self.zone)
        elif self.rrule:
            made = RRuleSchedule(rrule=self.rrule, timezone=self.zone)
        else:
            span = timedelta(minutes=self.every_minutes)
            made = IntervalSchedule(interval=span, anchor_date=_ANCHOR, timezone=self.zone)
        return made.model_dump(mode="json")


class Deployment(Value):
    """A workflow as it can be run: with these parameters, at these times, on this event."""

    flow: str = Field(pattern=FLOW)
    """Name of the flow's file and function."""
    name: str = Field(pattern=NAME)
    description: str = Field(min_length=1)
    tags: tuple[str, ...] = ()
    parameters: Parameters = Field(default_factory=dict)
    limit: int | None = Field(default=None, ge=1)
    """How many of its runs there are at once."""
    shared_limit: str = ""
    """Name of a limit that it shares with other deployments, instead of one of its own."""
    when_full: Literal["ENQUEUE", "CANCEL_NEW"] = "ENQUEUE"
    schedules: tuple[Schedule, ...] = ()
    on: str = Field(default="", pattern=rf"^$|{EVENT}")
    """Event that starts it, with the event's id as its parameter `event_id` and nothing else of it."""
    pool: str = ""
    queue: str = "default"
    job_variables: Parameters = Field(default_factory=dict)
    blocks: tuple[Annotated[str, Field(pattern=BLOCK)], ...] = ()
    """Blocks that must be there, by type and name; the profile of its request is one by itself."""

    @property
    def full_name(self) -> str:
        """The name that Prefect knows it by."""
        return f"{self.flow.replace('_', '-')}/{self.name}"

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        if self.limit and self.shared_limit:
            raise ValueError("a deployment has a limit of its own or a shared one, not both")
        slugs = [one.slug for one in self.schedules]
        if len(set(slugs)) < len(slugs):
            raise ValueError("two schedules have the same slug")
        return self


class Pool(Value):
    """Where runs happen."""

    name: str = Field(pattern=NAME)
    type: Literal["process", "docker", "kubernetes"]
    description: str = ""
    template: str = Field(pattern=r"^pools/[a-z0-9-]+\.json$")
    """File of the base job template."""
    limit: int | None = Field(default=None, ge=1)
    default: bool = False
    """Whether deployments that name no pool run here."""


class Limit(Value):
    """How many runs of several deployments there are at once."""

    name: str = Field(pattern=NAME)
    limit: int = Field(ge=1)


class Variable(Value):
    """A value that people may look up and change on the server."""

    name: str = Field(pattern=r"^[a-z0-9_]+$", max_length=255)
    value: Any = None


class RunAction(Value):
    """Run a deployment."""

    do: Literal["run"]
    deployment: str = Field(pattern=DEPLOYMENT)
    parameters: Parameters = Field(default_factory=dict)
    after_minutes: int = Field(default=0, ge=0)


class StateAction(Value):
    """Change the state of the flow run that the event is about."""

    do: Literal["change-state"]
    state: Literal["CRASHED", "FAILED", "CANCELLED"]
    name: str
    message: str


class NotifyAction(Value):
    """Tell people through a notification block of Prefect's."""

    do: Literal["notify"]
    block: str = Field(pattern=BLOCK)
    subject: str
    body: str


Action = Annotated[RunAction | StateAction | NotifyAction, Field(discriminator="do")]


class Trigger(Value):
    """What an automation waits for."""

    posture: Literal["Reactive", "Proactive"] = "Reactive"
    after: tuple[str, ...] = ()
    expect: tuple[str, ...]
    match: dict[str, str | list[str]] = Field(default_factory=dict)
    match_related: dict[str, str | list[str]] = Field(default_factory=dict)
    for_each: tuple[str, ...] = ()
    threshold: int = Field(default=1, ge=1)
    within_seconds: int = Field(default=0, ge=0)

    @property
    def within(self) -> timedelta:
        """The span in which it is expected."""
        return timedelta(seconds=self.within_seconds)


class Automation(Value):
    """What happens by itself when something else does, or does not."""

    name: str = Field(pattern=NAME)
    description: str = Field(min_length=1)
    trigger: Trigger
    actions: tuple[Action, ...] = Field(min_length=1)
    enabled: bool = True


class Documents(Value):
    """All that a server is to hold."""

    pools: tuple[Pool, ...] = ()
    limits: tuple[Limit, ...] = ()
    variables: tuple[Variable, ...] = ()
    deployments: tuple[Deployment, ...] = ()
    automations: tuple[Automation, ...] = ()
