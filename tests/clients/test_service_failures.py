"""What becomes of a call for every way in which a service, or the way to it, can fail.

The table of docs/how-to/guards.md is made from these.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pydantic import BaseModel

from mergewright.clients.confluence_api import ConfluenceApi, open_confluence
from mergewright.clients.confluence_errors import VersionConflict
from mergewright.clients.github_connection import open_github
from mergewright.clients.github_wire import Limits
from mergewright.clients.jira_api import JiraApi, open_jira
from mergewright.errors import (
    AccessDenied,
    NotFound,
    RateLimited,
    Rejected,
    ServiceUnavailable,
)
from tests.clients.faults import FAULTS, FaultServer

DOCUMENT = Path(__file__).parents[2] / "docs" / "how-to" / "guards.md"
TOKEN = "a-token-that-is-kept-secret"  # noqa: S105 - an example
ABOUT = "try something"

BECOMES = {
    "refused": ServiceUnavailable,
    "reset before the answer": ServiceUnavailable,
    "reset in the answer": ServiceUnavailable,
    "closed before the answer": ServiceUnavailable,
    "cut short": ServiceUnavailable,
    "time-out": ServiceUnavailable,
    "time-out in the answer": ServiceUnavailable,
    "slow drip": ServiceUnavailable,
    "429": RateLimited,
    "429 with Retry-After": RateLimited,
    "400": Rejected,
    "401": AccessDenied,
    "403": AccessDenied,
    "404": NotFound,
    "409": ServiceUnavailable,
    "410": NotFound,
    "422": Rejected,
    "500": ServiceUnavailable,
    "502": ServiceUnavailable,
    "503": ServiceUnavailable,
    "truncated JSON": ServiceUnavailable,
    "HTML instead of JSON": ServiceUnavailable,
    "wrong content type": ServiceUnavailable,
    "redirect to another host": Rejected,
    "TLS error": Rejected,
    "50 MB answer": Rejected,
}
"""With every service, but for what a call says otherwise."""
UNHEARD = {"refused", "TLS error"}
"""Where nothing that is sent arrives."""


class Thing(BaseModel):
    a: int


def jira(url):
    return JiraApi(open_jira(url, TOKEN, username="bot", timeout_seconds=1, answer_seconds=0.5))


def confluence(url):
    client = open_confluence(url, TOKEN, username="bot", timeout_seconds=1, answer_seconds=0.5)
    return ConfluenceApi(client)


def github(url):
    limits = Limits(timeout_seconds=0.4, answer_seconds=0.6, answer_bytes=2 << 20)
    return open_github(TOKEN, api_url=url, limits=limits).api


@dataclass(frozen=True)
class Call:
    """A call that is made once, and what else than `BECOMES` comes of it."""

    make: Callable
    instead: dict = field(default_factory=dict)

    def becomes(self, fault):
        return self.instead.get(fault, BECOMES[fault])


CALLS = {
    "Jira": Call(lambda url: jira(url).create(Thing, "things", {"a": 1}, about=ABOUT)),
    "Confluence": Call(
        lambda url: confluence(url).create(Thing, "things", {"a": 1}, about=ABOUT),
        {"409": VersionConflict},
    ),
    "GitHub": Call(lambda url: github(url).create(Thing, "things", {"a": 1}, about=ABOUT)),
}
SILENT = Call(
    lambda url: jira(url).act("things", {"a": 1}, about=ABOUT),
    dict.fromkeys(("truncated JSON", "HTML instead of JSON", "wrong content type")),
)
"""The answer to a write that says nothing is not read: its status is what counts."""


def test_each_fault_is_in_the_table():
    assert BECOMES.keys() == FAULTS.keys()


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", [*CALLS, "Jira, not reading the answer"])
def test_what_becomes_of_each_fault(name, fault):
    call = CALLS.get(name, SILENT)
    expected = call.becomes(fault)
    with FaultServer("404") as other, FaultServer(fault, target=other.url) as server:
        began = time.monotonic()
        if expected is None:
            call.make(server.url)
        else:
            with pytest.raises(expected) as caught:
                call.make(server.url)
            assert caught.type is expected
            assert caught.value.hint
            assert ABOUT in caught.value.message
            assert "<html>" not in caught.value.message
            assert TOKEN not in f"{caught.value!r} {caught.value}"
        assert time.monotonic() - began < 5
        # What adds something is never sent twice.
        assert server.bodies == ([] if fault in UNHEARD else [{"a": 1}])
        assert other.requests == []


def rows():
    yield f"| What happens | {' | '.join(CALLS)} |"
    yield f"| --- |{' --- |' * len(CALLS)}"
    for fault in FAULTS:
        cells = (f"`{call.becomes(fault).__name__}`" for call in CALLS.values())
        yield f"| {fault} | {' | '.join(cells)} |"


def test_the_table_of_the_document_is_this_one():
    assert "\n".join(rows()) in DOCUMENT.read_text()
