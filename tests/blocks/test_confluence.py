"""The Confluence block: what it connects to, and what it says of it."""

import pytest
from pydantic import ValidationError

from blocks.confluence import ConfluenceSpace
from blocks.credentials import AtlassianCredentials
from mergewright.domain.page import PageDraft
from mergewright.errors import AccessDenied, NotFound
from tests.clients.confluence_server import BOT, TOKEN, USER, ConfluenceServer

pytestmark = pytest.mark.engine


@pytest.fixture
def server():
    server = ConfluenceServer()
    yield server
    server.close()


def space_of(server, **fields):
    credentials = AtlassianCredentials(url=server.url, username=USER, token=TOKEN)
    return ConfluenceSpace(**{"credentials": credentials, "space": "ENG", **fields})


def test_the_fields_reach_the_pages(server):
    block = space_of(
        server,
        parent=["Deliveries"],
        labels=["delivery"],
        viewers=["group:team"],
        template="{{ body }}\n\n## Contact",
    )
    block.connect().publish(PageDraft(space="deliveries", slug="a-1", title="A-1", body="Text."))
    page = server.titled("A-1")
    assert page.parent == server.titled("Deliveries").id
    assert "delivery" in page.labels
    assert page.now.storage.endswith("<p>Text.</p><h2>Contact</h2>")
    viewers = page.restrictions["read"]["restrictions"]["user"]["results"]
    assert [one["accountId"] for one in viewers] == [BOT[0]]


def test_who_one_is_and_what_is_missing(server):
    assert space_of(server).check().account == "Bot"
    with pytest.raises(NotFound, match="'OPS'"):
        space_of(server, space="OPS").check()
    server.may_create = False
    with pytest.raises(AccessDenied, match="add pages"):
        space_of(server).check()


def test_the_same_credentials_still_open_jira(server):
    credentials = space_of(server).credentials
    assert type(credentials.get_client()).__name__ == "JiraCloud"


def test_no_token_is_shown(server):
    block = space_of(server)
    for text in (repr(block), str(block.model_dump()), block.model_dump_json()):
        assert TOKEN not in text


@pytest.mark.parametrize("key", ["", "a b", "../x"])
def test_a_key_that_is_none_is_refused(server, key):
    with pytest.raises(ValidationError):
        space_of(server, space=key)
