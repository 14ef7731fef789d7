"""Comments in a ticket that is a file: written once, taken back, and people's left alone."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.clients.ticket_samples import AT, TICKET, put


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
