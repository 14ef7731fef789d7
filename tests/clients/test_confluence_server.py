"""What a Confluence of one's own tells of our rights before anything is written."""

import pytest

from mergewright.domain.access import Access
from mergewright.errors import AccessDenied
from tests.clients.confluence_server import ConfluenceServer
from tests.clients.test_confluence import draft, wiki_of, written


@pytest.fixture
def server():
    server = ConfluenceServer(cloud=False)
    server.home = server.add_page("Engineering")
    yield server
    server.close()


def test_who_may_change_the_home_page_may_add_pages(server):
    server.home_operations = ["read", "update", "delete"]
    assert wiki_of(server).check() == Access(account="Bot", place="ENG")


def test_who_may_only_read_it_is_warned(server):
    server.home_operations = ["read"]
    found = wiki_of(server).check()
    assert (found.account, found.place) == ("Bot", "ENG")
    (missing,) = found.missing
    assert "add pages" in missing
    assert "'Engineering'" in missing


@pytest.mark.parametrize("operations", [None, [], ["use"]])
def test_what_it_does_not_tell_is_said(server, operations):
    server.home_operations = operations
    found = wiki_of(server).check()
    assert found.account == "Bot (this Confluence does not tell rights: the first page shows them)"
    assert found.missing == ()
    server.may_create = False
    with pytest.raises(AccessDenied, match="not permitted to create"):
        wiki_of(server).publish(draft())
    assert [verb for verb, _ in written(server)] == ["POST"]


def test_a_space_without_a_home_page_tells_nothing(server):
    server.home = None
    server.home_operations = ["read"]
    found = wiki_of(server).check()
    assert "does not tell" in found.account
    assert found.missing == ()
