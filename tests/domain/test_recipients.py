"""Who is told: once each, by what they chose, never in their quiet hours."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mergewright.domain.notice import NoticeEvent
from mergewright.domain.recipients import (
    URGENT,
    Channel,
    Directory,
    Group,
    Person,
    Preferences,
    QuietHours,
    audience,
)

NIGHT = QuietHours(start=time(22), end=time(7))
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 5, 4, 0, tzinfo=UTC)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")


def person(name, **preferences):
    return Person(
        name=name,
        mail=f"{name}@example.org",
        slack=f"U{name.upper()}",
        preferences=Preferences(**preferences),
    )


def told(directory, *names, event=NoticeEvent.STARTED, at=NOON):
    return audience(directory, names, event=event, at=at)


ADA, BOB = person("ada"), person("bob", channel="slack")
TEAM = Directory(
    people=(ADA, BOB),
    groups=(Group(name="shop", members=("ada", "bob")), Group(name="on call", members=("bob",))),
)


def test_who_is_in_two_groups_and_named_is_told_once():
    found = told(TEAM, "shop", "on call", "ADA@example.org", "Bob")
    assert [(one.person, one.channel, one.address) for one in found.now] == [
        ("ada", Channel.MAIL, "ada@example.org"),
        ("bob", Channel.SLACK, "UBOB"),
    ]
    assert (found.later, found.untold) == ((), ())
    assert all(one.due_at == NOON for one in found.now)


def test_two_entries_with_one_address_are_told_once():
    twin = ADA.model_copy(update={"name": "ada (bot)", "mail": "Ada@Example.org"})
    assert len(told(Directory(people=(ADA, twin)), "ada", "ada (bot)").now) == 1


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (person("x", channel="none"), "wants no messages"),
        (person("x", events={NoticeEvent.FAILED}), "does not want this event"),
        (person("x").model_copy(update={"mail": ""}), "no address"),
        (person("other"), "unknown"),
    ],
)
def test_who_is_not_told_is_named_with_the_reason(one, reason):
    found = told(Directory(people=(one,)), "x", "X")
    assert [(untold.name.lower(), untold.reason) for untold in found.untold] == [("x", reason)]
    assert (found.now, found.later) == ((), ())


@pytest.mark.parametrize(
    ("preferences", "event", "due", "why"),
    [
        ({"quiet": NIGHT}, "started", datetime(2026, 5, 4, 7, tzinfo=UTC), "quiet hours"),
        ({"quiet": NIGHT}, "failed", datetime(2026, 5, 4, 7, tzinfo=UTC), "quiet hours"),
        (
            {"quiet": NIGHT, "zone": "Europe/Berlin"},
            "started",
            datetime(2026, 5, 4, 5, tzinfo=UTC),
            "quiet hours",
        ),
        ({"quiet": NIGHT, "zone": "Asia/Kolkata"}, "started", None, "quiet hours"),
        ({"quiet": NIGHT, "zone": "Asia/Tokyo"}, "started", MIDNIGHT, ""),
        ({"digest_at": time(17)}, "delivered", datetime(2026, 5, 4, 17, tzinfo=UTC), "digest"),
        ({"digest_at": time(0)}, "delivered", datetime(2026, 5, 5, 0, tzinfo=UTC), "digest"),
        ({"digest_at": time(17)}, "approval wanted", MIDNIGHT, ""),
        (
            {"digest_at": time(6), "quiet": NIGHT},
            "delivered",
            datetime(2026, 5, 4, 7, tzinfo=UTC),
            "digest",
        ),
    ],
)
def test_when_somebody_is_told(preferences, event, due, why):
    found = told(
        Directory(people=(person("x", **preferences),)), "x", event=NoticeEvent(event), at=MIDNIGHT
    )
    [one] = found.now + found.later
    assert one.put_off == why
    assert one.due_at == (due or datetime(2026, 5, 4, 1, 30, tzinfo=UTC))
    assert (one in found.now) == (not why)


@pytest.mark.parametrize(
    ("at", "due"),
    [
        # 02:30 does not exist on 8 March 2026 in New York: 03:30 summer time is meant.
        (datetime(2026, 3, 8, 6, 0, tzinfo=UTC), datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
        # 01:30 is there twice on 1 November 2026: once in summer time, once an hour later.
        (datetime(2026, 11, 1, 4, 0, tzinfo=UTC), datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),
        (datetime(2026, 11, 1, 6, 10, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
    ],
)
def test_days_on_which_the_clocks_are_changed(at, due):
    end = time(2, 30) if at.month == 3 else time(1, 30)
    quiet = QuietHours(start=time(22), end=end)
    one = person("x", quiet=quiet, zone="America/New_York")
    [later] = told(Directory(people=(one,)), "x", at=at).later
    assert later.due_at == due


minutes = st.builds(time, st.integers(0, 23), st.integers(0, 59))
quiets = st.builds(lambda a, b: QuietHours(start=a, end=b) if a != b else None, minutes, minutes)
preferences = st.builds(
    Preferences,
    channel=st.sampled_from(Channel),
    events=st.none() | st.frozensets(st.sampled_from(NoticeEvent)),
    quiet=st.none() | quiets,
    digest_at=st.none() | minutes,
    zone=st.sampled_from(ZONES),
)
NAMES = ("ada", "bob", "cleo", "dan")
directories = st.builds(
    lambda chosen, groups: Directory(
        people=tuple(
            Person(name=name, mail=f"{name}@x.org", slack=f"U{name}", preferences=one)
            for name, one in zip(NAMES, chosen, strict=True)
        ),
        groups=tuple(Group(name=f"g{n}", members=tuple(m)) for n, m in enumerate(groups)),
    ),
    st.lists(preferences, min_size=4, max_size=4),
    st.lists(st.lists(st.sampled_from(NAMES), max_size=6), min_size=2, max_size=2),
)
instants = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(
    directories,
    st.lists(st.sampled_from([*NAMES, "g0", "g1", "nobody"])),
    st.sampled_from(NoticeEvent),
    instants,
)
def test_everybody_named_is_told_once_or_named_as_untold(directory, names, event, at):
    found = audience(directory, names, event=event, at=at)
    members = {group.name: group.members for group in directory.groups}
    wanted = {person for name in names for person in members.get(name, (name,))}
    heard = [one.person for one in found.now + found.later]
    assert sorted([*heard, *(one.name for one in found.untold)]) == sorted(wanted)
    by_name = {one.name: one.preferences for one in directory.people}
    for one in found.now + found.later:
        chosen = by_name[one.person]
        assert one.channel is chosen.channel is not Channel.NONE
        assert chosen.events is None or event in chosen.events
        clock = one.due_at.astimezone(ZoneInfo(chosen.zone)).time()
        assert chosen.quiet is None or not chosen.quiet.holds(clock)
        assert (one.due_at > at) == bool(one.put_off)
        assert one.due_at >= at
        assert (one.due_at - at).total_seconds() <= 50 * 3600
        if chosen.digest_at is not None and event not in URGENT:
            assert one.put_off == "digest"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Preferences(zone="Mars/Olympus"),
        lambda: Preferences(zone="../../etc/passwd"),
        lambda: Preferences(zone=""),
        lambda: QuietHours(start=time(7), end=time(7)),
        lambda: QuietHours(start=time(7, tzinfo=UTC), end=time(8)),
        lambda: Preferences(digest_at=time(7, tzinfo=UTC)),
        lambda: Directory(people=(ADA,), groups=(Group(name="ADA", members=()),)),
    ],
)
def test_what_makes_no_sense_is_refused(make):
    with pytest.raises(ValidationError):
        make()
