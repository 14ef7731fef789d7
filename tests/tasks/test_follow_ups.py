"""Which comments a follow-up takes up, and which run it goes on with."""

from datetime import UTC, datetime

import pytest

from mergewright.domain.delivery import Delivery, Outcome
from mergewright.domain.events import (
    EffectDone,
    EffectIntended,
    EffectUndone,
    RunFinished,
    RunStarted,
)
from mergewright.domain.requests import FollowUpRequest
from mergewright.errors import NotFound, NotReady, StoreFailed
from tasks._runs import event_store
from tasks._traces import RemarkWanted
from tasks.follow_ups import _answered, recall_delivery, work_of

AT = datetime(2026, 11, 20, 8, tzinfo=UTC)
REPOSITORY = "/x/shop"


@pytest.fixture
def store(home):
    return event_store()


def write(store, event):
    store.append([event])


def delivery(run_id, **fields):
    common = {
        "run_id": run_id, "workflow": "standard_dev", "outcome": Outcome.DELIVERED,
        "repository": REPOSITORY, "started_at": AT, "finished_at": AT,
    }  # fmt: skip
    return Delivery(**common | fields)


def finish(store, report):
    write(
        store,
        RunFinished(
            run_id=report.run_id,
            at=AT,
            outcome=report.outcome,
            report=report.model_dump(mode="json"),
        ),
    )


def answer(store, run_id, ids, *, number=1, done=True, undone=False):
    key = f"remark:#{number}:x"
    common = {"run_id": run_id, "at": AT, "effect": "remark", "target": f"#{number}:x"}
    wanted = RemarkWanted(
        repository=REPOSITORY, number=number, marker=run_id, body="Done.", answers=ids
    )
    write(store, EffectIntended(key=key, wanted=wanted.model_dump(mode="json"), **common))
    if done:
        write(store, EffectDone(key=key, found=False, **common))
    if undone:
        told = {"effect_key": key, "outcome": "undone", "reason": "It is removed."}
        write(store, EffectUndone(key=f"undo:{key}", **common, **told))


def test_what_any_run_has_answered_is_known_until_that_is_undone(store):
    answer(store, "a-1-aaaaaa", ("1", "2"))
    answer(store, "a-1-bbbbbb", ("3",), done=False)
    answer(store, "a-1-cccccc", ("4",), undone=True)
    answer(store, "a-1-dddddd", ("5",), number=2)
    assert _answered(store, REPOSITORY, 1) == {"1", "2"}
    assert _answered(store, REPOSITORY, 2) == {"5"}
    assert _answered(store, "/x/other", 1) == frozenset()


def test_only_a_run_with_a_pull_request_is_gone_on_with(store):
    with pytest.raises(NotFound, match="no run 'a-1-aaaaaa'"):
        recall_delivery("a-1-aaaaaa")
    finish(store, delivery("a-1-aaaaaa"))
    with pytest.raises(NotReady, match="opened no pull request"):
        recall_delivery("a-1-aaaaaa")


def test_a_follow_up_that_did_nothing_leads_to_the_run_it_followed(store):
    finish(store, delivery("a-1-bbbbbb", follows="a-1-aaaaaa"))
    with pytest.raises(NotFound, match="a-1-aaaaaa"):
        recall_delivery("a-1-bbbbbb")


def test_the_work_is_what_the_run_was_asked_for_with_what_is_asked_now(store):
    asked = {
        "ticket": "A-1", "repository": REPOSITORY, "base": "develop", "profile": "team",
        "model": "anthropic:claude-opus-5-5", "budget_usd": 9, "approve": ["plan"],
    }  # fmt: skip
    write(
        store,
        RunStarted(
            run_id="a-1-aaaaaa", at=AT, workflow="standard_dev", request=asked, request_digest="d",
            ticket="A-1", repository=REPOSITORY, process="host:1", package_version="1",
        )
    )  # fmt: skip
    first = delivery("a-1-aaaaaa")
    work = work_of(first, FollowUpRequest(run_id="a-1-aaaaaa", budget_usd=1))
    assert (work.follows, work.base, work.profile) == ("a-1-aaaaaa", "develop", "team")
    assert (work.model, work.budget_usd, work.approve) == ("anthropic:claude-opus-5-5", 1.0, ())
    other = work_of(first, FollowUpRequest(run_id="a-1-aaaaaa", profile="other"))
    assert other.profile == "other"
    with pytest.raises(StoreFailed, match="cannot be read"):
        work_of(delivery("a-1-zzzzzz"), FollowUpRequest(run_id="a-1-zzzzzz"))
