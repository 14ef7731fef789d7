from datetime import UTC, datetime
from pathlib import Path

import pytest

from mergewright.clients.folder_wiki import FolderWiki
from mergewright.domain.page import PageAttachment, PageDraft, PageOrigin, PageSection
from mergewright.errors import Rejected

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def wiki(tmp_path: Path) -> FolderWiki:
    return FolderWiki(tmp_path / "wiki", clock=lambda: AT)


def page(body: str = "# Parcels\n\nText\n", **changes) -> PageDraft:
    fields = {"space": "parcels", "slug": "todo-7-lost", "title": "Lost: parcels", "body": body}
    return PageDraft.model_validate(fields | changes)


def test_a_page_is_a_file(wiki):
    published, found = wiki.publish(page())
    path = wiki.folder / "parcels" / "todo-7-lost.md"
    assert (published.url, published.version, found) == (path.as_uri(), 1, False)
    assert path.read_text() == (
        "---\ntitle: 'Lost: parcels'\nversion: 1\nupdated_at: '2026-05-04T12:00:00+00:00'\n---\n\n"
        "# Parcels\n\nText\n"
    )


def test_the_same_body_makes_no_new_version(wiki):
    first, _ = wiki.publish(page())
    assert wiki.publish(page("# Parcels\r\n\r\nText")) == (first, True)
    renamed, found = wiki.publish(page(title="Found parcels"))
    assert (renamed.title, renamed.version, found) == ("Found parcels", 1, True)
    assert "title: Found parcels" in (wiki.folder / "parcels" / "todo-7-lost.md").read_text()
    assert not (wiki.folder / "parcels" / ".versions").exists()


def test_earlier_versions_are_kept_byte_for_byte(wiki):
    wiki.publish(page("one"))
    path = wiki.folder / "parcels" / "todo-7-lost.md"
    earlier = path.read_bytes()
    second, found = wiki.publish(page("two \ud800"))
    assert (second.version, found) == (2, False)
    assert wiki.publish(page("two \ud800")) == (second, True)
    third, _ = wiki.publish(page("one"))
    assert third.version == 3
    versions = wiki.folder / "parcels" / ".versions"
    assert (versions / "todo-7-lost.1.md").read_bytes() == earlier
    assert sorted(old.name for old in versions.iterdir()) == [
        "todo-7-lost.1.md",
        "todo-7-lost.2.md",
    ]


@pytest.mark.parametrize("name", ["", "..", ".versions", "a/b", "../x", "a\n", "x" * 101, "a\0"])
@pytest.mark.parametrize("field", ["space", "slug"])
def test_names_never_lead_out_of_the_folder(wiki, field, name):
    with pytest.raises(Rejected) as caught:
        wiki.publish(page(**{field: name}))
    assert caught.value.hint
    assert not wiki.folder.exists()


def test_a_page_that_lost_its_front_matter_is_refused_and_kept(wiki):
    wiki.publish(page())
    path = wiki.folder / "parcels" / "todo-7-lost.md"
    for text in ("by hand\n", path.read_text().replace("version: 1", "version: one")):
        path.write_text(text)
        with pytest.raises(Rejected, match=r"todo-7-lost\.md', line \d"):
            wiki.publish(page("new"))
        assert path.read_text() == text


def test_a_page_is_found_as_it_is(wiki):
    assert wiki.page(page()) is None
    published, _ = wiki.publish(page())
    assert wiki.page(page("other text")) == published


def test_a_page_that_was_not_there_is_removed(wiki):
    published, _ = wiki.publish(page())
    path = wiki.folder / "parcels" / "todo-7-lost.md"
    text = path.read_text()
    for rehearse in (True, False):
        assert path.read_text() == text
        back = wiki.restore(page(), version=1, before=None, rehearse=rehearse)
        assert back.outcome == "undone"
    assert not path.exists()
    assert (path.parent / ".versions" / "todo-7-lost.1.md").read_text() == text
    assert wiki.restore(page(), version=1, before=None).outcome == "already"
    assert wiki.publish(page()) == (published, False)


def test_what_a_page_said_before_becomes_a_new_version(wiki):
    wiki.publish(page("by others", title="Theirs"))
    wiki.publish(page("ours"))
    back = wiki.restore(page("ours"), version=2, before=1)
    path = wiki.folder / "parcels" / "todo-7-lost.md"
    assert (back.outcome, back.reference) == ("undone", path.as_uri())
    now = wiki.page(page())
    assert (now.title, now.version) == ("Theirs", 3)
    assert path.read_text().endswith("---\n\nby others\n")
    assert wiki.restore(page("ours"), version=2, before=1).outcome == "already"
    assert wiki.page(page()).version == 3


def changed_by_hand(wiki, path):
    path.write_text(path.read_text() + "More.\n")


def written_anew(wiki, path):
    wiki.publish(page("newer"))


def lost_its_past(wiki, path):
    (path.parent / ".versions" / "todo-7-lost.1.md").unlink()


@pytest.mark.parametrize(
    ("change", "says"),
    [(changed_by_hand, "by hand"), (written_anew, "version 3"), (lost_its_past, "Version 1")],
)
def test_a_page_that_others_changed_is_kept(wiki, change, says):
    wiki.publish(page("by others"))
    wiki.publish(page("ours"))
    path = wiki.folder / "parcels" / "todo-7-lost.md"
    change(wiki, path)
    text = path.read_text()
    for rehearse in (True, False):
        kept = wiki.restore(page("ours"), version=2, before=1, rehearse=rehearse)
        assert (kept.outcome, kept.reference) == ("kept", path.as_uri())
        assert says in kept.reason
    assert path.read_text() == text


def test_a_page_that_is_gone_needs_no_restoring(wiki):
    assert wiki.restore(page(), version=4, before=3).outcome == "already"
    assert not wiki.folder.exists()


def test_what_is_known_about_a_page_is_in_its_front_matter(wiki):
    about = {
        "parent": ("Team", "Deliveries"),
        "labels": ("shop",),
        "origin": PageOrigin(run_url="file:///runs/1"),
    }
    wiki.publish(page("Text", **about))
    path = wiki.folder / "parcels" / "todo-7-lost.md"
    header = path.read_text().split("---")[1]
    for line in ("- Team", "- Deliveries", "- shop", "- file:///runs/1"):
        assert line in header
    text = path.read_text()
    later = about | {"origin": PageOrigin(run_url="file:///runs/2")}
    assert wiki.publish(page("Text", **later)).found
    assert path.read_text() == text
    labelled = wiki.publish(page("Text", labels=("new",)))
    assert (labelled.value.version, labelled.found) == (1, True)
    assert "- new" in path.read_text()


def test_attachments_are_files_that_the_page_leads_to(wiki):
    picture = PageAttachment.of("flow.png", b"\x89PNG")
    wiki.publish(page("![Flow](flow.png)", attachments=(picture,)))
    path = wiki.folder / "parcels" / "todo-7-lost.md"
    assert path.read_text().endswith("![Flow](todo-7-lost.files/flow.png)\n")
    assert (path.parent / "todo-7-lost.files" / "flow.png").read_bytes() == b"\x89PNG"
    assert wiki.publish(page("![Flow](flow.png)", attachments=(picture,))).found
    with pytest.raises(Rejected, match=r"'\.\.'"):
        wiki.publish(page(attachments=(PageAttachment.of("..", b""),)))


def test_sections_of_a_page_leave_the_rest_as_it_is(wiki):
    wiki.publish(page("Intro\n\n## A\n\nold\n\n## B\n\nstays", title="Theirs"))
    sections = (PageSection(heading="A", body="new"), PageSection(heading="C", body="more"))
    changed, found = wiki.publish(page("unused", sections=sections))
    path = wiki.folder / "parcels" / "todo-7-lost.md"
    assert (changed.title, changed.version, found) == ("Theirs", 2, False)
    expected = "Intro\n\n## A\n\nnew\n\n## B\n\nstays\n\n## C\n\nmore\n"
    assert path.read_text().endswith(f"---\n\n{expected}")
    assert wiki.publish(page("unused", sections=sections)) == (changed, True)
    assert wiki.restore(page("unused", sections=sections), version=2, before=1).outcome == "undone"
    assert path.read_text().endswith("## A\n\nold\n\n## B\n\nstays\n")
