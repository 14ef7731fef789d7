"""Calls to GitHub on a line that fails: what is tried again, what is followed, and what never leaves."""

import pytest
from pydantic import BaseModel

from mergewright.clients.github_answers import Anything
from mergewright.clients.github_api import GitHubApi
from mergewright.clients.github_connection import open_github
from mergewright.clients.github_tokens import FixedToken
from mergewright.clients.github_wire import Limits
from mergewright.errors import (
    AccessDenied,
    NotFound,
    RateLimited,
    Rejected,
    ServiceUnavailable,
)
from tests.clients.faults import LONG_WAIT, FaultServer
from tests.clients.github_server import TOKEN, GitHubServer, fault
from tests.clients.loopback import Answer

LIMITS = Limits(timeout_seconds=0.4, answer_seconds=0.6, answer_bytes=2 << 20)


class Account(BaseModel):
    login: str


@pytest.fixture
def server():
    server = GitHubServer()
    yield server
    server.close()


def connect(url, token=TOKEN):
    return open_github(token, api_url=url, limits=LIMITS).api


def who(api):
    return api.read(Account, "user", about="say who we are").login


@pytest.mark.parametrize(
    ("name", "error", "requests"),
    [
        ("503", ServiceUnavailable, 3),
        ("cut short", ServiceUnavailable, 3),
        ("404", NotFound, 1),
        ("50 MB answer", Rejected, 1),
    ],
)
def test_how_often_a_read_is_tried(name, error, requests):
    with FaultServer(name) as faulty:
        with pytest.raises(error):
            who(connect(faulty.url))
        assert len(faulty.requests) == requests


@pytest.mark.parametrize(
    "failure",
    [fault(503), fault(429, Retry_After="0"), Answer(drop=True)],
    ids=["503", "429", "dropped"],
)
def test_reading_and_replacing_are_tried_again(server, failure):
    api = connect(server.url)
    server.faults = [failure]
    assert who(api) == "mw-bot"
    server.add_issue(7)
    server.faults = [failure]
    api.replace(Anything, "repos/team/shop/issues/7", {"state": "closed"}, about="close")
    assert [one.body for one in server.seen("PATCH")] == [{"state": "closed"}] * 2


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_read_follows_a_rename_at_the_same_address(server, status):
    server.faults = [Answer(status, headers={"Location": f"{server.url}/user"})]
    assert connect(server.url).read(Account, "old", about="look").login == "mw-bot"


def test_a_write_follows_only_what_keeps_it_a_write(server):
    server.add_issue(7)
    place = {"Location": f"{server.url}/repos/team/shop/issues/7/comments"}
    server.faults = [Answer(307, headers=place)]
    connect(server.url).send("POST", "old", about="comment", body={"body": "x"})
    assert [one["body"] for one in server.comments] == ["x"]
    server.faults = [Answer(301, headers=place)]
    with pytest.raises(Rejected, match="sends us on"):
        connect(server.url).send("POST", "old", about="comment", body={"body": "y"})
    assert len(server.comments) == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_credentials_do_not_follow_to_another_host(server, status):
    other = GitHubServer()
    server.faults = [Answer(status, headers={"Location": f"{other.url}/user"})] * 2
    with pytest.raises(Rejected, match=other.host):
        who(connect(server.url))
    with pytest.raises(Rejected, match=other.host):
        connect(server.url).send("POST", "user", about="add", body={})
    other.close()
    assert other.requests == []
    assert len(server.requests) == 2


def test_redirects_in_a_circle_end(server):
    server.faults = [Answer(302, headers={"Location": f"{server.url}/user"})] * 9
    with pytest.raises(Rejected):
        who(connect(server.url))
    assert len(server.requests) == 3


class Renewing(FixedToken):
    """A source that has a second token, once."""

    def __init__(self, first, second):
        super().__init__(first)
        self.left = [second]

    def renew(self, refused):
        if refused != self._token or not self.left:
            return False
        self._token = self.left.pop()
        return True


def test_a_token_that_is_refused_is_renewed_once(server):
    address = connect(server.url).address
    assert who(GitHubApi(address, Renewing("ghp_old", TOKEN), limits=LIMITS)) == "mw-bot"
    assert len(server.requests) == 2
    with pytest.raises(AccessDenied, match="Bad credentials"):
        who(GitHubApi(address, Renewing("ghp_old", "ghp_older"), limits=LIMITS))
    assert len(server.requests) == 4


def test_a_list_is_read_to_its_end(server):
    server.page_size = 2
    server.add_issue(7)
    for number in range(5):
        server.add_comment(7, f"comment {number}")
    path = "repos/team/shop/issues/7/comments"

    class Comment(BaseModel):
        body: str

    found = connect(server.url).pages(Comment, path, about="read")
    assert [one.body for one in found] == [f"comment {number}" for number in range(5)]
    assert len(server.requests) == 3


def test_the_headers_of_a_call(server):
    who(connect(server.url))
    headers = server.requests[0].headers
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["accept"] == "application/vnd.github+json"
    assert headers["x-github-api-version"] == "2022-11-28"


def test_a_query_that_fails_says_why(server):
    api = connect(server.url)
    for kind, expected in (
        ("NOT_FOUND", NotFound),
        ("FORBIDDEN", AccessDenied),
        ("RATE_LIMITED", RateLimited),
        ("OTHER", Rejected),
    ):
        error = {"type": kind, "message": "because"}
        server.faults = [Answer(200, {"data": None, "errors": [error]})] * 3
        with pytest.raises(expected, match="because"):
            api.query(Account, "query { x }", {}, about="ask")
        server.faults = []


def test_a_long_wait_is_told(server):
    with FaultServer("429 with Retry-After") as faulty, pytest.raises(RateLimited) as caught:
        who(connect(faulty.url))
    assert caught.value.retry_after_seconds == LONG_WAIT
