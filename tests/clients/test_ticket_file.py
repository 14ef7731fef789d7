"""The form of a ticket that is a file: what is read of it, and what is refused with its line."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergewright.clients.documents import parse_document
from mergewright.clients.ticket_file import criteria_of, read_ticket
from mergewright.domain.ticket import StatusCategory
from mergewright.errors import Rejected
from tests.clients.ticket_samples import LEAST, put


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
