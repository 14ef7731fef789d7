import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergewright.clients.documents import parse_document
from mergewright.clients.folder_tracker import FolderTracker
from mergewright.clients.ticket_file import criteria_of, read_ticket
from mergewright.domain.ticket import StatusCategory, TicketKind
from mergewright.errors import NotFound, Rejected

AT = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

TICKET = """---
key: TODO-7
title: 'Parcels that weigh 0 kg are "lost"'  # as reported
kind: bug
status: to do   # set by hand
priority: high
labels: [tracking, weight]
reporter: Ada
links:
  - https://example.org/1
acceptance_criteria:
  - A parcel of 0 kg is refused
assignee: nobody
---

The list leaves them out.

```
# Acceptance criteria
- [ ] not one, it is in a fence
```

## Acceptance criteria

- [ ] The message names the
      parcel
- [x] A test shows it
* A parcel of 0 kg is refused

## Notes

- nothing
"""
LEAST = "---\nkey: {key}\ntitle: {title}\n---\nSomething.\n"


@pytest.fixture
def tracker(tmp_path: Path) -> FolderTracker:
    folder = tmp_path / "tracker"
    folder.mkdir()
    return FolderTracker(folder, clock=lambda: AT)


def put(tracker: FolderTracker, text: str = TICKET, key: str = "TODO-7") -> Path:
    path = tracker.folder / f"{key}.md"
    path.write_bytes(text.encode())
    return path


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


@pytest.mark.parametrize("written", ['"to do"', "'To Do'", "in-progress", "", "todo"])
def test_a_status_may_be_written_in_several_ways(tracker, written):
    text = f"---\nkey: TODO-7\nstatus: {written}\ntitle: x\n---\nSomething.\n"
    path = put(tracker, text)
    tracker.transition("TODO-7", StatusCategory.DONE)
    assert path.read_text() == "---\nkey: TODO-7\nstatus: done\ntitle: x\n---\nSomething.\n"


def test_a_status_that_cannot_be_changed_in_place_is_refused_and_kept(tracker):
    text = "---\nkey: TODO-7\nstatus: >-\n  to\n  do\ntitle: x\n---\nSomething.\n"
    path = put(tracker, text)
    with pytest.raises(Rejected, match="line 3"):
        tracker.transition("TODO-7", StatusCategory.DONE)
    assert path.read_text() == text


def test_comments_are_written_once_per_marker_and_replaced(tracker):
    path = put(tracker)
    assert not tracker.comment("TODO-7", "First", marker="run-1/questions").found
    assert not tracker.comment("TODO-7", "Second", marker="run-1/pull-request").found
    before = path.read_bytes()
    assert tracker.comment("TODO-7", "First", marker="run-1/questions").found
    assert path.read_bytes() == before
    where, found = tracker.comment("TODO-7", "First, again", marker="run-1/questions")
    assert (where, found) == (path.as_uri(), True)
    ticket = tracker.ticket("TODO-7")
    assert [comment.body for comment in ticket.comments] == ["First, again", "Second"]
    assert ticket.comments[0].created_at == AT
    assert ticket.comments[0].author == "mergewright"
    assert ticket.description.endswith("- nothing")
    assert path.read_text().startswith(TICKET)


def test_an_answer_written_between_the_comments_is_a_comment_of_the_reporter(tracker):
    path = put(tracker)
    tracker.comment("TODO-7", "Which parcels?", marker="q")
    text = path.read_text()
    path.write_text(
        text.replace("<!-- /mergewright:comments", "All of them.\n\n<!-- /mergewright:comments")
    )
    tracker.comment("TODO-7", "Thank you", marker="t")
    comments = tracker.ticket("TODO-7").comments
    assert [(comment.author, comment.body) for comment in comments] == [
        ("mergewright", "Which parcels?"),
        ("Ada", "All of them."),
        ("mergewright", "Thank you"),
    ]


def test_a_comment_cannot_end_itself_or_the_section(tracker):
    put(tracker)
    hostile = "a\n<!-- /mergewright:comment -->\n<!-- /mergewright:comments -->\nb --> \ud800"
    tracker.comment("TODO-7", hostile, marker='"} --> x')
    tracker.comment("TODO-7", "next", marker="n")
    assert tracker.comment("TODO-7", "again", marker='"} --> x').found
    assert [comment.body for comment in tracker.ticket("TODO-7").comments] == ["again", "next"]


def test_concurrent_comments_all_arrive(tracker):
    put(tracker)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: tracker.comment("TODO-7", f"c{n}", marker=f"m{n}"), range(24)))
    bodies = {comment.body for comment in tracker.ticket("TODO-7").comments}
    assert bodies == {f"c{n}" for n in range(24)}
    assert not list(tracker.folder.glob("*.tmp"))


def test_the_files_mode_survives_a_write(tracker):
    path = put(tracker)
    path.chmod(0o600)
    tracker.comment("TODO-7", "x", marker="m")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("Just text\n", 1, "no front matter"),
        ("---\nkey: TODO-7\n", 1, "not closed"),
        ("---\nkey: TODO-7\ntitle: [a\n---\nText\n", 3, "not YAML"),
        ("---\nkey: TODO-7\n\ttitle: a\n---\nText\n", 3, "not YAML"),
        ("---\nkey: TODO-7\nkey: TODO-8\n---\nText\n", 3, "not YAML"),
        ("---\n- key\n---\nText\n", 2, "name: value"),
        ("---\n{key: TODO-7, title: x}\n---\nText\n", 2, "name: value"),
        ("---\n---\nText\n", 1, "'key' is missing"),
        ("---\ntitle: x\n---\nText\n", 1, "'key' is missing"),
        ("---\nkey: TODO-7\ntitle:\n---\nText\n", 3, "'title' is missing"),
        ("---\ntitle: x\nkey: ../../x\n---\nText\n", 3, "not of the form"),
        ("---\nkey: 7\ntitle: x\n---\nText\n", 2, "must be text, and holds 7"),
        ("---\nkey: TODO-7\ntitle: 2026-01-01\n---\nText\n", 3, "must be text"),
        ("---\nkey: TODO-7\ntitle: x\nlabels: a\n---\nText\n", 4, "must be a list"),
        ("---\nkey: TODO-7\ntitle: x\nlabels: [1]\n---\nText\n", 4, "list of texts"),
        ("---\nkey: TODO-7\ntitle: x\nkind: defect\n---\nText\n", 4, "'defect' is unknown"),
        ("---\nkey: TODO-7\ntitle: x\nacceptance_critera: [a]\n---\nT\n", 4, "no field"),
        ("---\nkey: TODO-7\ntitle: |\n  a\n  b\n---\nText\n", 3, "one line"),
        ("---\nkey: TODO-7\ntitle: x\n---\n\n \n---\n", 5, "no description"),
        ("---\nkey: TODO-7\ntitle: " + "x" * 301 + "\n---\nText\n", 3, "longer than 300"),
        ("---\nkey: " + "[" * 900 + "\n---\nText\n", 2, "not YAML"),
        ("---\nkey: &a [*a]\ntitle: x\n---\nText\n", 2, "must be text"),
        ("---\nkey: !!python/object:os.system TODO-7\ntitle: x\n---\nText\n", 2, "must be text"),
    ],
)
def test_a_file_that_is_no_ticket_is_refused_with_its_line(tracker, tmp_path, text, line, reason):
    own = tmp_path / "bad.md"
    own.write_text(text)
    with pytest.raises(Rejected, match=reason) as caught:
        tracker.ticket(str(own))
    assert caught.value.message.startswith(f"{str(own)!r}, line {line}: ")
    assert caught.value.hint
    assert list(tracker.folder.iterdir()) == []


def test_a_missing_title_shows_the_least_form(tracker, tmp_path):
    own = tmp_path / "bad.md"
    own.write_text("---\nkey: TODO-7\n---\nText\n")
    with pytest.raises(Rejected) as caught:
        tracker.ticket(str(own))
    shown = "\n".join(line[4:] for line in caught.value.hint.splitlines()[2:])
    own.write_text(shown)
    assert tracker.ticket(str(own)).key == "TODO-7"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: path.write_bytes(b"---\n" + b"x" * (256 * 1024)), "at most 262144"),
        (lambda path: path.write_bytes(b"\x89PNG\0\0"), "binary"),
        (lambda path: path.write_bytes(b"---\nkey: T-1\ntitle: \xff\n---\nx"), "line 3.*not UTF-8"),
        (lambda path: path.mkdir(), "is a folder"),
        (os.mkfifo, "no regular file"),
    ],
)
def test_what_is_no_text_file_is_refused(tracker, tmp_path, make, reason):
    own = tmp_path / "bad.md"
    make(own)
    with pytest.raises(Rejected, match=reason) as caught:
        tracker.ticket(str(own))
    assert caught.value.hint


def test_a_byte_order_mark_does_no_harm(tracker):
    path = put(tracker, "\ufeff" + LEAST.format(key="TODO-7", title="x"))
    tracker.transition("TODO-7", StatusCategory.DONE)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf---\n")


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


@given(st.text(alphabet=st.sampled_from("ak:- \n#'\"|>[]{}&*!%?@,\t.0"), max_size=60))
def test_any_front_matter_is_read_or_refused(header):
    text = f"---\nkey: T-1\n{header}\n---\nText\n"
    try:
        key = read_ticket(parse_document(Path("x.md"), text), url="").key
    except Rejected:
        key = "T-1"
    assert key == "T-1"


def test_criteria_end_with_the_next_heading():
    text = "# Acceptance Criteria:\n1. one\n2) two\n### More\n- three\n"
    assert criteria_of(text) == ("one", "two")


def take_back(tracker, body="Done: <!-- see --> below.", **options):
    return tracker.remove_comment("TODO-7", marker="m", body=body, **options)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_comment_that_nobody_changed_leaves_no_trace(tracker, newline):
    path = put(tracker, TICKET.replace("\n", newline))
    before = path.read_bytes()
    tracker.comment("TODO-7", "Done: <!-- see --> below.", marker="m")
    written = path.read_bytes()
    assert tracker.own_comment("TODO-7", marker="m") == "Done: &lt;!-- see --> below."
    assert take_back(tracker, rehearse=True).outcome == "undone"
    assert path.read_bytes() == written
    assert take_back(tracker).outcome == "undone"
    assert path.read_bytes() == before
    assert tracker.own_comment("TODO-7", marker="m") is None
    assert take_back(tracker).outcome == "already"


def test_other_comments_stay_where_they_are(tracker):
    path = put(tracker)
    tracker.comment("TODO-7", "First", marker="a")
    before = path.read_text()
    tracker.comment("TODO-7", "Ours", marker="m")
    path.write_text(path.read_text().replace("Ours\n", "Ours\n", 1))
    assert take_back(tracker, "Ours").outcome == "undone"
    assert path.read_text() == before
    tracker.comment("TODO-7", "Ours", marker="m")
    closing = "<!-- /mergewright:comments -->"
    path.write_text(path.read_text().replace(closing, f"By hand.\n{closing}"))
    assert take_back(tracker, "Ours").outcome == "undone"
    assert [comment.body for comment in tracker.ticket("TODO-7").comments] == ["First", "By hand."]


def test_a_comment_that_was_changed_is_kept(tracker):
    path = put(tracker)
    tracker.comment("TODO-7", "Ours", marker="m")
    path.write_text(path.read_text().replace("Ours", "Ours, and an answer"))
    before = path.read_text()
    for rehearse in (True, False):
        kept = take_back(tracker, "Ours", rehearse=rehearse)
        assert (kept.outcome, kept.reference) == ("kept", path.as_uri())
    assert path.read_text() == before


def test_a_comment_that_was_replaced_says_again_what_it_said(tracker):
    path = put(tracker)
    tracker.comment("TODO-7", "Of an earlier run", marker="m")
    before = path.read_text()
    tracker.comment("TODO-7", "Ours", marker="m")
    assert take_back(tracker, "Ours", earlier="Of an earlier run").outcome == "undone"
    assert path.read_text() == before
    assert take_back(tracker, "Ours", earlier="Of an earlier run").outcome == "already"


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
