import json
import re
from datetime import UTC, datetime
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from mergewright.domain.events import CallReserved, CallSettled, StepReplayed
from tests.cli import example_log


def interrupted(**options):
    """A run with a call of unknown outcome, one without an end, and a replayed answer."""
    run = example_log.ExampleRun("tally-9-aaaaaa", **options)
    run.do("plan")
    for name in ("lost", "open"):
        run.add(
            CallReserved,
            stage="plan",
            key=name,
            reservation_id=name,
            step_key=name,
            agent="analysis",
            model=example_log.MODEL,
            worst_case_usd=Decimal("0.9"),
            input_tokens=9000,
            max_output_tokens=16000,
        )
    run.add(
        CallSettled,
        stage="plan",
        key="lost",
        reservation_id="lost",
        agent="analysis",
        model=example_log.MODEL,
        cost_usd=Decimal("0.9"),
        outcome="unknown",
    )
    run.add(StepReplayed, stage="plan", kind="model", agent="plan")
    return run.events


@pytest.mark.journey
def test_costs_are_a_table_and_bars(home, process):
    example_log.write(home, example_log.delivered())
    done = process("costs")
    assert done.returncode == 0, done.stderr
    lines = [re.split(r"\s{2,}", text.strip()) for text in done.stdout.splitlines()]
    assert lines[0] == ["stage", "settled", "calls", "input", "output"]
    assert lines[1] == ["implement", "$0.21", "1", "8,000", "900"]
    assert lines[5] == ["total", "$0.42", "4", "32,000", "3,600"]
    assert [line.split()[0] for line in done.stdout.splitlines() if "█" in line] == [
        "implement",
        "review-0",
        "plan",
        "research",
    ]
    assert "\x1b" not in done.stdout


def test_unknown_outcomes_and_open_reservations_are_said_loudly(home, mergewright):
    example_log.write(home, interrupted())
    done = mergewright("costs", "--by", "run")
    told = " ".join(done.stdout.split())
    assert "run settled unknown reserved calls replayed" in told
    assert "tally-9-aaaaaa $0.96 $0.90 $0.90 2 1" in told
    assert "UNKNOWN OUTCOME: 1 call " in told
    assert "settled at the worst case, $0.90 of the sum" in told
    assert "$0.90 more is reserved for 1 call without an end" in told
    assert "▓ unknown outcome, at the worst case" in told


def test_recorded_answers_are_kept_apart(home, mergewright):
    example_log.write(
        home, example_log.delivered(), example_log.delivered("tally-7-rrrrrr", recorded=True)
    )
    paid, _, recorded = mergewright("costs", "--by", "run").stdout.partition("Recorded answers")
    assert "tally-7-aaaaaa" in paid
    assert "tally-7-rrrrrr" not in paid
    assert "tally-7-aaaaaa" not in recorded
    assert "nothing was paid" in recorded
    document = json.loads(mergewright("costs", "--json").stdout)
    assert document["paid"]["total"]["settled_usd"] == "0.420"
    assert document["recorded"]["total"]["settled_usd"] == "0.420"
    assert document["by"] == "stage"


def test_since_leaves_out_what_is_older(home, mergewright):
    example_log.write(
        home,
        example_log.delivered(at=datetime(2025, 1, 1, tzinfo=UTC)),
        example_log.delivered("tally-7-bbbbbb", at=datetime.now(UTC)),
    )
    rows = json.loads(mergewright("costs", "--by", "run", "--since", "2", "--json").stdout)
    assert [row["key"] for row in rows["paid"]["rows"]] == ["tally-7-bbbbbb"]


def test_a_picture_is_an_svg_that_loads_nothing(home, tmp_path, mergewright):
    example_log.write(home, interrupted())
    target = tmp_path / "costs.svg"
    done = mergewright("costs", "--by", "stage", "--picture", str(target))
    assert done.returncode == 0, done.stderr
    assert "The picture is in costs.svg." in done.stdout
    picture = target.read_text()
    ET.fromstring(picture)  # noqa: S314 - our own file
    assert re.findall(r"https?://[^\"'\s)]+", picture) == ["http://www.w3.org/2000/svg"]
    assert "url(#" in picture
    assert "font-face" not in picture
    text = re.sub(r"<[^>]+>", " ", picture).replace("&#160;", " ")
    for word in ("settled", "plan", "$0.96", "UNKNOWN", "█", "▓"):
        assert word in text


@pytest.mark.parametrize("words", [(), ("--since", "3")])
def test_an_empty_log_says_so(mergewright, words):
    done = mergewright("costs", *words)
    assert done.returncode == 0
    assert "No model call yet" in done.stdout
    assert json.loads(mergewright("costs", *words, "--json").stdout)["paid"]["rows"] == []


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--by", "week"), "week"),
        (("--since", "0"), "--since 0"),
        (("--since", "-3"), "--since -3"),
        (("--since", "1e12"), "--since 1e+12"),
        (("--since", "nan"), "--since nan"),
        (("--picture", "costs.png"), "costs.png"),
        (("--picture", "no/such/folder/costs.svg"), "no/such/folder/costs.svg"),
    ],
)
def test_a_bad_option_is_named_and_exits_2(home, mergewright, words, named):
    example_log.write(home, example_log.delivered())
    done = mergewright("costs", *words)
    assert done.returncode == 2
    assert named in done.stderr
    assert "hint: " in done.stderr
