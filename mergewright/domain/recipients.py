"""Who is told of what, by which channel, now or later: pure, the caller keeps what is due later.

A person is told once, whatever number of groups they are in. Quiet hours put a message off to their
end; a daily digest puts it off to its hour, unless somebody waits for the reader (`URGENT`).
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AwareDatetime, Field, field_validator, model_validator

from mergewright.domain.notice import NoticeEvent
from mergewright.domain.value import Value

URGENT = frozenset(
    {
        NoticeEvent.APPROVAL_WANTED,
        NoticeEvent.COST_ALARM,
        NoticeEvent.FAILED,
        NoticeEvent.ON_CALL,
    }
)
"""What loses its use while a digest is waited for."""


class Channel(StrEnum):
    """By what a person wants to be told."""

    SLACK = "slack"
    MAIL = "mail"
    NONE = "none"


class QuietHours(Value):
    """When a person is not disturbed, on each day, by their own clock; may pass midnight."""

    start: time
    end: time
    """The first minute that is not quiet any more."""

    @field_validator("start", "end")
    @classmethod
    def _whole_minutes_of_a_clock(cls, value: time) -> time:
        if value.tzinfo is not None or value.second or value.microsecond:
            raise ValueError("give hours and minutes, as 22:00; the zone is the person's")
        return value

    @model_validator(mode="after")
    def _not_always(self) -> Self:
        if self.start == self.end:
            raise ValueError("quiet hours that end when they start would never end")
        return self

    def holds(self, clock: time) -> bool:
        """Whether it is quiet at this time of the person's clock."""
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end


class Preferences(Value):
    """How a person wants to be told."""

    channel: Channel = Channel.MAIL
    events: frozenset[NoticeEvent] | None = None
    """What they want to hear of; None is everything."""
    quiet: QuietHours | None = None
    digest_at: time | None = None
    """When they want one message a day with all that is not urgent; None is at once."""
    zone: str = "UTC"
    """Name of their time zone, as `Europe/Berlin`."""

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is no time zone, as Europe/Berlin is") from error
        return value

    @field_validator("digest_at")
    @classmethod
    def _clock(cls, value: time | None) -> time | None:
        if value is not None and value.tzinfo is not None:
            raise ValueError("give hours and minutes; the zone is the person's")
        return value


class Person(Value):
    """Somebody who can be told."""

    name: str = Field(min_length=1, max_length=200)
    """By which groups and callers name them; the account in the tracker, or any other."""
    mail: str = ""
    slack: str = ""
    """Slack's id of the person."""
    preferences: Preferences = Preferences()

    @property
    def address(self) -> str:
        """Where the channel that they chose reaches them; empty when it cannot."""
        return {Channel.MAIL: self.mail, Channel.SLACK: self.slack}.get(
            self.preferences.channel, ""
        )


class Group(Value):
    """People who are told together."""

    name: str = Field(min_length=1, max_length=200)
    members: tuple[str, ...]
    """Names of people."""


class Directory(Value):
    """Everybody whom a team's runs may tell."""

    people: tuple[Person, ...] = ()
    groups: tuple[Group, ...] = ()

    @model_validator(mode="after")
    def _one_meaning_per_name(self) -> Self:
        names = [person.name.casefold() for person in self.people]
        names += [group.name.casefold() for group in self.groups]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"more than one person or group is called {twice[0]!r}")
        return self


class Telling(Value):
    """One person to tell."""

    person: str
    channel: Channel
    address: str
    due_at: AwareDatetime
    put_off: Literal["", "quiet hours", "digest"] = ""
    """Why it is not now."""


class Untold(Value):
    """Somebody who is not told, and why."""

    name: str
    reason: Literal["unknown", "wants no messages", "does not want this event", "no address"]


class Audience(Value):
    """Who is told of an event."""

    now: tuple[Telling, ...] = ()
    later: tuple[Telling, ...] = ()
    """To be kept by the caller until they are due."""
    untold: tuple[Untold, ...] = ()


def audience(
    directory: Directory, names: Iterable[str], *, event: NoticeEvent | None, at: datetime
) -> Audience:
    """Return who is told of an event, when and by what.

    Args:
        directory: People and groups.
        names: Names or mail addresses of people, names of groups; case does not matter.
        event: What happened; None is told to everybody who wants any message.
        at: Now, aware.
    """
    tellings: dict[tuple[Channel, str], Telling] = {}
    untold: dict[str, Untold] = {}
    for name, person in _people(directory, names):
        reason = "unknown" if person is None else _reason(person, event)
        if person is None or reason:
            untold.setdefault(
                name.casefold(), Untold.model_validate({"name": name, "reason": reason})
            )
            continue
        telling = _telling(person, event, at)
        tellings.setdefault((telling.channel, telling.address.casefold()), telling)
    return Audience(
        now=tuple(one for one in tellings.values() if not one.put_off),
        later=tuple(one for one in tellings.values() if one.put_off),
        untold=tuple(untold.values()),
    )


def _people(directory: Directory, names: Iterable[str]) -> Iterator[tuple[str, Person | None]]:
    """Yield each person once, in the order in which they are named."""
    groups = {group.name.casefold(): group.members for group in directory.groups}
    people = {person.mail.casefold(): person for person in directory.people if person.mail}
    people |= {person.name.casefold(): person for person in directory.people}
    seen: set[str] = set()
    for named in names:
        for name in groups.get(named.casefold(), (named,)):
            person = people.get(name.casefold())
            key = person.name if person else name
            if key.casefold() not in seen:
                seen.add(key.casefold())
                yield key, person


def _reason(person: Person, event: NoticeEvent | None) -> str:
    preferences = person.preferences
    if preferences.channel is Channel.NONE:
        return "wants no messages"
    if event and preferences.events is not None and event not in preferences.events:
        return "does not want this event"
    return "" if person.address else "no address"


def _telling(person: Person, event: NoticeEvent | None, at: datetime) -> Telling:
    due_at, put_off = _due(person.preferences, event, at.astimezone(UTC))
    return Telling.model_validate(
        {
            "person": person.name,
            "channel": person.preferences.channel,
            "address": person.address,
            "due_at": due_at,
            "put_off": put_off,
        }
    )


def _due(preferences: Preferences, event: NoticeEvent | None, at: datetime) -> tuple[datetime, str]:
    zone = ZoneInfo(preferences.zone)
    put_off = ""
    if preferences.digest_at is not None and event not in URGENT:
        at, put_off = _next(preferences.digest_at, at, zone), "digest"
    quiet = preferences.quiet
    if quiet and quiet.holds(at.astimezone(zone).time()):
        at, put_off = _next(quiet.end, at, zone), put_off or "quiet hours"
    return at, put_off


def _next(clock: time, at: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant after `at` when the clock shows this.

    On the day when clocks are put back it may show it twice; on the day when they are put forward
    it may never, and the same span later counts (PEP 495).
    """
    today = at.astimezone(zone).date()
    instants = []
    for days in range(3):
        first = datetime.combine(today + timedelta(days=days), clock, zone)
        again = first.replace(fold=1).astimezone(UTC)
        shown = again.astimezone(zone).replace(tzinfo=None) == first.replace(tzinfo=None)
        instants += [first.astimezone(UTC), *([again] if shown else [])]
    return min(instant for instant in instants if instant > at)
