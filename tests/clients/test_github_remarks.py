"""What we say about a pull request, at a GitHub on loopback: below it and in its threads."""

import pytest

from mergewright.clients.code_host import ThreadReplying
from mergewright.clients.github import GitHubHost
from mergewright.clients.github_connection import open_github
from mergewright.errors import NotFound, ServiceUnavailable
from tests.clients.github_server import ADA, TOKEN, GitHubServer
from tests.clients.loopback import Answer


@pytest.fixture
def server():
    server = GitHubServer()
    server.add_pull(1)
    yield server
    server.close()


@pytest.fixture
def host(server):
    return GitHubHost(open_github(TOKEN, api_url=server.url))


def test_a_remark_is_written_once_and_removed_as_it_was_written(server, host):
    place = host.remark(server.repository, 1, "Done.", marker="run-1")
    assert (place.found, place.value) == (False, server.comments[0]["html_url"])
    assert host.remark(server.repository, 1, "Done.", marker="run-1").found is True
    assert host.remark(server.repository, 1, "All done.", marker="run-1").found is False
    (comment,) = server.comments
    assert comment["body"].startswith("All done.")

    def remove(**more):
        given = {"marker": "run-1", "body": "All done."} | more
        return host.remove_remark(server.repository, 1, **given).outcome

    assert remove(body="Done.") == "kept"
    assert remove(rehearse=True) == "undone"
    assert server.comments
    assert remove() == "undone"
    assert remove() == "already"
    assert server.comments == []


def test_another_account_that_copies_our_marker_is_not_us(server, host):
    host.remark(server.repository, 1, "Done.", marker="run-1")
    copied = server.comments[0]["body"]
    server.comments.clear()
    server.add_comment(1, copied, ADA)
    given = {"marker": "run-1", "body": "Done."}
    assert host.remove_remark(server.repository, 1, **given).outcome == "already"
    assert host.remark(server.repository, 1, "Done.", marker="run-1").found is False
    assert len(server.comments) == 2


def test_each_thread_is_replied_to_once(server, host):
    assert isinstance(host, ThreadReplying)
    server.add_review_comment(1, "Sum them.")
    first = server.review_comments[0]["id"]
    server.add_review_comment(1, "Please.", reply_to=first)
    server.add_review_comment(1, "And this?", path="shop/tax.py")
    said = host.review_comments(server.repository, 1)
    assert [one.thread for one in said] == [str(first), str(first), str(first + 2)]
    place = host.reply(server.repository, 1, said[0].thread, "Done.", marker="run-1")
    other = host.reply(server.repository, 1, said[2].thread, "No.", marker="run-1")
    assert (place.found, other.found, place.value == other.value) == (False, False, False)
    assert [one["in_reply_to_id"] for one in server.review_comments[3:]] == [first, first + 2]
    assert host.reply(server.repository, 1, said[0].thread, "Done.", marker="run-1") == (
        place.value,
        True,
    )
    assert host.reply(server.repository, 1, said[0].thread, "Done so.", marker="run-1") == (
        place.value,
        False,
    )
    assert len(server.review_comments) == 5
    assert server.review_comments[3]["body"].startswith("Done so.\n\n<!-- mergewright:remark ")
    # A thread whose last word is ours needs no answer.
    assert host.review_comments(server.repository, 1) == ()


def test_a_reply_whose_answer_was_lost_is_found(server, host):
    thread = str(server.add_review_comment(1, "Sum them.")["id"])
    server.faults = [None, Answer(502, {}, acts=True)]
    with pytest.raises(ServiceUnavailable):
        host.reply(server.repository, 1, thread, "Done.", marker="run-1")
    assert host.reply(server.repository, 1, thread, "Done.", marker="run-1").found
    assert len(server.review_comments) == 2


def test_a_reply_is_removed_as_it_was_written(server, host):
    thread = str(server.add_review_comment(1, "Sum them.")["id"])
    host.reply(server.repository, 1, thread, "Done.", marker="run-1")

    def remove(**more):
        given = {"marker": "run-1", "body": "Done."} | more
        return host.remove_reply(server.repository, 1, thread, **given).outcome

    assert remove(marker="run-2") == "already"
    assert remove(body="Not done.") == "kept"
    assert remove(rehearse=True) == "undone"
    assert len(server.review_comments) == 2
    assert remove() == "undone"
    assert remove() == "already"
    assert len(server.review_comments) == 1


@pytest.mark.parametrize("thread", ["7000000099", "7000000001", "", "1/../../x", "0", "\u0661"])
def test_a_thread_that_is_none(server, host, thread):
    first = server.add_review_comment(1, "Sum them.")["id"]
    server.add_review_comment(1, "A reply.", reply_to=first)
    with pytest.raises(NotFound, match="no thread"):
        host.reply(server.repository, 1, thread, "Done.", marker="run-1")
    gone = host.remove_reply(server.repository, 1, thread, marker="run-1", body="Done.")
    assert gone.outcome == "already"
    assert server.seen("POST") == []
