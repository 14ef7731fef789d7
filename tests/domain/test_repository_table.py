import pytest
from pydantic import ValidationError

from mergewright.domain.repository_table import (
    RepositoryPlace,
    RepositoryRow,
    check_rows,
    place_of,
)
from mergewright.domain.ticket import Ticket
from mergewright.errors import SettingInvalid

ANY = RepositoryRow(repository="all.git")
SHOP = RepositoryRow(repository="shop.git", base="develop", project="SHOP")
WEB = RepositoryRow(repository="web.git", project="shop", component="Web")
ANY_WEB = RepositoryRow(repository="any-web.git", component="web")
URGENT = RepositoryRow(repository="fixes.git", base="release", project="SHOP", labels=("Urgent",))
TABLE = (ANY, SHOP, WEB, ANY_WEB, URGENT)


def ticket(key="SHOP-7", **about):
    return Ticket(key=key, title="T", description="D", **about)


@pytest.mark.parametrize(
    ("asked", "repository", "base"),
    [
        (ticket("OTHER-1"), "all.git", ""),
        (ticket("shop-2"), "shop.git", "develop"),
        (ticket(components=("web",)), "web.git", ""),
        (ticket("OTHER-1", components=("WEB",)), "any-web.git", ""),
        (ticket(labels=("urgent", "x")), "fixes.git", "release"),
        (ticket(labels=("urgent",), components=("web",)), "web.git", ""),
        (ticket("SHOPS-1"), "all.git", ""),
    ],
)
def test_the_row_that_says_most_wins(asked, repository, base):
    assert place_of(asked, TABLE) == RepositoryPlace(repository=repository, base=base)
    assert place_of(asked, TABLE[::-1]).repository == repository


def test_rows_that_say_as_much_are_not_chosen_between():
    api = RepositoryRow(repository="api.git", project="SHOP", component="api")
    with pytest.raises(SettingInvalid, match=r"2 rows.*'Web': web\.git.*'api': api\.git"):
        place_of(ticket(components=("web", "api")), (*TABLE, api))


def test_rows_that_say_as_much_may_lead_to_the_same_place():
    api = RepositoryRow(repository="web.git", project="SHOP", component="api")
    assert place_of(ticket(components=("web", "api")), (*TABLE, api)).repository == "web.git"


@pytest.mark.parametrize(("rows", "told"), [((SHOP,), "no row.*component 'web'"), ((), "is empty")])
def test_a_ticket_that_fits_no_row(rows, told):
    with pytest.raises(SettingInvalid, match=told):
        place_of(ticket("OTHER-1", components=("web",)), rows)


def test_two_rows_that_say_the_same():
    check_rows(TABLE)
    check_rows((*TABLE, WEB))
    with pytest.raises(SettingInvalid, match=r"web\.git.*other\.git"):
        check_rows((*TABLE, RepositoryRow(repository="other.git", project="Shop", component="WEB")))


@pytest.mark.parametrize(
    "about",
    [
        {"repository": "https://me:secret@example.org/x.git"},
        {"repository": "https://token@example.org/x.git"},
        {"repository": "ssh://git:pw@example.org/x.git"},
        {"repository": " "},
        {"repository": "x", "base": "-f"},
        {"repository": "x", "base": "a b"},
        {"repository": "x", "project": "../x"},
    ],
)
def test_a_row_that_is_none(about):
    with pytest.raises(ValidationError):
        RepositoryRow(**about)


def test_an_address_of_ssh_may_name_its_user():
    assert RepositoryRow(repository="ssh://git@example.org/x.git").repository
    assert RepositoryRow(repository="git@example.org:x.git").repository
