"""Which run a request goes on with."""

import pytest

from mergewright.domain.requests import ApprovalPoint, StandardDevRequest
from mergewright.errors import NotFound, Rejected, SettingInvalid
from mergewright.events.sqlite import SqliteEventStore
from tasks._identity import find_earlier, request_digest, stops_of
from tests.events.samples import finished, started

REQUEST = StandardDevRequest(ticket="T-1", repository="https://host/repo.git")


@pytest.fixture
def store(tmp_path):
    store = SqliteEventStore(tmp_path / "events.db")
    yield store
    store.close()


def began(run_id, request=REQUEST, *, flow_run_id=""):
    return started(run_id, digest=request_digest("standard_dev", request)).model_copy(
        update={
            "request": request.model_dump(mode="json"),
            "ticket": request.ticket,
            "repository": request.repository,
            "flow_run_id": flow_run_id,
        }
    )


def found(store, request=REQUEST, run_id=None, flow_run_id="now"):
    earlier = find_earlier(store, "standard_dev", request, run_id, flow_run_id)
    return earlier and earlier.run_id


def test_budget_approval_and_how_to_go_on_do_not_make_another_request():
    changes = {
        "budget_usd": 9,
        "approve": ("plan",),
        "fresh": True,
        "accept_drift": True,
        "max_repair_rounds": 0,
    }
    same = StandardDevRequest(**REQUEST.model_dump() | changes)
    assert request_digest("standard_dev", same) == request_digest("standard_dev", REQUEST)
    for change in ({"base": "x"}, {"model": "a:b"}, {"dry_run": True}, {"profile": "x"}):
        other = StandardDevRequest(**REQUEST.model_dump() | change)
        assert request_digest("standard_dev", other) != request_digest("standard_dev", REQUEST)


def test_a_question_stays_where_the_request_comes_again_without_it(store):
    assert stops_of(store, REQUEST, None) == ()
    asking = REQUEST.model_copy(update={"approve": (ApprovalPoint.CHANGE, ApprovalPoint.PLAN)})
    first = began("run-1", asking)
    store.append([first, began("run-1", REQUEST), began("run-2", REQUEST)])
    assert stops_of(store, REQUEST, first) == ("plan", "change")
    publishing = REQUEST.model_copy(update={"approve": (ApprovalPoint.PUBLISH,)})
    assert stops_of(store, publishing, first) == ("plan", "change", "publish")
    assert stops_of(store, REQUEST, began("run-2")) == ()


def test_the_newest_run_of_the_request_goes_on(store):
    assert found(store) is None
    store.append([began("run-1"), began("run-2")])
    assert found(store) == "run-2"
    store.append([finished("run-2")])
    assert found(store) is None


def test_a_named_run_goes_on_whichever_is_newer(store):
    store.append([began("run-1"), began("run-2")])
    assert found(store, run_id="run-1") == "run-1"
    fresh = REQUEST.model_copy(update={"fresh": True, "budget_usd": 9.0})
    assert found(store, fresh, run_id="run-1") == "run-1"


def test_a_named_run_must_be_there_and_about_this_request(store):
    with pytest.raises(NotFound, match="'run-1'"):
        found(store, run_id="run-1")
    store.append([began("run-1")])
    other = REQUEST.model_copy(update={"base": "release", "dry_run": True})
    with pytest.raises(SettingInvalid, match="base 'main' and not 'release'") as caught:
        found(store, other, run_id="run-1")
    assert "dry_run False and not True" in caught.value.message
    assert "mergewright resume run-1" in caught.value.hint


def test_a_fresh_request_goes_on_with_nothing_but_what_its_own_flow_run_began(store):
    fresh = REQUEST.model_copy(update={"fresh": True})
    store.append([began("run-1", flow_run_id="then"), began("run-2", flow_run_id="")])
    assert found(store, fresh) is None
    assert found(store, fresh, flow_run_id="") is None
    assert found(store, fresh, flow_run_id="then") == "run-1"
    store.append([finished("run-1")])
    assert found(store, fresh, flow_run_id="then") is None


def test_a_flow_run_that_is_woken_goes_on_with_its_own_run(store):
    waits = finished("run-1", outcome="waiting", resumable=True)
    store.append([began("run-1", flow_run_id="then"), waits, began("run-2")])
    assert found(store, flow_run_id="then") == "run-1"
    assert found(store, flow_run_id="now") == "run-2"


def test_a_flow_run_whose_run_was_ended_elsewhere_begins_no_other(store):
    waits = finished("run-1", outcome="waiting", resumable=True)
    store.append([began("run-1", flow_run_id="then"), waits])
    store.append([began("run-1", flow_run_id="terminal"), finished("run-1")])
    with pytest.raises(Rejected, match="gone on with elsewhere") as caught:
        found(store, flow_run_id="then")
    assert "mergewright show run-1" in caught.value.hint
