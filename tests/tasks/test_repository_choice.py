"""A request that names no repository gets the one that its profile's table has for the ticket."""

import pytest

from blocks.profile import DeliveryProfile
from mergewright.domain.hotfix_request import HotfixRequest
from mergewright.domain.repository_table import RepositoryRow
from mergewright.domain.requests import StandardDevRequest
from mergewright.errors import SettingInvalid
from tasks.repository_choice import with_repository

pytestmark = pytest.mark.engine


@pytest.fixture
def ticket(home):
    path = home / "SHOP-7.md"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("---\nkey: SHOP-7\ntitle: Sums are wrong\nlabels: [web]\n---\nThey are.\n")
    return str(path)


def test_the_table_names_repository_and_base(engine, ticket):
    rows = (
        RepositoryRow(repository="https://git.example.org/shop", project="SHOP", base="develop"),
        RepositoryRow(repository="https://git.example.org/web", labels=("web",)),
    )
    DeliveryProfile(repositories=rows[:1]).save("shop-table", overwrite=True)
    chosen = with_repository(StandardDevRequest(ticket=ticket, profile="shop-table"))
    assert (chosen.repository, chosen.base) == ("https://git.example.org/shop", "develop")
    own = with_repository(StandardDevRequest(ticket=ticket, profile="shop-table", base="next"))
    assert own.base == "next"
    fix = with_repository(HotfixRequest(ticket=ticket, profile="shop-table"))
    assert (fix.base, fix.main) == ("", "develop"), "the table names no release"
    named = HotfixRequest(ticket=ticket, profile="shop-table", base="main", main="trunk")
    assert with_repository(named).model_dump(include={"base", "main"}) == {
        "base": "main",
        "main": "trunk",
    }
    DeliveryProfile(repositories=rows).save("shop-table", overwrite=True)
    chosen = with_repository(StandardDevRequest(ticket=ticket, profile="shop-table"))
    assert (chosen.repository, chosen.base) == ("https://git.example.org/web", "main")


def test_a_named_repository_is_left_alone_and_without_a_table_one_is_asked_for(engine, ticket):
    request = StandardDevRequest(ticket=ticket, repository="/src/shop")
    assert with_repository(request) is request
    with pytest.raises(SettingInvalid, match=r"SHOP-7.*The table is empty") as refused:
        with_repository(StandardDevRequest(ticket=ticket))
    assert "Name the repository" in refused.value.hint
