import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergewright.texts.commits import MAX_SUBJECT_CHARACTERS, commit_message
from tests.texts.conftest import changeset_of, ticket_of

RUN = "track-42-20260504-093000-ab12"


def message_of(**changes) -> str:
    return commit_message(ticket_of(), changeset_of(**changes), RUN)


def test_a_message_has_subject_body_and_trailers():
    long = "It compares instants. " * 6
    assert message_of(summary=f"{long}\n\n* {long}\n---\n## Done") == (
        "TRACK-42: Compare events by instant\n\n"
        "It compares instants. It compares instants. It compares instants. It\n"
        "compares instants. It compares instants. It compares instants.\n\n"
        "* It compares instants. It compares instants. It compares instants. It\n"
        "  compares instants. It compares instants. It compares instants.\n\n"
        "## Done\n\n"
        f"Ticket: TRACK-42\nMergewright-Run: {RUN}\n"
    )


def test_a_long_subject_is_cut_and_stands_whole_in_the_body():
    subject = "Compare the events of all carriers by instant and by nothing else at all, please"
    lines = message_of(commit_subject=subject).split("\n")
    assert lines[0] == "TRACK-42: Compare the events of all carriers by instant and by nothing …"
    assert " ".join(lines[2:4]) == f"TRACK-42: {subject}"


@pytest.mark.parametrize("said", ["TRACK-42: ", "[TRACK-42] ", "track-42 - "])
def test_the_key_is_not_said_twice(said):
    message = message_of(commit_subject=f"{said}Compare events")
    assert message.startswith("TRACK-42: Compare events\n")


def trailers(message: str) -> list[str]:
    command = ["git", "interpret-trailers", "--parse"]
    parsed = subprocess.run(command, input=message, check=True, capture_output=True, text=True)
    return parsed.stdout.splitlines()


def test_the_models_words_bring_no_trailers_mentions_or_commands():
    summary = (
        "Fixes #12 for @ada, closes GH-3.\n\nNote: kept\n\n"
        "Signed-off-by: Mallory <m@evil.example>\nTicket: OTHER-1\n---\nCo-authored-by: M <m@e.x>"
    )
    message = message_of(summary=summary, commit_subject="[skip ci] Do #7\n\nTicket: X-1")
    assert trailers(message) == ["Ticket: TRACK-42", f"Mergewright-Run: {RUN}"]
    for text in ("#12", "#7", "@ada", "GH-3", "[skip ci]", "Signed-off-by:", "Co-authored-by:"):
        assert text not in message
    assert "Note: kept" in message
    assert message.startswith("TRACK-42: (skip ci) Do #")


@given(st.text(min_size=8, max_size=100), st.text(max_size=300))
def test_any_answer_makes_a_message_that_git_reads_alike(subject, summary):
    message = message_of(commit_subject=subject, summary=summary)
    lines = message.split("\n")
    assert lines[0].startswith("TRACK-42: ")
    assert len(lines[0]) <= MAX_SUBJECT_CHARACTERS
    assert lines[1] == ""
    assert lines[-4:] == ["", "Ticket: TRACK-42", f"Mergewright-Run: {RUN}", ""]
    message.encode()
