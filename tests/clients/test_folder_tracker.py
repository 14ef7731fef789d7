"""Tickets in a folder: found, imported, moved and moved back."""

import os

import pytest

from mergewright.clients.folder_tracker import FolderTracker
from mergewright.domain.ticket import StatusCategory, TicketKind
from mergewright.errors import NotFound, Rejected
from tests.clients.ticket_samples import LEAST, TICKET, put


def test_ticket_by_key_has_every_field(tracker):
    path = put(tracker)
    ticket = tracker.ticket("TODO-7")
    assert ticket.title == 'Parcels that weigh 0 kg are "lost"'
    assert ticket.kind is TicketKind.BUG
    assert ticket.status is StatusCategory.TO_DO
    assert ticket.labels == ("tracking", "weight")
    assert (ticket.priority, ticket.reporter) == ("high", "Ada")
    assert ticket.links == ("https://example.org/1",)
    assert ticket.acceptance_criteria == (
        "A parcel of 0 kg is refused",
        "The message names the parcel",
        "A test shows it",
    )
    assert ticket.description.startswith("The list leaves")
    assert "- nothing" in ticket.description
    assert ticket.url == path.as_uri()


def test_a_file_is_imported_and_left_alone(tracker, tmp_path):
    own = tmp_path / "anywhere.md"
    own.write_text(TICKET)
    os.utime(own, (1, 1))
    ticket = tracker.ticket(str(own))
    copy = tracker.folder / "TODO-7.md"
    assert ticket.url == copy.as_uri()
    assert tracker.ticket("TODO-7") == ticket
    assert own.read_text() == TICKET
    assert own.stat().st_mtime == 1
    first = copy.stat().st_mtime_ns
    assert tracker.ticket(str(own)) == ticket
    assert copy.stat().st_mtime_ns == first


def test_importing_again_keeps_comments_and_status_and_takes_the_new_text(tracker, tmp_path):
    own = tmp_path / "a.md"
    own.write_text(TICKET)
    tracker.ticket(str(own))
    tracker.comment("TODO-7", "Which parcels?", marker="m")
    tracker.transition("TODO-7", StatusCategory.IN_REVIEW)
    own.write_text(TICKET.replace("The list leaves", "Now the list leaves"))
    ticket = tracker.ticket(str(own))
    assert ticket.description.startswith("Now the list")
    assert ticket.status is StatusCategory.IN_REVIEW
    assert [comment.body for comment in ticket.comments] == ["Which parcels?"]


def test_a_file_does_not_replace_another_ticket_with_its_key(tracker, tmp_path):
    put(tracker, LEAST.format(key="TODO-7", title="Something else"))
    own = tmp_path / "a.md"
    own.write_text(TICKET)
    with pytest.raises(Rejected, match="another ticket") as caught:
        tracker.ticket(str(own))
    assert "another key" in caught.value.hint
    assert tracker.ticket("TODO-7").title == "Something else"


def test_a_path_into_the_tracker_is_the_ticket_itself(tracker):
    path = put(tracker)
    assert tracker.ticket(str(path)) == tracker.ticket("TODO-7")
    assert path.read_text() == TICKET


def test_an_imported_text_cannot_bring_comments_of_ours(tracker, tmp_path):
    own = tmp_path / "a.md"
    forged = (
        "<!-- mergewright:comments -->\n## Comments\n\n"
        '<!-- mergewright:comment {"marker": "m", "author": "boss", "at": "2026-01-01T00:00:00Z"} -->'
        "\nApproved.\n<!-- /mergewright:comment -->\n"
    )
    own.write_text(LEAST.format(key="TODO-9", title="x") + forged)
    ticket = tracker.ticket(str(own))
    assert ticket.comments == ()
    assert "Approved." in ticket.description
    assert not tracker.comment("TODO-9", "real", marker="m").found


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_transition_changes_one_line(tracker, newline):
    text = TICKET.replace("\n", newline)
    path = put(tracker, text)
    assert tracker.transition("TODO-7", StatusCategory.IN_PROGRESS) == (
        StatusCategory.IN_PROGRESS,
        False,
    )
    assert path.read_bytes().decode() == text.replace("status: to do ", "status: in progress ")
    assert tracker.transition("TODO-7", StatusCategory.IN_PROGRESS).found
    assert tracker.ticket("TODO-7").status is StatusCategory.IN_PROGRESS


def test_a_transition_adds_a_missing_status(tracker):
    path = put(tracker, LEAST.format(key="TODO-7", title="x"))
    tracker.transition("TODO-7", StatusCategory.DONE)
    assert path.read_text() == "---\nkey: TODO-7\ntitle: x\nstatus: done\n---\nSomething.\n"


def test_a_misspelt_key_gets_near_ones(tracker):
    for number in (7, 8, 12):
        put(tracker, LEAST.format(key=f"PARCEL-{number}", title="x"), f"PARCEL-{number}")
    with pytest.raises(NotFound) as caught:
        tracker.ticket("parcl-12")
    assert "'PARCEL-12'" in caught.value.hint
    with pytest.raises(NotFound) as caught:
        tracker.ticket("PARCEL12")
    assert "'PARCEL-12'" in caught.value.hint
    with pytest.raises(NotFound, match="no ticket 'ZZ-99999'") as caught:
        tracker.ticket("ZZ-99999")
    assert "PARCEL-12, PARCEL-7, PARCEL-8" in caught.value.hint


def test_a_misspelt_file_gets_near_ones(tracker, tmp_path):
    (tmp_path / "weight.md").write_text(TICKET)
    with pytest.raises(NotFound) as caught:
        tracker.ticket(str(tmp_path / "wieght.md"))
    assert "'weight.md'" in caught.value.hint


def test_an_empty_tracker_says_so(tmp_path):
    tracker = FolderTracker(tmp_path / "none")
    with pytest.raises(NotFound) as caught:
        tracker.ticket("TODO-1")
    assert "no tickets yet" in caught.value.hint
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    "key", ["../TODO-7", "TODO-7/../../x", "/etc/passwd", "", "x\0", "TODO-7\n"]
)
def test_keys_never_lead_out_of_the_folder(tracker, key, tmp_path):
    put(tracker)
    (tmp_path / "TODO-7.md").write_text(TICKET)
    for act in (
        lambda: tracker.comment(key, "x", marker="m"),
        lambda: tracker.transition(key, StatusCategory.DONE),
    ):
        with pytest.raises(NotFound):
            act()
    assert (tmp_path / "TODO-7.md").read_text() == TICKET


@pytest.mark.parametrize("name", ["", "x\0y", "a" * 5000, "."])
def test_names_that_no_file_has_are_refused(tracker, name):
    with pytest.raises((NotFound, Rejected)):
        tracker.ticket(name)


def test_a_file_name_that_contradicts_its_key_is_refused(tracker):
    put(tracker, key="TODO-8")
    with pytest.raises(Rejected, match=r"'TODO-7'.*'TODO-8'"):
        tracker.ticket("TODO-8")


def test_a_tracker_whose_folder_is_a_file_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    own = tmp_path / "a.md"
    own.write_text(TICKET)
    with pytest.raises(Rejected):
        FolderTracker(tmp_path / "file").ticket(str(own))


def move_back(tracker, **options):
    made, before = StatusCategory.IN_REVIEW, StatusCategory.TO_DO
    return tracker.transition_back("TODO-7", made=made, before=before, **options)


def test_a_ticket_goes_back_if_it_is_where_it_was_moved_to(tracker):
    path = put(tracker)
    before = path.read_text()
    assert move_back(tracker).outcome == "already"
    tracker.transition("TODO-7", StatusCategory.IN_REVIEW)
    assert move_back(tracker, rehearse=True).outcome == "undone"
    assert tracker.ticket("TODO-7").status is StatusCategory.IN_REVIEW
    assert move_back(tracker).outcome == "undone"
    assert path.read_text() == before
    tracker.transition("TODO-7", StatusCategory.DONE)
    kept = move_back(tracker)
    assert (kept.outcome, "'done'" in kept.reason) == ("kept", True)
    assert tracker.ticket("TODO-7").status is StatusCategory.DONE


@pytest.mark.parametrize("key", ["TODO-7", "../TODO-7"])
def test_a_ticket_that_is_gone_has_nothing_to_take_back(tracker, key):
    put(tracker, key="TODO-8")
    made, before = StatusCategory.IN_REVIEW, StatusCategory.TO_DO
    assert tracker.transition_back(key, made=made, before=before).outcome == "already"
    assert tracker.remove_comment(key, marker="m", body="x").outcome == "already"
