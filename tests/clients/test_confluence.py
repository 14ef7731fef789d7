"""The wiki against a Confluence on loopback, as Cloud and as Server."""

import pytest

from mergewright.clients.confluence import ConfluenceWiki
from mergewright.clients.confluence_api import open_confluence
from mergewright.clients.confluence_texts import MAX_TITLE_CHARACTERS
from mergewright.clients.storage_format_reading import to_markdown
from mergewright.domain.page import PageDraft, PageOrigin
from mergewright.errors import AccessDenied, NotFound, Rejected, ServiceUnavailable
from tests.clients.confluence_server import TOKEN, USER, ConfluenceServer
from tests.clients.loopback import Answer

TITLE = "SHOP-7: Lost parcels"
BODY = "Parcels are found.\n\n## Why\n\nThey were lost.\n\n## How\n\nBy `looking`.\n"
ORIGIN = PageOrigin(run_url="https://x.example/runs/1", pull_request_url="https://x.example/pr/2")


@pytest.fixture(params=[True, False], ids=["cloud", "server"])
def server(request):
    server = ConfluenceServer(cloud=request.param)
    yield server
    server.close()


def wiki_of(server, **options):
    client = open_confluence(
        server.url, TOKEN, username=USER if server.cloud else "", cloud=server.cloud
    )
    return ConfluenceWiki(client, **{"space": "ENG", **options})


def draft(body=BODY, **changes):
    fields = {"space": "deliveries", "slug": "shop-7", "title": TITLE, "body": body}
    return PageDraft.model_validate(fields | {"origin": ORIGIN} | changes)


def written(server):
    """Requests that change a page."""
    return [
        (one.method, one.path) for one in server.requests if one.method in {"POST", "PUT", "DELETE"}
    ]


def text_of(page):
    return to_markdown(page.now.storage)


def test_a_page_is_made_with_a_note_of_what_made_it(server):
    page, found = wiki_of(server).publish(draft())
    stored = server.titled(TITLE)
    assert (page.title, page.version, page.id, found) == (TITLE, 1, stored.id, False)
    assert page.url.startswith(server.url)
    shown = text_of(stored)
    assert "[run](https://x.example/runs/1), [pull request](https://x.example/pr/2)" in shown
    assert shown.endswith(BODY.strip())


def test_the_same_body_makes_no_new_version(server):
    first, _ = wiki_of(server).publish(draft())
    asked = len(written(server))
    later = draft(origin=PageOrigin(run_url="https://x.example/runs/2"))
    assert wiki_of(server).publish(later) == (first, True)
    assert len(written(server)) == asked
    second, found = wiki_of(server).publish(draft(BODY.replace("lost", "misplaced")))
    assert (second.version, second.id, found) == (2, first.id, False)
    assert wiki_of(server).publish(draft()).value.version == 3


def test_a_page_whose_title_changed_is_found_by_its_marker(server):
    first, _ = wiki_of(server).publish(draft())
    renamed, found = wiki_of(server).publish(draft(title="SHOP-7: Found parcels"))
    assert (renamed.id, renamed.version, found) == (first.id, 2, False)
    assert server.titled(TITLE) is None


def test_a_page_of_others_with_the_same_title_is_left_alone(server):
    page = server.add_page(TITLE)
    for act in (wiki_of(server).publish, wiki_of(server).page):
        with pytest.raises(Rejected, match="not ours") as caught:
            act(draft())
        assert page.id in caught.value.hint
    assert written(server) == []


def test_words_that_look_like_our_marker_do_not_make_a_page_ours(server):
    wiki_of(server).publish(draft())
    name = next(one for one in server.titled(TITLE).labels if one.startswith("mergewright-"))
    server.pages.clear()
    title = f'<ac:parameter ac:name="title">{name}</ac:parameter>'
    body = f'<p>{name}</p><ac:structured-macro ac:name="info">{title}</ac:structured-macro>'
    server.add_page(TITLE, body)
    with pytest.raises(Rejected, match="not ours"):
        wiki_of(server).publish(draft())


def test_pages_above_are_made_where_they_are_missing(server):
    top = server.add_page("Team")
    wiki = wiki_of(server, parent=("Team", "Deliveries"))
    wiki.publish(draft(parent=("2026",)))
    year, deliveries = server.titled("2026"), server.titled("Deliveries")
    assert [server.titled(TITLE).parent, year.parent] == [year.id, deliveries.id]
    assert deliveries.parent == top.id
    assert 'ac:name="children"' in year.now.storage
    count = len(server.pages)
    wiki.publish(draft(slug="shop-8", title="SHOP-8", parent=("2026",)))
    assert len(server.pages) == count + 1


def test_a_template_is_around_the_text(server):
    wiki = wiki_of(server, template="# Delivery\n\n{{ body }}\n\n## Contact\n\nThe team.")
    wiki.publish(draft("Text."))
    assert text_of(server.titled(TITLE)).endswith("# Delivery\n\nText.\n\n## Contact\n\nThe team.")
    assert wiki.publish(draft("Text.")).found


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"title": "x" * (MAX_TITLE_CHARACTERS + 1)}, "256 characters"),
        ({"title": " "}, "empty"),
        ({"title": "a\u202eb"}, "not seen"),
        ({"parent": ("",)}, "empty"),
        ({"parent": (TITLE,)}, "below itself"),
        ({"labels": ("a,b",)}, "'a,b'"),
        ({"page_id": "../1"}, r"'\.\./1'"),
    ],
)
def test_what_cannot_be_a_page_is_refused_before_anything_is_sent(server, changes, says):
    with pytest.raises(Rejected, match=says) as caught:
        wiki_of(server).publish(draft(**changes))
    assert caught.value.hint
    assert server.requests == []


@pytest.mark.parametrize("key", ["../x", "a b", "", "x/y"])
def test_a_key_that_is_none(server, key):
    with pytest.raises(Rejected, match="key of a space"):
        wiki_of(server, space="").publish(draft(space=key))
    assert server.requests == []


def test_a_space_that_is_not_there(server):
    with pytest.raises(NotFound, match="'OPS'"):
        wiki_of(server, space="OPS").publish(draft())
    assert written(server) == []


def test_a_space_without_permission(server):
    server.may_create = False
    with pytest.raises(AccessDenied):
        wiki_of(server, parent=("Deliveries",)).publish(draft())
    assert server.pages == {}
    if server.cloud:
        assert written(server) == []


def test_who_we_are_and_what_is_missing(server):
    found = wiki_of(server).check()
    assert (found.account.partition(" (")[0], found.place) == ("Bot", "ENG")
    if server.cloud:
        assert found.missing == (
            "add attachments: pictures and files are refused",
            "delete pages: an undone page stays",
        )
    with pytest.raises(NotFound, match="'OPS'"):
        wiki_of(server, space="OPS").check()
    server.may_create = False
    if server.cloud:
        with pytest.raises(AccessDenied, match="add pages to the space 'ENG'"):
            wiki_of(server).check()
    assert written(server) == []


def test_an_id_that_is_not_there(server):
    with pytest.raises(NotFound, match="'77'"):
        wiki_of(server).publish(draft(page_id="77"))


def test_an_answer_that_was_lost_leaves_one_page(server):
    wiki = wiki_of(server)
    wiki.page(draft())
    looked = len(server.requests)
    server.faults = [None] * looked + [Answer(drop=True, acts=True)]
    with pytest.raises(ServiceUnavailable):
        wiki.publish(draft())
    assert server.titled(TITLE).properties == {}
    page, found = wiki.publish(draft())
    assert (page.version, found, len(server.pages)) == (1, True, 1)
    server.edit(server.titled(TITLE), "They were lost.", "Ada knows.")
    assert wiki.publish(draft()).value.version == 2


def test_a_change_whose_answer_was_lost_is_made_once(server):
    wiki = wiki_of(server)
    wiki.publish(draft())
    asked = len(server.requests)
    wiki.publish(draft("Other."))
    place = next(
        number
        for number, one in enumerate(server.requests[asked:])
        if one.method == "PUT" and "propert" not in one.path
    )
    server.faults = [None] * place + [Answer(drop=True, acts=True)]
    page, _ = wiki.publish(draft("Third."))
    assert (page.version, len(server.titled(TITLE).versions)) == (3, 3)
