import os
import signal

import pytest

from mergewright.domain.events import StageFinished
from mergewright.events.sqlite import SqliteEventStore
from tests.cli import example_log
from tests.cli.terminal import Terminal

RUN = "tally-7-dddddd"
SUBJECT = "# Split in whole cents\n\nTouch **only** split.py.\n"


@pytest.fixture
def log(home):
    store = SqliteEventStore(home / "events.db")
    yield store
    store.close()


@pytest.fixture
def asked(log):
    """A run that waits for its plan to be approved."""
    events = example_log.asking(subject=SUBJECT, process_id=os.getpid())
    log.append(events)
    return events


def follow(environment, home, columns=80):
    return Terminal(
        "show", "last", "--follow", environment=environment, folder=home, columns=columns
    )


def finish(log, events, *, approved):
    run = example_log.ExampleRun(RUN)
    end = run.report(example_log.Outcome.DELIVERED if approved else example_log.Outcome.FAILED)
    run.events.clear()
    run.add(StageFinished, stage="approve-plan", state="done", seconds=2.0)
    run.finish(end)
    log.append(run.events)


def decision_in(log):
    (stored,) = log.read(types=("approval_decided",))
    return stored.event


@pytest.mark.journey
def test_the_question_is_asked_and_the_run_goes_on(environment, home, log, asked):
    with follow(environment, home) as terminal:
        terminal.expect("Approve? [y/N, or say what is wrong]")
        assert "Split in whole cents" in terminal.text
        assert "**only**" not in terminal.text
        terminal.type("yes, well done\n")
        terminal.expect("Approved by")
        finish(log, asked, approved=True)
        terminal.expect("delivered")
        assert terminal.end() == 0
    decision = decision_in(log)
    assert (decision.approved, decision.door) == (True, "terminal")
    assert decision.comment == "well done"


@pytest.mark.journey
def test_an_answer_through_another_door_ends_the_question(
    environment, home, log, asked, mergewright
):
    with follow(environment, home) as terminal:
        terminal.expect("Approve?")
        assert mergewright("reject", RUN, "--comment", "not now").returncode == 0
        finish(log, asked, approved=False)
        terminal.expect("failed")
        assert terminal.end() == 0
    assert decision_in(log).door == "command"


@pytest.mark.journey
def test_the_end_of_input_decides_nothing(environment, home, log, asked):
    with follow(environment, home) as terminal:
        terminal.expect("Approve?")
        terminal.type("\x04")
        terminal.expect(f"mergewright approve {RUN} --stage plan")
        finish(log, asked, approved=True)
        assert terminal.end() == 0
    assert log.read(types=("approval_decided",)) == []


@pytest.mark.journey
def test_an_interrupt_leaves_the_terminal_usable(environment, home, log):
    log.append(example_log.working(process_id=os.getpid()))
    with follow(environment, home, columns=60) as terminal:
        terminal.expect("Implement the change")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.end() == 130
        hidden, shown = terminal.raw.rfind("\x1b[?25l"), terminal.raw.rfind("\x1b[?25h")
        assert -1 < hidden < shown
        assert max(map(len, terminal.lines)) <= 60


@pytest.mark.journey
def test_no_color_is_honoured(environment, home, log):
    log.append(example_log.delivered(recorded=True))
    with follow({**environment, "NO_COLOR": "1"}, home) as terminal:
        assert terminal.end() == 0
        assert "\x1b[3" not in terminal.raw
        assert "recorded answers" in terminal.text
    with follow(environment, home) as terminal:
        assert terminal.end() == 0
        assert "\x1b[32m" in terminal.raw
