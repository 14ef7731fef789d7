"""A message to people."""

from enum import StrEnum
from typing import Literal

from pydantic import Field

from mergewright.domain.approval_action import ApprovalQuestion
from mergewright.domain.value import Value


class NoticeEvent(StrEnum):
    """What happened that people are told of."""

    STARTED = "started"
    APPROVAL_WANTED = "approval wanted"
    PULL_REQUEST_OPENED = "pull request opened"
    FAILED = "failed"
    COST_ALARM = "cost alarm"
    DELIVERED = "delivered"
    NOT_READY = "not ready"
    REHEARSED = "rehearsed"
    UNDONE = "undone"
    ON_CALL = "on call"
    """Something is mended that is released: people on call are told at once."""


class NoticePolicy(Value):
    """Of what people are told, and who."""

    events: frozenset[NoticeEvent] = frozenset(
        {
            NoticeEvent.APPROVAL_WANTED,
            NoticeEvent.COST_ALARM,
            NoticeEvent.DELIVERED,
            NoticeEvent.FAILED,
            NoticeEvent.NOT_READY,
            NoticeEvent.ON_CALL,
            NoticeEvent.PULL_REQUEST_OPENED,
            NoticeEvent.REHEARSED,
            NoticeEvent.UNDONE,
        }
    )
    """What people are told of. With `started`, the run's first message shows how far it is."""
    cost_alarm_share: float = Field(default=0.8, gt=0, le=1)
    """Part of a run's budget at which people are told what it has spent."""
    people: tuple[str, ...] = ()
    """Names of people and groups of the directory who are told besides the channels."""


class NoticeDetail(Value):
    """A name and what it is, as `Branch: main`; both plain text."""

    name: str
    value: str


class NoticeLink(Value):
    """Where a reader may go."""

    label: str
    """Plain text."""
    url: str


class NoticeFile(Value):
    """A text that goes with a message where the medium can carry files."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")
    media_type: str = Field(default="text/plain", pattern=r"^text/[a-z0-9.+-]+$")
    text: str


class Notice(Value):
    """What to tell, in a form that every messenger can show."""

    subject: str
    body: str
    """Markdown."""
    url: str = ""
    """Where to read on."""
    url_label: str = "Read on"
    """What is there, as `Ticket`; plain text."""
    level: Literal["information", "warning"] = "information"
    event: NoticeEvent | None = None
    """What happened; None when it is none of the events that people choose from."""
    run_id: str = ""
    details: tuple[NoticeDetail, ...] = ()
    """What a reader sees at a glance."""
    links: tuple[NoticeLink, ...] = ()
    """Further places than `url`."""
    people: tuple[str, ...] = ()
    """Whom it concerns, by mail address or by name in the tracker."""
    approval: ApprovalQuestion | None = None
    """What a reader may decide, where the medium can carry an answer."""
    files: tuple[NoticeFile, ...] = ()
