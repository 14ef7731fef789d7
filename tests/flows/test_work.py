"""One way to do a stage: what comes of it, and what it may tell people."""

import pytest
from prefect import flow

from flows._work import delivering
from mergewright.domain.delivery import Outcome
from mergewright.domain.requests import StandardDevRequest
from mergewright.errors import ChecksFailed
from tasks._policies import stage
from tasks._runs import event_store
from tests.events.samples import reserved, settled

pytestmark = pytest.mark.engine


def spend(run):
    """Have the log hold a call that costs nine tenths of the budget."""
    call = {"run_id": run.id, "stage": "plan"}
    event_store().append([reserved("r", "0.9", **call), settled("r", "0.9", **call)])


@stage("Think", kept=False, repeats=0, paid=True)
def think(run, comes_off):
    spend(run)
    if not comes_off:
        raise ChecksFailed("It was thought wrong.")
    return ""


@stage("Look", kept=False, repeats=0)
def look(run):
    spend(run)
    return ""


@pytest.fixture
def request_(home, tmp_path):
    ticket = tmp_path / "T-1.md"
    ticket.write_text("---\nkey: T-1\ntitle: Broken\n---\nIt is broken.\n")
    return StandardDevRequest(ticket=str(ticket), repository=str(tmp_path), budget_usd=1)


def alarms(home):
    return [path for path in (home / "mailbox").glob("*.eml") if "cost-alarm" in path.name]


def do(request, *inputs):
    @flow
    def little():
        with delivering("standard_dev", request) as work:
            work.do("plan", *inputs)
            work.learn(outcome=Outcome.REHEARSED)

    little()


def test_people_are_told_what_a_stage_cost_that_came_off(home, request_):
    do(request_, think, True)
    assert len(alarms(home)) == 1


def test_a_stage_that_fails_says_why_and_tells_nothing_of_costs(home, request_):
    with pytest.raises(ChecksFailed, match="thought wrong"):
        do(request_, think, False)
    assert alarms(home) == []


def test_a_stage_in_which_no_model_is_asked_is_not_looked_at(home, request_):
    do(request_, look)
    assert alarms(home) == []
