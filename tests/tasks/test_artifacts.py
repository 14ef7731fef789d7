"""What a run has come to is shown when it is known, and once by a flow run that goes on."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.runtime import flow_run

from mergewright.domain.delivery import Run
from mergewright.domain.gates import Gate, GateStatus
from mergewright.domain.plan import Plan, PlannedFile
from mergewright.domain.ticket import Ticket
from tasks import artifacts, records
from tasks.stages import Progress

pytestmark = pytest.mark.engine

RUN = Run(
    id="shown-7-abc123", workflow="standard_dev", profile="local", ticket="SHOWN-7",
    repository="/r", base="main", model=None, budget_usd=Decimal(1),
    started_at=datetime.now(UTC), approve=(),
)  # fmt: skip
PLAN = Plan(
    summary="Round up.", steps=("Round.",), acceptance_criteria=("It adds up.",),
    files=(PlannedFile(path="a.py", action="edit", why="It is here."),), test_plan=("test_it",),
)  # fmt: skip
TICKET = Ticket(key="SHOWN-7", title="It rounds", description="Down.", url="")
GATE = Gate(name="Tests", status=GateStatus.PASSED, summary="All are green")


@flow
def showing() -> str:
    """Show twice what is known, as a run does that goes on, and then another plan."""
    report = records.empty_report(RUN).model_copy(update={"ticket": TICKET, "plan": PLAN})
    for _ in range(2):
        progress = Progress(RUN)
        artifacts.show_learned(RUN, report, ("ticket", "plan", "changeset"))
    other = PLAN.model_copy(update={"steps": ("Ask first.",)})
    artifacts.show_learned(RUN, report.model_copy(update={"plan": other}), ("plan",))
    artifacts.show_end(RUN, report.model_copy(update={"gates": (GATE,)}))
    progress.finish()
    return str(flow_run.id)


def test_what_is_known_is_shown_once(home):
    flow_run_id = showing()
    with get_client(sync_client=True) as client:
        found = [
            one
            for one in client.request("POST", "/artifacts/filter", json={"limit": 200}).json()
            if one["flow_run_id"] == flow_run_id
        ]
    assert sorted(one["key"] for one in found) == [
        "costs-shown-7", "gates-shown-7", "plan-shown-7", "plan-shown-7", "progress-shown-7",
    ]  # fmt: skip
    told = {one["key"]: one["data"] for one in found}
    assert told["progress-shown-7"] == 100
    assert "| Tests | passed | All are green |" in told["gates-shown-7"]
