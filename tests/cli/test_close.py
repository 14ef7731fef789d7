import io

import pytest
from pydantic import ValidationError
from rich.console import Console

from mergewright.cli.close import print_closed
from mergewright.domain.close import ClosedRun, CloseReport, CloseRequest
from tests.cli import example_log


def shown(*runs):
    stream = io.StringIO()
    print_closed(Console(file=stream, width=40, highlight=False), CloseReport(runs=runs))
    return stream.getvalue().strip()


def closed(**fields):
    return ClosedRun(**{"run_id": "t-1-abc", "closed": True, "outcome": "failed"} | fields)


def test_what_came_of_each_run_is_told():
    assert shown() == "No run is interrupted: nothing was closed."
    assert shown(closed()) == "t-1-abc is closed."
    assert shown(closed(comment="https://tracker.example.org/T-1\x1b[2J")).endswith(
        "Its ticket was told: https://tracker.example.org/T-1 [2J"
    )
    assert "could not be told: It is down. The same" in shown(closed(untold="It is down."))
    assert "had ended before (delivered)" in shown(closed(closed=False, outcome="delivered"))


@pytest.mark.parametrize(
    "fields",
    [{}, {"run_id": "t-1-abc", "interrupted": True}, {"interrupted": True, "orphaned": True}],
)
def test_a_request_says_which_runs_are_meant(fields):
    with pytest.raises(ValidationError, match="of"):
        CloseRequest(**fields)


def test_what_is_not_said_is_asked_for_before_anything_is_started(home, mergewright):
    example_log.write(home, example_log.delivered())
    done = mergewright("close")
    assert done.returncode == 2
    assert "mergewright close --interrupted" in done.stderr
    assert mergewright("close", "nope").returncode == 8
