"""Links, tickets that are made, and queries in a folder of tickets."""

import pytest

from mergewright.clients.folder_tracker import FolderTracker
from mergewright.clients.ports import (
    AttachmentReading,
    TicketLinking,
    TicketMaking,
    TicketSearching,
    Tracker,
)
from mergewright.domain.ticket import StatusCategory, TicketDraft, TicketKind
from mergewright.errors import NotFound, Rejected

TEXT = """---
key: TODO-7
title: Totals are wrong
labels:  # of a person
  - money
links:
  - see the wiki
status: to do
---

They lack the tax.
"""
DRAFT = TicketDraft(
    project="todo",
    title="Add tax",
    description="Per country.",
    kind=TicketKind.FEATURE,
    parent="TODO-7",
    labels=("money",),
    components=("web",),
)
URL = "https://example.org/1"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "TODO-7.md").write_text(TEXT)
    return tmp_path


@pytest.fixture
def tracker(folder):
    return FolderTracker(folder)


def test_it_offers_all_that_a_tracker_may(tracker):
    asked: Tracker = tracker
    for port in (AttachmentReading, TicketLinking, TicketMaking, TicketSearching):
        assert isinstance(asked, port)


def test_a_link_is_one_line_of_the_front_matter(tracker, folder):
    assert tracker.link("TODO-7", URL, "Pull request #1", marker="pr") == (URL, False)
    assert tracker.link("TODO-7", URL, "Pull request #1", marker="pr") == (URL, True)
    assert tracker.link("TODO-7", URL, "Renamed", marker="pr") == (URL, True)
    line = f'outside_links: [{{"marker": "pr", "title": "Renamed", "url": "{URL}"}}]\n'
    assert (folder / "TODO-7.md").read_text() == TEXT.replace("---\n\n", f"{line}---\n\n")
    tracker.ticket("TODO-7")
    kept = tracker.unlink("TODO-7", URL, "Pull request #1", marker="pr")
    assert (kept.outcome, kept.reason) == ("kept", "It was changed since.")
    rehearsed = tracker.unlink("TODO-7", URL, "Renamed", marker="pr", rehearse=True)
    assert "Renamed" in (folder / "TODO-7.md").read_text()
    assert tracker.unlink("TODO-7", URL, "Renamed", marker="pr") == rehearsed
    assert (folder / "TODO-7.md").read_text() == TEXT
    assert tracker.unlink("TODO-7", URL, "Renamed", marker="pr").outcome == "already"
    assert tracker.unlink("TODO-8", URL, "Renamed", marker="pr").outcome == "already"


def test_a_file_that_is_imported_again_keeps_its_links(folder, tmp_path):
    own = tmp_path / "own.md"
    own.write_text(TEXT)
    tracker = FolderTracker(tmp_path / "tickets")
    tracker.ticket(str(own))
    tracker.link("TODO-7", URL, "Run", marker="run")
    tracker.ticket(str(own))
    assert tracker.link("TODO-7", URL, "Run", marker="run").found


def test_tickets_are_linked_from_both_ends(tracker):
    other = tracker.create(DRAFT, marker="m").value
    assert tracker.relate("TODO-7", other, "blocks") == ("TODO-7 blocks TODO-8", False)
    assert tracker.relate("TODO-8", "TODO-7", "is blocked by").found
    assert tracker.ticket("TODO-7").links == ("see the wiki", "blocks TODO-8")
    assert tracker.ticket("TODO-8").links == ("is blocked by TODO-7",)
    assert tracker.unrelate("TODO-7", "TODO-8", "blocks").outcome == "undone"
    assert tracker.unrelate("TODO-7", "TODO-8", "blocks").outcome == "already"
    assert tracker.ticket("TODO-7").links == ("see the wiki",)
    with pytest.raises(Rejected, match="by 'eats'"):
        tracker.relate("TODO-7", "TODO-8", "eats")


def test_a_ticket_is_made_once_and_taken_back(tracker, folder):
    assert tracker.create(DRAFT, marker="m") == ("TODO-8", False)
    assert tracker.create(DRAFT, marker="m") == ("TODO-8", True)
    ticket = tracker.ticket("TODO-8")
    assert (ticket.title, ticket.kind, ticket.description) == (
        "Add tax",
        TicketKind.FEATURE,
        "Per country.",
    )
    assert (ticket.parent.key, ticket.labels, ticket.components) == ("TODO-7", ("money",), ("web",))
    tracker.transition("TODO-8", StatusCategory.DONE)
    assert tracker.remove_created("TODO-8", DRAFT, marker="m").outcome == "kept"
    tracker.transition("TODO-8", StatusCategory.TO_DO)
    assert tracker.remove_created("TODO-8", DRAFT, marker="m", rehearse=True).outcome == "undone"
    assert (folder / "TODO-8.md").exists()
    assert tracker.remove_created("TODO-8", DRAFT, marker="m").outcome == "undone"
    assert tracker.remove_created("TODO-8", DRAFT, marker="m").outcome == "already"


def test_what_cannot_be_made(tracker):
    with pytest.raises(NotFound, match="'TODO-70' to be the parent"):
        tracker.create(DRAFT.model_copy(update={"parent": "TODO-70"}), marker="m")
    with pytest.raises(Rejected, match="no description"):
        tracker.create(DRAFT.model_copy(update={"description": " - "}), marker="m")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("tax", ["TODO-7", "TODO-8"]),
        ("TAX wrong", ["TODO-7"]),
        ("label:Money kind:feature", ["TODO-8"]),
        ('status:"to do" component:web', ["TODO-8"]),
        ("parent:todo-7", ["TODO-8"]),
        ("https://nowhere", []),
        ("todo-7", ["TODO-7"]),
    ],
)
def test_queries(tracker, query, found):
    tracker.create(DRAFT, marker="m")
    assert [one.key for one in tracker.search(query)] == found


@pytest.mark.parametrize("query", ["", "colour:red", 'label:"x'])
def test_a_query_that_is_wrong(tracker, query):
    with pytest.raises(Rejected) as caught:
        tracker.search(query)
    assert caught.value.hint


def test_files_beside_a_ticket_hang_on_it(tracker, folder):
    beside = folder / "TODO-7"
    beside.mkdir()
    (beside / "a.log").write_text("boom")
    (beside / "shot.png").write_bytes(b"\x89PNG")
    (beside / "secret").symlink_to("/etc/passwd")
    first, second = tracker.ticket("TODO-7").attachments
    assert (first.name, first.text, first.size_bytes) == ("a.log", "boom", 4)
    assert (second.is_image, second.text) == (True, "")
    assert tracker.attachment("TODO-7", "shot.png") == b"\x89PNG"
    for name in ("secret", "../TODO-7.md"):
        with pytest.raises(NotFound, match="no attachment"):
            tracker.attachment("TODO-7", name)


def test_a_parent_or_number_that_is_none(tracker, folder):
    for line, told in (("parent: x", "'x' is not the key"), ("story_points: many", "a number")):
        (folder / "TODO-7.md").write_text(TEXT.replace("status: to do", line))
        with pytest.raises(Rejected, match=told):
            tracker.ticket("TODO-7")


def test_what_could_not_be_made_or_linked_is_told_before(tracker, folder):
    before = sorted(path.name for path in folder.iterdir())
    tracker.check_draft(DRAFT)
    with pytest.raises(NotFound, match="'TODO-9' to be the parent"):
        tracker.check_draft(DRAFT.model_copy(update={"parent": "TODO-9"}))
    tracker.check_relation("TODO-7", "blocks")
    with pytest.raises(NotFound, match="'TODO-9'"):
        tracker.check_relation("TODO-9", "blocks")
    with pytest.raises(Rejected, match="'eats'"):
        tracker.check_relation("TODO-7", "eats")
    assert sorted(path.name for path in folder.iterdir()) == before


def test_a_ticket_that_was_made_is_found_by_its_marker(tracker):
    assert tracker.find_made(DRAFT, marker="m") is None
    key = tracker.create(DRAFT, marker="m").value
    assert tracker.find_made(DRAFT, marker="m") == key
    assert tracker.find_made(DRAFT, marker="n") is None


def test_whatever_is_not_done_is_open(tracker):
    key = tracker.create(DRAFT, marker="m").value
    tracker.transition("TODO-7", StatusCategory.DONE)
    assert [one.key for one in tracker.search("status:open")] == [key]
