"""A report says what was done after it was written, and what was not."""

from decimal import Decimal

import pytest

from mergewright.domain.delivery import Delivery, Outcome, Run
from mergewright.domain.events import EffectDone, RunFinished, RunStarted
from mergewright.domain.open_effects import LeftOver, OpenEffect, RetriedEffect
from mergewright.domain.page import Page
from mergewright.events.journal import utc_now
from mergewright.events.projections import read_events, report_of, summarise
from mergewright.texts.delivery import report as report_text
from tasks._later_in_report import Later, amend_report, with_later
from tasks._runs import event_store

RUN = "shop-7-abc123"
NOW = utc_now()
PAGE = LeftOver(
    effect="page", reason="The wiki is down.", remedy=f"mergewright effects retry {RUN}"
)
MAIL = PAGE.model_copy(update={"effect": "message", "target": "delivered"})
API = PAGE.model_copy(update={"effect": "api-pages"})


def later(effect, target, *, stage, outcome="done", reference="https://w/1"):
    was = OpenEffect(
        run_id=RUN, stage=stage, effect=effect, target=target, wanted_at=NOW, reason="Down."
    )
    came = RetriedEffect(
        run_id=RUN, effect=effect, target=target, outcome=outcome, reference=reference
    )
    return Later(was, came)


def delivery(*left):
    return Delivery(
        run_id=RUN, workflow="standard_dev", outcome=Outcome.DELIVERED, repository="/r", left=left,
        started_at=NOW, finished_at=NOW,
    )  # fmt: skip


def test_what_is_done_says_where_and_what_failed_again_stays_as_it_was():
    came = [
        later("page", "deliveries/shop-7", stage="page"),
        later("message", "delivered", stage="notify", outcome="open"),
        later("page", "api/a", stage="api-pages"),
        later("page", "api/b", stage="api-pages", outcome="open"),
        later("labels", "#1", stage="triage", reference="bug"),
    ]
    told = with_later(delivery(PAGE, MAIL, API), came)
    assert [one.done for one in told.left] == ["https://w/1", "", "", "bug"]
    assert told.left[1:3] == (MAIL, API)
    assert (told.left[3].effect, told.left[3].target) == ("labels", "#1")
    text = report_text(told)
    assert "done later: `https://w/1`" in text
    assert "done later: bug" in text
    assert text.count(f"mergewright effects retry {RUN}") == 2


@pytest.fixture
def run(home):
    return Run(
        id=RUN, workflow="standard_dev", profile="local", ticket="SHOP-7", repository="/r",
        base="main", model=None, budget_usd=Decimal(1), started_at=NOW,
    )  # fmt: skip


@pytest.mark.engine
def test_the_end_of_the_run_is_written_anew_and_nothing_else_of_it_changes(run):
    page = Page(title="T", url="https://w/1", version=1)
    store = event_store()
    store.append(
        [
            RunStarted(
                run_id=RUN, at=NOW, workflow="standard_dev", request={}, request_digest="x",
                ticket="SHOP-7", repository="/r", process="here:1", package_version="1",
            ),
            RunFinished(
                run_id=RUN, at=NOW, outcome="delivered",
                report=delivery(PAGE).model_dump(mode="json"),
            ),
        ]
    )  # fmt: skip
    before = summarise(read_events(store, RUN))
    nothing = later("page", "deliveries/shop-7", stage="page", outcome="open")
    assert amend_report(run, [nothing]) is None
    store.append(
        [
            EffectDone(
                run_id=RUN, at=NOW, stage="effects retry", key="page:deliveries/shop-7",
                effect="page", target="deliveries/shop-7", found=False,
                result={"value": page.model_dump(mode="json")},
            )
        ]
    )  # fmt: skip
    amended = amend_report(run, [later("page", "deliveries/shop-7", stage="page")])
    assert report_of(read_events(store, RUN)) == amended
    assert (amended.page, amended.finished_at) == (page, NOW)
    assert summarise(read_events(store, RUN)) == before
