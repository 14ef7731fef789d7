"""What people said about a pull request, at a GitHub on loopback."""

import pytest

from mergewright.clients.github import GitHubHost
from mergewright.clients.github_connection import open_github
from mergewright.errors import NotFound
from tests.clients.github_server import TOKEN, GitHubServer
from tests.clients.github_values import BOT


@pytest.fixture
def server():
    server = GitHubServer()
    server.add_pull(1)
    yield server
    server.close()


def read(server, number=1):
    host = GitHubHost(open_github(TOKEN, api_url=server.url))
    return host.review_comments(server.repository, number)


def said(number, body="Please.", login="ada", *, kind="User", ours=False, **more):
    author = {"login": login, "__typename": kind} if login else None
    return {
        "id": f"C{number}",
        "url": f"https://x/{number}",
        "body": body,
        "viewerDidAuthor": ours,
        "authorAssociation": "MEMBER",
        "author": author,
        "createdAt": f"2026-03-04T05:06:{number:02}Z",
    } | more


def thread(*comments, resolved=False, path="shop/sum.py", line=12):
    nodes = {"nodes": list(comments)}
    return {"isResolved": resolved, "path": path, "line": line, "comments": nodes}


def talk(*threads, reviews=(), comments=(), after=None):
    page = {"hasNextPage": after is not None, "endCursor": after}
    return {
        "reviewThreads": {"pageInfo": page, "nodes": list(threads)},
        "reviews": {"nodes": list(reviews)},
        "comments": {"nodes": list(comments)},
    }


def test_threads_that_are_open_and_not_answered(server):
    server.talk = [
        talk(
            thread(said(1), said(2, "And here.", "bob")),
            thread(said(3, "settled"), resolved=True),
            thread(said(4, "answered"), said(5, "Done.", ours=True)),
            thread(said(6, "lint", "linter", kind="Bot")),
            thread(said(7, "gone", None, authorAssociation="NONE"), line=None),
            thread(),
        )
    ]
    found = read(server)
    assert [(one.id, one.kind, one.author, one.line) for one in found] == [
        ("C1", "line", "ada", 12),
        ("C2", "line", "bob", 12),
        ("C7", "line", "ghost", None),
    ]
    assert [one.member for one in found] == [True, True, False]
    assert found[0].path == "shop/sum.py"


def test_reviews_and_remarks_that_say_something(server):
    server.talk = [
        talk(
            reviews=[
                said(1, "", state="CHANGES_REQUESTED"),
                said(2, "", state="APPROVED"),
                said(3, "Nice, but.", state="APPROVED"),
                said(4, "old", state="DISMISSED"),
                said(5, "not sent yet", state="PENDING"),
            ],
            comments=[said(9, "Why?"), said(8, "spam", isMinimized=True), said(6, "x", ours=True)],
        )
    ]
    assert [(one.id, one.kind, one.verdict) for one in read(server)] == [
        ("C1", "review", "changes requested"),
        ("C3", "review", "approved"),
        ("C9", "conversation", ""),
    ]


def test_threads_come_in_pages_and_the_rest_once(server):
    server.talk = [
        talk(thread(said(2)), comments=[said(1)], after="1"),
        talk(thread(said(3)), comments=[said(1)]),
    ]
    assert [one.id for one in read(server)] == ["C1", "C2", "C3"]


def test_a_pull_request_that_is_not_there(server):
    server.talk = [talk()]
    assert read(server) == ()
    with pytest.raises(NotFound):
        read(server, number=99)


def test_of_a_long_thread_the_last_word_counts(server):
    first = server.add_review_comment(1, "comment 0")["id"]
    for number in range(1, 60):
        server.add_review_comment(1, f"comment {number}", reply_to=first)
    found = read(server)
    assert [one.body for one in found] == [f"comment {number}" for number in range(10, 60)]
    assert {one.thread for one in found} == {str(first)}
    server.add_review_comment(1, "Done.", BOT, reply_to=first)
    assert read(server) == ()
