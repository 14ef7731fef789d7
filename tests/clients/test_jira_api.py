"""Calls to Jira on a line that fails: what is tried again, how often, and what never is."""

import base64
import time

import pytest
from pydantic import BaseModel

from mergewright.clients.jira_api import JiraApi, open_jira
from mergewright.errors import NotFound, RateLimited, Rejected, ServiceUnavailable
from tests.clients.jira_server import TOKEN, USER, JiraServer, fault
from tests.clients.loopback import Answer

HTML = Answer(200, b"<html>Please log in</html>", {"Content-Type": "text/html"})


class Account(BaseModel):
    accountId: str  # noqa: N815 - Jira's name


@pytest.fixture
def server():
    server = JiraServer()
    yield server
    server.close()


@pytest.fixture
def api(server):
    return JiraApi(open_jira(server.url, TOKEN, username=USER, timeout_seconds=1))


def who(api):
    return api.read(Account, "myself", about="say who we are")


def test_the_token_of_a_person_is_sent_as_theirs(server, api):
    assert who(api).accountId == "acc-bot"
    sent = server.requests[0].headers["authorization"].removeprefix("Basic ")
    assert base64.b64decode(sent).decode() == f"{USER}:{TOKEN}"


def test_a_token_without_a_name_is_sent_as_a_bearer(server):
    server.cloud = False
    assert who(JiraApi(open_jira(server.url, TOKEN))).accountId == "acc-bot"
    assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_jira_below_a_path(server):
    with pytest.raises(NotFound):
        who(JiraApi(open_jira(f"{server.url}/jira/", TOKEN, username=USER)))
    assert server.requests[0].path == "/jira/rest/api/3/myself"


@pytest.mark.parametrize(
    "failure",
    [
        fault(503),
        fault(502),
        fault(429, headers={"Retry-After": "0"}),
        Answer(drop=True),
        Answer(200, {}, missing_bytes=50),
    ],
    ids=["503", "502", "429", "dropped", "cut short"],
)
def test_reading_is_tried_again(server, api, failure):
    server.faults = [failure]
    assert who(api).accountId == "acc-bot"
    assert len(server.requests) == 2


def test_reading_is_not_tried_for_ever(server, api):
    server.faults = [fault(500, "sick")] * 9
    with pytest.raises(ServiceUnavailable, match=r"status 500.*sick"):
        who(api)
    assert len(server.requests) == 3


def test_a_service_that_hangs_is_left_after_its_time(server, api):
    server.faults = [Answer(200, {}, wait_seconds=30)]
    began = time.monotonic()
    with pytest.raises(ServiceUnavailable, match=r"(?i)timed out"):
        api.act("myself", {}, about="wait")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "failure",
    [fault(503), fault(429, headers={"Retry-After": "0"}), Answer(drop=True)],
    ids=["503", "429", "dropped"],
)
def test_adding_is_never_tried_again(server, api, failure):
    server.faults = [failure]
    with pytest.raises((ServiceUnavailable, RateLimited)):
        api.create(Account, "myself", {"body": "x"}, about="add")
    with pytest.raises(NotFound):
        api.act("nowhere", {"body": "x"}, about="act")
    assert len(server.requests) == 2


def test_replacing_is_tried_again(server, api):
    server.faults = [Answer(drop=True)]
    api.replace("myself", {"body": "x"}, about="replace")
    assert [one.body for one in server.seen("PUT")] == [{"body": "x"}] * 2


def test_a_long_wait_is_told_and_not_slept(server, api):
    server.faults = [fault(429, headers={"Retry-After": "600"})]
    began = time.monotonic()
    with pytest.raises(RateLimited) as caught:
        who(api)
    assert caught.value.retry_after_seconds == 600
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    "answer",
    [
        HTML,
        Answer(200, {"other": 1}),
        Answer(200, [1]),
        Answer(200, b'{"accountId": "a'),
        Answer(200, {"accountId": "acc-bot"}, {"Content-Type": "text/html"}),
    ],
    ids=["a log-in page", "other fields", "a list", "half a document", "JSON called HTML"],
)
def test_an_answer_that_is_not_jiras(server, api, answer):
    server.faults = [answer]
    with pytest.raises(ServiceUnavailable, match="not what Jira gives"):
        who(api)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_credentials_do_not_follow_to_another_host(server, api, status):
    other = JiraServer()
    server.faults = [Answer(status, headers={"Location": f"{other.url}/rest/api/3/myself"})] * 2
    with pytest.raises(Rejected, match=other.host):
        who(api)
    with pytest.raises(Rejected, match=other.host):
        api.act("myself", {}, about="act")
    other.close()
    assert other.requests == []


def test_nobody_listens():
    api = JiraApi(open_jira("http://127.0.0.1:9", TOKEN, username=USER))
    with pytest.raises(ServiceUnavailable, match=r"127\.0\.0\.1:9 .*refused"):
        api.act("myself", {}, about="act")


def test_the_token_is_in_no_error(server, api):
    server.faults = [fault(400, f"bad header: Basic {TOKEN}", headers={}), HTML]
    texts = []
    for _ in range(2):
        with pytest.raises((Rejected, ServiceUnavailable)) as caught:
            who(api)
        texts.append(f"{caught.value!r} {caught.value} {caught.value.hint}")
    assert TOKEN not in " ".join(texts)
    assert "[redacted]" in texts[0]
