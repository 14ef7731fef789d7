from datetime import timedelta
from io import StringIO

import pytest
from inline_snapshot import snapshot
from rich.console import Console

from mergewright.cli.live import activity, is_finished, line, view
from mergewright.domain.events import StageFinished, StepReplayed
from tests.cli import example_log
from tests.cli.example_log import ExampleRun


def shown(events, *, width=80, height=40, now=None, whole=False, encoding="utf-8"):
    class Screen(StringIO):
        @property
        def encoding(self):
            return encoding

    screen = Screen()
    console = Console(file=screen, width=width, height=height, legacy_windows=False)
    console.print(view(events, now or events[-1].at, whole=whole))
    return [text.rstrip() for text in screen.getvalue().splitlines()]


def test_a_running_stage_shows_what_its_agent_does():
    events = example_log.working(recorded=True)
    lines = shown(events, now=events[-1].at + timedelta(seconds=63))
    assert lines == snapshot(
        [
            "ticket     TALLY-7",
            "repository /srv/git/tally (main)",
            "run        tally-7-cccccc",
            "model      anthropic:claude-opus-5-5   recorded answers",
            "",
            "✓ Fetch the ticket                                                   4.0s",
            "✓ Check that the ticket is ready                                     4.0s",
            "✓ Prepare the workspace                                              4.0s",
            "✓ Analyse the repository                                             4.0s",
            "✓ Check the base                                                     4.0s",
            "✓ Research                                                           4.0s  $0.04",
            "✓ Plan the change                                                    4.0s  $0.06",
            "● Implement the change                                             1m 05s",
            "  implementation: edit src/tally/split.py",
            "",
            "1m 47s · $0.10 of $3.00 · 2 model calls",
            "recorded answers: list prices, nothing was paid",
        ]
    )


def test_a_narrow_terminal_cuts_nothing_that_matters():
    lines = shown(example_log.working(recorded=True), width=60)
    assert max(map(len, lines)) <= 60
    text = "\n".join(lines)
    for needed in ("recorded answers", "Implement the change", "edit src/tally/split.py", "$0.06"):
        assert needed in text


@pytest.mark.parametrize("height", [10, 16, 24])
def test_a_low_terminal_folds_the_stages_that_are_over(height):
    events = example_log.delivered(recorded=True)
    lines = shown(events, height=height)
    assert len(lines) <= max(height, 12)
    assert any("stages before" in text for text in lines) is (height < 26)
    assert any("report" in text for text in lines)
    assert len(shown(events, height=height, whole=True)) > 20


def test_a_terminal_without_unicode_gets_plain_signs():
    lines = shown(example_log.working(), encoding="ascii")
    assert any(text.startswith("+ Research") for text in lines)
    assert any(text.startswith("> Implement") for text in lines)


def test_a_run_that_has_not_begun_is_waited_for():
    console = Console(file=StringIO(), width=60)
    console.print(view([], example_log.START))
    assert "Waiting for the run to begin" in console.file.getvalue()


def test_the_clock_stops_when_the_run_is_over():
    events = example_log.delivered()
    later = shown(events, now=events[-1].at + timedelta(hours=5))
    assert later == shown(events)
    assert is_finished(events)
    assert not is_finished(example_log.working())


def test_what_is_replayed_and_held_back_is_told():
    run = ExampleRun("tally-7-zzzzzz")
    run.begin("plan")
    run.call("plan", "0.5")
    run.events = [event for event in run.events if event.type != "call_settled"]
    run.add(StepReplayed, stage="plan", kind="model", agent="analysis")
    text = "\n".join(shown(run.events))
    assert "$0.90 held back" in text
    assert "1 answer from the log" in text


def test_activity_ends_with_the_call_and_follows_the_tool():
    run = ExampleRun("tally-7-zzzzzz")
    run.begin("plan")
    assert activity(run.events, "plan") == ""
    run.call("plan", "0.1")
    reserved = [event for event in run.events if event.type != "call_settled"]
    assert activity(reserved, "plan") == "plan: asking anthropic:claude-opus-5-5"
    assert activity(run.events, "plan") == ""
    run.tool("plan", "read \x1b[2Jfile")
    assert activity(run.events, "plan") == "implementation: read [2Jfile, done"
    assert activity(run.events, "implement") == ""
    run.ask("plan", "text")
    assert activity(run.events, "approve-plan") == "waiting for a person's approval"


def test_plain_lines_tell_the_run():
    told = [line(event) for event in [*example_log.delivered(), *example_log.failed()]]
    assert [text for text in told if text] == snapshot(
        [
            "09:00:01 run             tally-7-aaaaaa: ticket TALLY-7 in /srv/git/tally",
            "09:00:02 ticket          Fetch the ticket",
            "09:00:06 ticket          done in 4.0s",
            "09:00:07 ready           Check that the ticket is ready",
            "09:00:11 ready           done in 4.0s",
            "09:00:12 workspace       Prepare the workspace",
            "09:00:16 workspace       done in 4.0s",
            "09:00:17 analyse         Analyse the repository",
            "09:00:21 analyse         done in 4.0s",
            "09:00:22 baseline        Check the base",
            "09:00:26 baseline        done in 4.0s",
            "09:00:27 research        Research",
            "09:00:34 research        done in 4.0s",
            "09:00:35 plan            Plan the change",
            "09:00:42 plan            done in 4.0s",
            "09:00:43 implement       Implement the change",
            "09:00:50 implement       done in 4.0s",
            "09:00:51 check-0         Check the change",
            "09:00:55 check-0         done in 4.0s",
            "09:00:55 check-0         gate Lint passed: No new findings",
            "09:00:55 check-0         gate Tests passed: 42 green, 2 of them new",
            "09:00:55 check-0         gate Licence warned: Not checked: no policy asks for it",
            "09:00:56 review-0        Review the change",
            "09:01:03 review-0        done in 4.0s",
            "09:01:04 guard           Guard the change",
            "09:01:08 guard           done in 4.0s",
            "09:01:09 push            Commit and push",
            "09:01:13 push            done in 4.0s",
            "09:01:14 pull-request    Open the pull request",
            "09:01:18 pull-request    done in 4.0s",
            "09:01:19 page            Publish the page",
            "09:01:23 page            done in 4.0s",
            "09:01:24 ticket-update   Update the ticket",
            "09:01:28 ticket-update   done in 4.0s",
            "09:01:29 notify          Notify",
            "09:01:33 notify          done in 4.0s",
            "09:01:34 pull-request    pull request done (/srv/git/tally.pull-requests/1.md)",
            "09:01:35 run             tally-7-aaaaaa: delivered",
            "09:01:36 report          report",
            "09:01:40 report          done in 4.0s",
            "09:00:01 run             tally-7-bbbbbb: ticket TALLY-7 in /srv/git/tally",
            "09:00:02 ticket          Fetch the ticket",
            "09:00:06 ticket          done in 4.0s",
            "09:00:07 ready           Check that the ticket is ready",
            "09:00:11 ready           failed in 4.0s: ServiceUnavailable",
            "09:00:12 run             tally-7-bbbbbb: failed",
        ]
    )


def test_a_hostile_summary_stays_on_its_line():
    event = StageFinished(
        run_id="r-1",
        stage="plan",
        at=example_log.START,
        state="done",
        seconds=1,
        summary="a\n\x1bb",
    )
    assert line(event).endswith("done in 1.0s: a b")


def test_a_question_without_a_terminal_says_how_to_answer():
    asked = line(example_log.asking(subject="text")[-1])
    assert "mergewright approve tally-7-dddddd --stage plan" in asked
    assert "mergewright reject tally-7-dddddd --stage plan --digest 982d9e3eb996 --comment" in asked
