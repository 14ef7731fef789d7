import json
import os

import pytest

from tests.cli import example_log


@pytest.mark.journey
def test_a_delivered_run_is_told_whole(home, process):
    example_log.write(home, example_log.delivered(recorded=True))
    done = process("show", "tally-7-a")
    assert done.returncode == 0
    for text in (
        "recorded answers",
        "✓ Implement the change",
        "delivered  TALLY-7 A split loses a cent",
        "/srv/git/tally.pull-requests/1.md",
        "Tests    passed  42 green, 2 of them new",
        "$0.42 for 4 model calls at list prices; recorded answers: nothing was paid",
        "git fetch origin feature/tally-7-a-split-loses-a-cent",
    ):
        assert text in done.stdout


def test_a_failed_run_tells_error_hint_and_that_it_goes_on(home, mergewright):
    example_log.write(home, example_log.failed())
    done = mergewright("show", "last")
    assert "The tracker does not answer." in done.stdout
    assert "Try again in a minute." in done.stdout
    assert "goes on where it stopped with: mergewright resume tally-7-bbbbbb" in done.stdout


def test_a_run_without_an_end_tells_where_it_is(home, mergewright):
    example_log.write(
        home,
        example_log.working(process_id=example_log.NO_PROCESS),
        example_log.working("tally-8-aaaaaa", process_id=os.getpid()),
        example_log.asking("tally-9-aaaaaa", subject="text", process_id=os.getpid()),
    )
    gone = mergewright("show", "tally-7").stdout
    assert "Its process is gone." in gone
    assert "mergewright resume tally-7-cccccc" in gone
    assert "still running" in mergewright("show", "tally-8").stdout
    assert "mergewright approve tally-9-aaaaaa --stage plan" in mergewright("show").stdout


def test_json_holds_run_stages_gates_costs_and_report(home, mergewright):
    example_log.write(home, example_log.working(), example_log.delivered())
    document = json.loads(mergewright("show", "last", "--json").stdout)
    assert document["run"]["outcome"] == "delivered"
    assert document["stages"][0]["name"] == "ticket"
    assert [gate["name"] for gate in document["gates"]] == ["Lint", "Tests", "Licence"]
    assert document["costs"]["settled_usd"] == "0.420"
    assert document["report"]["pull_request"]["number"] == 1
    assert json.loads(mergewright("show", "tally-7-c", "--json").stdout)["report"] is None


def test_the_diff_can_be_piped_into_git(home, mergewright):
    example_log.write(home, example_log.failed(), example_log.delivered())
    done = mergewright("show", "tally-7-a", "--diff")
    assert done.stdout == example_log.DIFF
    none = mergewright("show", "tally-7-b", "--diff")
    assert none.returncode == 8
    assert "has no change to show" in none.stderr


def test_an_unknown_run_lists_the_newest(home, mergewright):
    assert "holds no run yet" in mergewright("show").stderr
    example_log.write(home, example_log.failed(), example_log.delivered())
    unknown = mergewright("show", "nope")
    assert unknown.returncode == 8
    assert "error: There is no run 'nope'." in unknown.stderr
    assert "tally-7-aaaaaa, tally-7-bbbbbb" in unknown.stderr
    several = mergewright("show", "tally")
    assert several.returncode == 8
    assert "start of 2 runs" in several.stderr


def test_following_without_a_terminal_prints_plain_lines(home, mergewright):
    example_log.write(home, example_log.failed())
    done = mergewright("show", "last", "--follow")
    assert "09:00:02 ticket          Fetch the ticket\n" in done.stdout
    assert "\x1b" not in done.stdout
    as_json = mergewright("show", "last", "--follow", "--json")
    assert json.loads(as_json.stdout)["run"]["outcome"] == "failed"
    assert "Fetch the ticket" in as_json.stderr
