"""Where a run is watched is told only to those who can reach it, in pages as everywhere."""

from decimal import Decimal
from uuid import UUID

import pytest
from prefect.settings import PREFECT_UI_URL, temporary_settings

from mergewright.domain.delivery import Delivery, Outcome, Run
from mergewright.domain.events import RunStarted
from mergewright.events.journal import utc_now
from tasks._addresses import is_reached_by_others, run_address
from tasks._runs import event_store
from tasks.pages import _origin

FLOW_RUN = UUID(int=7)


@pytest.mark.parametrize(
    ("address", "is_reached"),
    [
        ("https://prefect.example.org/runs/flow-run/1", True),
        ("http://10.0.0.7:4200/runs/flow-run/1", True),
        ("http://localhost:4200/runs/flow-run/1", False),
        ("http://127.0.0.1:4200/runs/flow-run/1", False),
        ("http://[::1]:4200/runs/flow-run/1", False),
        ("", False),
    ],
)
def test_an_address_of_this_machine_alone_helps_nobody_else(address, is_reached):
    assert is_reached_by_others(address) is is_reached


@pytest.fixture
def run(home):
    run = Run(
        id="shop-7-abc123", workflow="standard_dev", profile="local", ticket="SHOP-7",
        repository="/r", base="main", model=None, budget_usd=Decimal(1), started_at=utc_now(),
    )  # fmt: skip
    started = RunStarted(
        run_id=run.id, at=utc_now(), workflow="standard_dev", request={}, request_digest="x",
        ticket="SHOP-7", repository="/r", flow_run_id=str(FLOW_RUN), process="here:1",
        package_version="1",
    )  # fmt: skip
    later = started.model_copy(update={"flow_run_id": str(UUID(int=8))})
    event_store().append([started])
    event_store().append([later])
    return run


def test_a_page_leads_to_the_first_flow_run_where_others_reach_it(run):
    delivery = Delivery(
        run_id=run.id, workflow="standard_dev", outcome=Outcome.DELIVERED, repository="/r",
        started_at=utc_now(), finished_at=utc_now(),
    )  # fmt: skip
    with temporary_settings({PREFECT_UI_URL: "https://prefect.example.org"}):
        assert str(FLOW_RUN) in run_address(run)
        assert _origin(run, delivery).run_url == run_address(run)
    with temporary_settings({PREFECT_UI_URL: "http://127.0.0.1:4200"}):
        assert run_address(run) == _origin(run, delivery).run_url == ""
