import pytest

from mergewright.cli.past_costs import past_costs
from mergewright.events.sqlite import SqliteEventStore
from tests.cli import example_log

HERE = "/srv/git/tally"


@pytest.fixture
def said(home):
    def say(*runs, workflow="standard_dev", repository=HERE):
        example_log.write(home, *runs)
        store = SqliteEventStore(home / "events.db")
        try:
            return past_costs(store, workflow, repository)
        finally:
            store.close()

    return say


def test_what_was_paid_on_the_same_repository_counts(said):
    told = said(
        example_log.delivered("tally-1-aaaaaa"),
        example_log.delivered("tally-2-aaaaaa"),
        example_log.failed(),
    )
    assert told.startswith("about $0.42 ($0.42 to $0.42), ")
    assert told.endswith(": 2 runs on this repository ended well")


def test_without_one_here_those_elsewhere_count(said):
    told = said(example_log.delivered(), repository="/srv/git/other")
    assert told.startswith("about $0.42, ")
    assert told.endswith(": 1 run on other repositories ended well")


@pytest.mark.parametrize("workflow", ["standard_dev", "hotfix"])
def test_recorded_answers_tell_no_costs(said, workflow):
    told = said(example_log.delivered(recorded=True), workflow=workflow)
    assert told == "nothing is known yet: no run like it was paid for"
