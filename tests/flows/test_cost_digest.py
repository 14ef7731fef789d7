"""The digest says what the log says; the alarm is one event a day."""

from decimal import Decimal

import pytest

from flows.cost_digest import cost_digest
from mergewright.domain.cost_digest import CostDigestRequest
from mergewright.domain.events import CallReserved, CallSettled, RunStarted
from mergewright.events.clock import utc_now
from mergewright.events.connect import open_event_store
from mergewright.settings import settings

pytestmark = pytest.mark.engine


@pytest.fixture
def spent(home):
    """A log in which a call cost 2.5 USD today."""
    home.mkdir()
    at = utc_now()
    names = {"agent": "implementation", "model": "anthropic:m", "reservation_id": "r1"}
    open_event_store(settings().event_store_url).append(
        [
            RunStarted(
                run_id="run-1", at=at, workflow="standard_dev", request={}, request_digest="d",
                ticket="T-1", repository="shop|web", process="host:1", package_version="1",
            ),
            CallReserved(
                run_id="run-1", at=at, stage="implement", step_key="s", worst_case_usd=Decimal(3),
                input_tokens=1, max_output_tokens=1, **names,
            ),
            CallSettled(
                run_id="run-1", at=at, stage="implement", cost_usd=Decimal("2.5"),
                outcome="answered", **names,
            ),
        ]
    )  # fmt: skip


def test_the_digest_tells_what_was_paid_and_for_what(spent, home):
    digest = cost_digest(CostDigestRequest(days=2))
    assert digest.paid_usd == digest.today_usd == Decimal("2.5")
    assert "**2.5000 USD**" in digest.text
    assert "| implement | 1 | 2.5000 |" in digest.text
    assert "shop\\|web" in digest.text
    assert not digest.alarmed
    again = cost_digest(CostDigestRequest(days=2))
    assert again.told == digest.told != ""
    (mail,) = (home / "mailbox").glob("*.eml")
    assert "Subject: Model calls cost 2.5000 USD" in mail.read_text()


@pytest.mark.parametrize(("alarm_usd", "alarmed"), [(2.5, True), (2.51, False)])
def test_the_alarm_is_at_the_amount_that_was_said(spent, alarm_usd, alarmed):
    digest = cost_digest(CostDigestRequest(tell=False, alarm_usd=alarm_usd))
    assert digest.alarmed is alarmed
    assert digest.told == ""
