from datetime import UTC, datetime

import pytest

from mergewright.domain.delivery import StageRecord, StageState
from mergewright.domain.pull_request import PullRequest
from mergewright.texts.progress import outside_links, progress_comment

AT = datetime(2026, 11, 20, tzinfo=UTC)


def stage(name, state=StageState.DONE, detail=""):
    return StageRecord(name=name, state=state, started_at=AT, detail=detail)


@pytest.mark.parametrize(
    ("stages", "headline"),
    [
        ((), "**In work.** Run `shop-7-1` has begun."),
        ((stage("Plan"),), "**In work.** Run `shop-7-1` has ended 1 stage."),
        (
            (stage("Plan"), stage("Implement", StageState.RUNNING)),
            "**In work.** Run `shop-7-1` is at: Implement.",
        ),
        (
            (stage("Plan"), stage("Check", StageState.FAILED)),
            "**Stopped.** Run `shop-7-1` failed at: Check.",
        ),
        (
            (stage("Check", StageState.FAILED), stage("Check")),
            "**In work.** Run `shop-7-1` has ended 1 stage.",
        ),
    ],
)
def test_the_first_line_says_how_far_a_run_is(stages, headline):
    assert progress_comment("shop-7-1", stages).splitlines()[0] == headline


def test_a_whole_comment():
    pull_request = PullRequest(
        number=4,
        url="https://example.org/pulls/4",
        title="SHOP-7: add\ntax",
        head="feature/x",
        base="main",
    )
    links = outside_links(
        "shop-7-1", run_url="https://prefect.example/runs/1", pull_request=pull_request
    )
    told = progress_comment(
        "shop-7-1", [stage("Plan", detail="3 steps | @ada")], links=links, recorded=True
    )
    assert told == (
        "**In work.** Run `shop-7-1` has ended 1 stage.\n"
        "\n"
        "> **Recorded answers.** No model is asked in this run: its answers are played back from a"
        " recording.\n"
        "\n"
        "| Stage | State | What was done |\n"
        "| --- | --- | --- |\n"
        "| Plan | done | 3 steps \\| @\u200bada |\n"
        "\n"
        "- [Run shop-7-1](https://prefect.example/runs/1)\n"
        "- [Pull request #\u200b4: SHOP-7: add tax](https://example.org/pulls/4)\n"
    )


def test_a_link_that_leads_nowhere_is_left_out():
    assert outside_links("shop-7-1") == ()
