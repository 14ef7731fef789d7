import json
import os
import re
from datetime import timedelta

import pytest

from mergewright.cli.runs import find_interrupted, is_interrupted
from mergewright.events.projections import summarise
from tests.cli import example_log


@pytest.mark.journey
def test_runs_are_listed_newest_first(home, process):
    example_log.write(
        home,
        example_log.delivered(),
        example_log.failed(),
        example_log.working(process_id=os.getpid()),
        example_log.working("tally-7-eeeeee", process_id=example_log.NO_PROCESS),
        example_log.delivered("tally-7-rrrrrr", recorded=True),
    )
    done = process("runs")
    assert done.returncode == 0
    rows = [re.split(r"\s{2,}", text.strip()) for text in done.stdout.splitlines()]
    assert rows[0] == ["run", "ticket", "outcome", "cost", "started", "time"]
    assert [(row[0], row[2], row[3]) for row in rows[1:6]] == [
        ("tally-7-rrrrrr", "delivered", "$0.42*"),
        ("tally-7-eeeeee", "interrupted: implement", "$0.10"),
        ("tally-7-cccccc", "running: implement", "$0.10"),
        ("tally-7-bbbbbb", "failed", "$0.00"),
        ("tally-7-aaaaaa", "delivered", "$0.42"),
    ]
    assert rows[6] == ["* recorded answers: list prices, nothing was paid"]
    assert rows[8] == ["1 run was interrupted and goes on with: mergewright resume tally-7-eeeeee"]
    assert "\x1b" not in done.stdout


def test_a_narrow_table_cuts_no_run_id(home, mergewright):
    example_log.write(home, example_log.working("tally-7-" + "long-" * 7 + "aaaaaa"))
    done = mergewright("runs", COLUMNS="60")
    assert max(map(len, done.stdout.splitlines())) <= 60
    assert "tally-7-" + "long-" * 7 + "aaaaaa" in "".join(
        text.split("  ")[0].strip() for text in done.stdout.splitlines()[1:]
    )


def test_json_and_limit(home, mergewright):
    example_log.write(home, example_log.delivered(), example_log.failed())
    done = mergewright("runs", "--limit", "1", "--json")
    assert [run["run_id"] for run in json.loads(done.stdout)] == ["tally-7-bbbbbb"]


def test_interrupted_runs_are_marked_unless_the_request_was_begun_anew(home, mergewright):
    gone = {"process_id": example_log.NO_PROCESS}
    early = example_log.working("tally-7-aaaaaa", **gone)
    anew = [
        event.model_copy(update={"run_id": "tally-7-bbbbbb", "at": event.at + timedelta(hours=1)})
        for event in early
        if not event.key
    ]
    other = example_log.working("tally-8-aaaaaa", **gone)
    example_log.write(home, early, anew, other)
    done = mergewright("runs")
    assert done.stdout.count("interrupted: implement") == 3
    assert "2 runs were interrupted; each goes on with: mergewright resume RUN" in done.stdout
    listed = json.loads(mergewright("runs", "--json").stdout)
    assert [run["interrupted"] for run in listed] == [True, True, True]
    assert [
        summary.run_id for summary in find_interrupted(map(summarise, (other, anew, early)))
    ] == ["tally-8-aaaaaa", "tally-7-bbbbbb"]


def test_an_empty_log_says_what_to_do(mergewright):
    done = mergewright("runs")
    assert done.returncode == 0
    assert "mergewright run standard-dev" in done.stdout


def test_only_a_run_of_this_host_can_be_known_to_be_orphaned():
    gone = summarise(example_log.working(process_id=example_log.NO_PROCESS))
    assert is_interrupted(gone)
    assert not is_interrupted(gone.model_copy(update={"process": "elsewhere:1"}))
    assert not is_interrupted(gone.model_copy(update={"process": ""}))
    assert not is_interrupted(summarise(example_log.delivered(process_id=example_log.NO_PROCESS)))
