"""Labels, attachments and restrictions of pages, on a Confluence on loopback."""

import pytest

from mergewright.domain.page import PageAccess, PageAttachment
from tests.clients.confluence_server import ADA, BOT, ConfluenceServer
from tests.clients.test_confluence import TITLE, draft, wiki_of, written


@pytest.fixture(params=[True, False], ids=["cloud", "server"])
def server(request):
    server = ConfluenceServer(cloud=request.param)
    yield server
    server.close()


def test_labels_are_added_and_none_is_taken_away(server):
    wiki = wiki_of(server, labels=("Delivery Notes",))
    wiki.publish(draft(labels=("shop",)))
    page = server.titled(TITLE)
    page.labels.append("by-hand")
    wiki.publish(draft(labels=("shop", "new")))
    own = [one for one in page.labels if not one.startswith("mergewright-")]
    assert own == ["delivery-notes", "shop", "by-hand", "new"]


def test_the_same_bytes_are_not_attached_again(server):
    picture = PageAttachment.of("flow.png", b"\x89PNG\r\n\r\n\x00", "image/png")
    wiki = wiki_of(server)
    wiki.publish(draft("![Flow](flow.png)", attachments=(picture,)))
    uploads = [path for verb, path in written(server) if path.endswith("attachment")]
    assert len(uploads) == 1
    wiki.publish(draft("![Flow](flow.png)", attachments=(picture,)))
    assert [path for verb, path in written(server) if "attachment" in path] == uploads
    wiki.publish(draft(attachments=(PageAttachment.of("flow.png", b"other"),)))
    assert [path for verb, path in written(server) if "attachment" in path][1:] == [
        f"{uploads[0]}/att9/data"
    ]
    assert 'ri:filename="flow.png"' in server.titled(TITLE).versions[0].storage


def test_restrictions_never_lock_us_out(server):
    wiki = wiki_of(server)
    access = PageAccess(viewers=("group:team", ADA[0]), editors=("group:leads",))
    wiki.publish(draft(access=access))
    page = server.titled(TITLE)
    field = "accountId" if server.cloud else "username"
    read, update = (page.restrictions[one]["restrictions"] for one in ("read", "update"))
    assert {one[field] for one in read["user"]["results"]} == {ADA[0], BOT[0]}
    assert [one["name"] for one in read["group"]["results"]] == ["team"]
    assert [one[field] for one in update["user"]["results"]] == [BOT[0]]
    assert page.private is server.cloud
    asked = len(written(server))
    wiki.publish(draft(access=access))
    assert len(written(server)) == asked


def test_restrictions_set_by_hand_stay(server):
    wiki_of(server).publish(draft())
    assert not any("restriction" in one.path for one in server.requests)
