"""Who somebody is, at whichever door."""

import pytest

from mergewright.domain.approval_identity import (
    Identity,
    named_people,
    read_identity,
    whole_identity,
)
from mergewright.domain.recipients import Directory, Group, Person

DIRECTORY = Directory(
    people=(
        Person(name="Ada Moreau", mail="ada@example.org", slack="U0ADA"),
        Person(name="Bo Lind", mail="bo@example.org"),
    ),
    groups=(Group(name="on-call", members=("Ada Moreau", "Bo Lind", "cy@example.org")),),
)


@pytest.mark.parametrize(
    ("text", "identity"),
    [
        ("Ada Moreau <ada@example.org>", Identity(name="Ada Moreau", mail="ada@example.org")),
        ("<ada@example.org>", Identity(mail="ada@example.org")),
        (" ada@example.org ", Identity(mail="ada@example.org")),
        ("Ada  Moreau", Identity(name="Ada Moreau")),
        ("", Identity()),
    ],
)
def test_a_person_is_read_from_what_they_write(text, identity):
    assert read_identity(text) == identity


def test_one_person_is_known_at_every_door():
    ada = whole_identity(DIRECTORY, read_identity("ADA@example.org"))
    assert ada.is_same(Identity(accounts=("U0ADA",)))
    assert ada.is_same(Identity(name="ada  moreau"))
    assert not ada.is_same(Identity(name="Ada"))
    assert not Identity().is_same(Identity())
    assert not Identity().is_known


def test_names_mean_people_members_of_groups_and_strangers_each_once():
    people = named_people(DIRECTORY, ("On-Call", "ada@example.org", "zoe"))
    assert [one.label for one in people] == [
        "Ada Moreau <ada@example.org>", "Bo Lind <bo@example.org>", "cy@example.org", "zoe",
    ]  # fmt: skip
    assert people[-1].is_same(Identity(accounts=("ZOE",)))
