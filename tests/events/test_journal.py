"""A stage's steps: written once, found again."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from mergewright.budget.limits import Caps
from mergewright.domain.events import ModelAnswered, Noted, ToolFinished
from mergewright.events.journal import Journal, utc_now
from mergewright.events.ledger import Ledger
from mergewright.events.projections import costs, read_events
from tests.events.samples import NOON, answered


@pytest.fixture
def journal(store):
    ledger = Ledger(store, "run-1", Caps(run_usd=Decimal(1)))
    return Journal(store, "run-1", "plan", ledger=ledger, clock=lambda: NOON)


def test_events_are_made_for_this_run_and_stage(journal):
    event = journal.make(Noted, text="hello", key="k")
    assert event == Noted(run_id="run-1", stage="plan", at=NOON, text="hello", key="k")
    with pytest.raises(ValidationError):
        journal.make(Noted, wrong="field")


def test_a_note_is_in_the_log(journal, store):
    journal.note("reading")
    (event,) = read_events(store, "run-1")
    assert (event.text, event.stage) == ("reading", "plan")


def test_an_answer_is_found_again(journal, store):
    assert journal.recorded_answer("k") is None
    journal.append(answered("k"))
    found = journal.recorded_answer("k")
    assert isinstance(found, ModelAnswered)
    assert found.answer == {"content": "yes"}
    other = Journal(store, "run-2", "plan", ledger=journal.ledger)
    assert other.recorded_answer("k") is None


def test_a_tool_result_is_found_again(journal):
    assert journal.recorded_tool("k") is None
    fields = {"agent": "a", "tool": "edit", "summary": "s", "seconds": 0.1, "tree": "abc"}
    journal.append(journal.make(ToolFinished, key="k", result={"text": "done"}, **fields))
    found = journal.recorded_tool("k")
    assert found is not None
    assert (found.tree, found.result) == ("abc", {"text": "done"})
    assert journal.recorded_answer("k") is None


def test_every_replay_counts(journal, store):
    journal.replayed("model", "analysis", "k")
    journal.replayed("model", "analysis", "k")
    journal.replayed("tool", "analysis", "t")
    assert costs(read_events(store, "run-1")).replayed == 2


def test_the_clock_is_aware_and_in_utc():
    assert utc_now().utcoffset().total_seconds() == 0
