"""Others write to our pages: merged where they wrote elsewhere, refused where they did not."""

import pytest

from mergewright.clients.storage_format_reading import to_markdown
from mergewright.domain.page import PageSection
from mergewright.errors import AccessDenied, NotFound, Rejected
from tests.clients.confluence_server import ConfluenceServer, fault
from tests.clients.loopback import Answer
from tests.clients.test_confluence import BODY, TITLE, draft, wiki_of, written


@pytest.fixture(params=[True, False], ids=["cloud", "server"])
def server(request):
    server = ConfluenceServer(cloud=request.param)
    yield server
    server.close()


def body_with(**changes):
    body = BODY
    for old, new in changes.items():
        body = body.replace(old, new)
    return body


def text(server):
    return to_markdown(server.titled(TITLE).now.storage)


def test_a_change_in_another_part_is_kept(server):
    wiki = wiki_of(server)
    wiki.publish(draft())
    page = server.titled(TITLE)
    server.edit(page, "<p>They were lost.</p>", "<p>They were lost by Ada.</p>")
    merged, found = wiki.publish(draft(body_with(looking="searching")))
    assert (merged.version, found) == (3, False)
    assert "lost by Ada" in text(server)
    assert "`searching`" in text(server)
    again, found = wiki.publish(draft(body_with(looking="asking")))
    assert (again.version, found) == (4, False)
    assert "lost by Ada" in text(server)
    with pytest.raises(Rejected, match=r"Ada Lovelace changed 'Why' of the page"):
        wiki.publish(draft(body_with(looking="asking", lost="gone")))
    assert len(page.versions) == 4


def test_a_change_in_the_same_part_is_refused_with_who_and_what(server):
    wiki = wiki_of(server)
    wiki.publish(draft())
    page = server.titled(TITLE)
    server.edit(page, "looking", "guessing")
    asked = len(written(server))
    with pytest.raises(Rejected, match=r"Ada Lovelace changed 'How' .*version is 2") as caught:
        wiki.publish(draft(body_with(looking="searching")))
    assert page.id in caught.value.hint
    assert [one for one in written(server)[asked:] if "users-bulk" not in one[1]] == []


def test_a_part_that_others_added_or_removed(server):
    wiki = wiki_of(server)
    wiki.publish(draft())
    page = server.titled(TITLE)
    server.edit(page, "<h2>How</h2>", "<h2>Ada's</h2><p>New.</p><h2>How</h2>")
    wiki.publish(draft(body_with(looking="searching")))
    wiki.publish(draft(body_with(looking="asking")))
    shown = text(server)
    assert shown.index("lost.") < shown.index("Ada's") < shown.index("asking")
    server.edit(page, "<h2>Why</h2><p>They were lost.</p>", "")
    wiki.publish(draft(body_with(looking="guessing")))
    assert "## Why" not in text(server)
    with pytest.raises(Rejected, match="'Why'"):
        wiki.publish(draft(body_with(looking="guessing", lost="gone")))


@pytest.mark.parametrize("status", [409, 400])
def test_somebody_writes_between_our_reading_and_writing(server, status):
    server.conflict_status = status
    wiki = wiki_of(server)
    wiki.publish(draft())
    page = server.titled(TITLE)
    server.before_write = lambda: server.edit(page, "They were lost.", "Ada was faster.")
    merged, _ = wiki.publish(draft(body_with(looking="searching")))
    assert merged.version == 3
    assert "Ada was faster." in text(server)
    assert "searching" in text(server)
    server.before_write = lambda: server.edit(page, "searching", "guessing")
    with pytest.raises(Rejected, match="Ada Lovelace changed 'How'"):
        wiki.publish(draft(body_with(looking="asking")))
    assert "guessing" in text(server)


def test_two_runs_make_the_same_page_at_once(server):
    server.before_write = lambda: wiki_of(server).publish(draft())
    page, found = wiki_of(server).publish(draft())
    assert (page.version, found, len(server.pages)) == (1, True, 1)


def test_somebody_takes_the_title_meanwhile(server):
    server.before_write = lambda: server.add_page(TITLE)
    with pytest.raises(Rejected, match="not ours"):
        wiki_of(server).publish(draft())


def test_a_part_that_we_leave_out_goes(server):
    wiki = wiki_of(server)
    wiki.publish(draft())
    wiki.publish(draft("Parcels are found.\n\n## How\n\nBy `looking`.\n"))
    assert "## Why" not in text(server)


def test_our_page_that_nobody_remembers(server):
    wiki = wiki_of(server)
    wiki.publish(draft())
    page = server.titled(TITLE)
    page.properties.clear()
    server.edit(page, "They were lost.", "Ada wrote.")
    with pytest.raises(Rejected, match="Ada Lovelace changed the text of"):
        wiki.publish(draft("Other."))


def test_a_page_that_is_no_page_any_more(server):
    wiki = wiki_of(server)
    wiki.publish(draft())
    page = server.titled(TITLE)
    page.versions.append(type(page.now)(TITLE, "<p>broken", "acc-ada"))
    with pytest.raises(Rejected, match="not understood"):
        wiki.publish(draft("Other."))


def test_what_a_page_said_before_comes_back(server):
    wiki = wiki_of(server)
    wiki.publish(draft())
    wiki.publish(draft("Other."))
    page = server.titled(TITLE)
    for rehearse in (True, False):
        assert len(page.versions) == 2
        back = wiki.restore(draft("Other."), version=2, before=1, rehearse=rehearse)
        assert (back.outcome, page.id in back.reference) == ("undone", True)
    assert text(server).endswith(BODY.strip())
    assert wiki.restore(draft("Other."), version=2, before=1).outcome == "already"
    assert wiki.publish(draft("Other.")).value.version == 4


def test_a_page_that_was_not_there_goes_to_the_trash(server):
    wiki = wiki_of(server)
    wiki.publish(draft())
    for rehearse in (True, False):
        assert server.titled(TITLE)
        back = wiki.restore(draft(), version=1, before=None, rehearse=rehearse)
        assert back.outcome == "undone"
    assert server.titled(TITLE) is None
    assert wiki.restore(draft(), version=1, before=None).outcome == "already"


def test_what_others_wrote_since_is_kept(server):
    wiki = wiki_of(server)
    wiki.publish(draft())
    page = server.titled(TITLE)
    server.edit(page, "lost", "misplaced")
    kept = wiki.restore(draft(), version=1, before=None)
    assert (kept.outcome, page.id in kept.reference) == ("kept", True)
    assert kept.reason == "Ada Lovelace has written version 2 since ours, 1."
    assert "misplaced" in text(server)


def test_a_version_that_is_gone_cannot_come_back(server):
    wiki = wiki_of(server)
    wiki.publish(draft())
    wiki.publish(draft("Other."))
    server.titled(TITLE).versions[0] = None
    kept = wiki.restore(draft("Other."), version=2, before=1)
    assert kept.outcome == "kept"
    assert "Version 1" in kept.reason


def test_a_page_of_others_in_the_place_of_ours_is_not_brought_back(server):
    wiki = wiki_of(server)
    wiki.publish(draft())
    server.titled(TITLE).trashed = True
    page = server.add_page(TITLE)
    assert wiki.restore(draft(), version=1, before=None).outcome == "already"
    assert not page.trashed


def test_a_refusal_is_not_taken_for_a_page_that_is_gone(server):
    wiki = wiki_of(server)
    wiki.publish(draft())
    for answer in (fault(403), Answer(302, headers={"Location": "https://other.example/"})):
        server.faults = [answer]
        with pytest.raises((AccessDenied, Rejected)):
            wiki.restore(draft(), version=1, before=None)
    assert server.titled(TITLE)
    server.spaces.clear()
    with pytest.raises(NotFound):
        wiki.restore(draft(), version=1, before=None)


def test_sections_of_a_page_of_others(server):
    layout = (
        '<ac:layout><ac:layout-section ac:type="single"><ac:layout-cell><h1>API</h1>'
        '<ac:structured-macro ac:name="unknown-thing" ac:macro-id="x&amp;y"><ac:parameter'
        ' ac:name="q">1</ac:parameter></ac:structured-macro><p>a&nbsp;b</p><h2>Errors</h2>'
        "<p>old</p><h3>Deeper</h3><p>old too</p><h2>Limits</h2><p>stays  as it is</p>"
        "</ac:layout-cell></ac:layout-section></ac:layout>"
    )
    page = server.add_page("Handbook", layout)
    before = page.now.storage
    sections = (PageSection(heading="Errors", body="New **text**."),)
    wiki = wiki_of(server)
    changed, found = wiki.publish(draft(page_id=page.id, sections=sections))
    assert (changed.title, changed.version, found) == ("Handbook", 2, False)
    old = "<p>old</p><h3>Deeper</h3><p>old too</p>"
    assert page.now.storage == before.replace(old, "<p>New <strong>text</strong>.</p>")
    assert wiki.publish(draft(page_id=page.id, sections=sections)) == (changed, True)
    with pytest.raises(Rejected, match="not ours"):
        wiki.publish(draft(page_id=page.id))


def test_a_section_that_is_not_there_is_added(server):
    page = server.add_page("Handbook", "<h1>API</h1><p>x</p>")
    sections = (PageSection(heading="A & B", body="Text."),)
    wiki_of(server).publish(draft(page_id=page.id, sections=sections))
    assert page.now.storage == "<h1>API</h1><p>x</p><h2>A &amp; B</h2><p>Text.</p>"


def test_a_heading_that_is_there_twice(server):
    page = server.add_page("Handbook", "<h2>Same</h2><p>a</p><h2>Same</h2><p>b</p>")
    sections = (PageSection(heading="Same", body="x"),)
    with pytest.raises(Rejected, match="more than one heading 'Same'"):
        wiki_of(server).publish(draft(page_id=page.id, sections=sections))
    assert len(page.versions) == 1


def test_a_section_that_others_changed_is_not_written_over(server):
    page = server.add_page("Handbook", "<h2>Ours</h2><p>a</p><h2>Other</h2><p>b</p>")
    wiki = wiki_of(server)

    def write(text):
        sections = (PageSection(heading="Ours", body=text),)
        return wiki.publish(draft(page_id=page.id, sections=sections))

    write("one")
    server.edit(page, "<p>b</p>", "<p>b by Ada</p>")
    write("two")
    assert "<p>two</p><h2>Other</h2><p>b by Ada</p>" in page.now.storage
    server.edit(page, "<p>two</p>", "<p>two by Ada</p>")
    assert write("two").found
    with pytest.raises(Rejected, match=r"Ada Lovelace changed 'Ours' .*'Handbook'"):
        write("three")
    assert "two by Ada" in page.now.storage


def test_a_page_that_is_not_there_is_made_of_its_sections(server):
    sections = (PageSection(heading="Why", body="Because."),)
    wiki_of(server).publish(draft("Opening.", sections=sections))
    assert text(server).endswith("Opening.\n\n## Why\n\nBecause.")
