"""Calls to Confluence on a line that fails: what the wiki makes of each kind of failure."""

import base64
import time
from typing import NamedTuple

import pytest
from pydantic import BaseModel

from mergewright.clients.confluence_api import ConfluenceApi, open_confluence
from mergewright.clients.confluence_errors import VersionConflict
from mergewright.errors import (
    AccessDenied,
    MergewrightError,
    NotFound,
    RateLimited,
    Rejected,
    ServiceUnavailable,
)
from tests.clients.confluence_server import TOKEN, USER, ConfluenceServer, Fault, fault
from tests.clients.loopback import Answer
from tests.clients.test_confluence import TITLE, draft, wiki_of, written

HTML = Answer(200, b"<html>Please log in</html>", {"Content-Type": "text/html"})


class Account(BaseModel):
    accountId: str  # noqa: N815 - Confluence's name


class Kind(NamedTuple):
    """A kind of failure, and what becomes of a call."""

    answer: Answer
    error: type[MergewrightError]
    repeated: bool = False
    """Whether a call that only reads is made again."""
    hint: str = ""


KINDS = {
    "refused": Kind(Answer(drop=True), ServiceUnavailable, repeated=True),
    "reset in the middle": Kind(Fault(reset=True), ServiceUnavailable, repeated=True),
    "time-out": Kind(Answer(200, {}, wait_seconds=3), ServiceUnavailable, repeated=True),
    "slow drip": Kind(Fault(drip_seconds=0.05), ServiceUnavailable, repeated=True),
    "429": Kind(fault(429), RateLimited, repeated=True),
    "429 with Retry-After": Kind(
        fault(429, headers={"Retry-After": "0"}), RateLimited, repeated=True
    ),
    "429 for long": Kind(fault(429, headers={"Retry-After": "600"}), RateLimited),
    "500": Kind(fault(500), ServiceUnavailable, repeated=True),
    "502": Kind(fault(502), ServiceUnavailable, repeated=True),
    "503": Kind(fault(503), ServiceUnavailable, repeated=True),
    "truncated": Kind(
        Answer(200, b'{"accountId": "a', missing_bytes=9), ServiceUnavailable, repeated=True
    ),
    "half a document": Kind(Answer(200, b'{"accountId": "a'), ServiceUnavailable),
    "HTML": Kind(HTML, ServiceUnavailable, hint="log-in page"),
    "another form": Kind(Answer(200, [1]), ServiceUnavailable),
    "JSON called text": Kind(
        Answer(200, {"accountId": "acc-bot"}, {"Content-Type": "text/plain"}),
        ServiceUnavailable,
        hint="log-in page",
    ),
    "401": Kind(fault(401), AccessDenied, hint="credential"),
    "403": Kind(fault(403), AccessDenied, hint="credential"),
    "404": Kind(fault(404), NotFound, hint="spelling"),
    "409": Kind(fault(409), VersionConflict),
    "410": Kind(fault(410), NotFound),
    "422": Kind(fault(422), Rejected),
    "50 MB": Kind(Answer(200, b" " * 50_000_000), Rejected, hint="address"),
}


@pytest.fixture
def server():
    server = ConfluenceServer()
    yield server
    server.close()


@pytest.fixture
def api(server):
    return ConfluenceApi(
        open_confluence(server.url, TOKEN, username=USER, timeout_seconds=1, answer_seconds=0.3)
    )


def who(api):
    return api.read(Account, "wiki/rest/api/user/current", about="say who we are")


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_failure(server, api, name):
    """What writes is tried once: nobody knows what the first try did."""
    kind = KINDS[name]
    server.faults = [kind.answer] * 2
    with pytest.raises(kind.error, match=r"make a page") as caught:
        api.create(Account, "wiki/api/v2/pages", {}, about="make a page")
    assert type(caught.value) is kind.error
    assert len(server.requests) == 1
    assert kind.hint in caught.value.hint
    assert TOKEN not in f"{caught.value!r} {caught.value}"


@pytest.mark.parametrize("name", KINDS)
def test_reading_goes_on_when_a_failure_may_pass(server, api, name):
    kind = KINDS[name]
    server.faults = [kind.answer]
    if kind.repeated:
        assert who(api).accountId == "acc-bot"
    else:
        with pytest.raises(kind.error):
            who(api)
    assert len(server.requests) == 1 + kind.repeated


def test_reading_is_not_tried_for_ever(server, api):
    server.faults = [fault(500, "sick")] * 9
    with pytest.raises(ServiceUnavailable, match=r"status 500.*sick"):
        who(api)
    assert len(server.requests) == 3


def test_a_server_that_does_not_speak_tls(server):
    secure = server.url.replace("http:", "https:")
    api = ConfluenceApi(open_confluence(secure, TOKEN, username=USER))
    with pytest.raises(ServiceUnavailable, match=r"(?i)ssl"):
        api.create(Account, "wiki/api/v2/pages", {}, about="act")


def test_a_page_is_there_once_whatever_is_lost():
    """The answer to each request of a publication in turn, after the request has done its work."""
    for place in range(30):
        server = ConfluenceServer()
        server.faults = [None] * place + [Answer(drop=True, acts=True)]
        wiki = wiki_of(server)
        try:
            wiki.publish(draft(labels=("a",)))
        except (ServiceUnavailable, RateLimited):
            wiki.publish(draft(labels=("a",)))
        page = server.titled(TITLE)
        assert (len(server.pages), len(page.versions)) == (1, 1)
        assert page.properties
        assert len(page.labels) == 2
        reached = not server.faults
        server.close()
        if not reached:
            return
    pytest.fail("a publication has no end")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_credentials_do_not_follow_to_another_host(server, api, status):
    other = ConfluenceServer()
    server.faults = [Answer(status, headers={"Location": f"{other.url}/wiki"})] * 2
    with pytest.raises(Rejected, match=other.host):
        who(api)
    with pytest.raises(Rejected, match=other.host):
        api.create(Account, "wiki/api/v2/pages", {}, about="act")
    other.close()
    assert other.requests == []


def test_a_token_that_ends_in_the_middle_of_a_run(server):
    wiki = wiki_of(server)
    wiki.publish(draft())
    server.faults = [fault(401)]
    with pytest.raises(AccessDenied):
        wiki.publish(draft("Other."))
    assert len(server.titled(TITLE).versions) == 1
    assert wiki.publish(draft("Other.")).value.version == 2


def test_nobody_listens():
    api = ConfluenceApi(open_confluence("http://127.0.0.1:9", TOKEN, username=USER))
    with pytest.raises(ServiceUnavailable, match=r"127\.0\.0\.1:9 .*refused"):
        api.create(Account, "wiki/api/v2/pages", {}, about="act")


def test_a_long_wait_is_told_and_not_slept(server, api):
    server.faults = [KINDS["429 for long"].answer]
    began = time.monotonic()
    with pytest.raises(RateLimited) as caught:
        who(api)
    assert caught.value.retry_after_seconds == 600
    assert time.monotonic() - began < 3


def test_the_token_of_a_person_is_sent_as_theirs(server, api):
    who(api)
    sent = server.requests[0].headers["authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == f"{USER}:{TOKEN}"


@pytest.mark.parametrize("path", ["", "/", "/wiki", "/wiki/"])
def test_the_address_of_cloud_with_and_without_its_path(server, path):
    api = ConfluenceApi(open_confluence(f"{server.url}{path}", TOKEN, username=USER))
    assert who(api).accountId == "acc-bot"


def test_a_server_below_a_path():
    server = ConfluenceServer(cloud=False)
    api = ConfluenceApi(open_confluence(f"{server.url}/docs/", TOKEN, cloud=False))
    with pytest.raises(NotFound):
        api.read(Account, f"{api.v1}/user/current", about="ask")
    assert server.requests[0].path == "/docs/rest/api/user/current"
    server.close()


def test_a_refusal_leaves_no_half_page(server):
    server.faults = [None] * 4 + [fault(422, "Body is no storage format")]
    with pytest.raises(Rejected, match="no storage format"):
        wiki_of(server).publish(draft())
    assert server.pages == {}
    assert [verb for verb, _ in written(server)] == ["POST"]
