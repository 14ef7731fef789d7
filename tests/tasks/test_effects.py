"""One effect, however often it is tried, and another one after it was undone."""

from decimal import Decimal

import pytest
from pydantic import BaseModel

from mergewright.budget.limits import Caps
from mergewright.clients.ports import Effect
from mergewright.domain.events import EffectIntended, EffectUndone
from mergewright.errors import (
    AccessDenied,
    NotFound,
    RateLimited,
    SecretFound,
    ServiceUnavailable,
)
from mergewright.events.journal import Journal
from mergewright.events.ledger import Ledger
from mergewright.events.sqlite import SqliteEventStore
from mergewright.events.undo_list import open_effects, undo_plan, undone_key
from tasks._effects import effect_key, or_note, perform, put_off
from tests.golden.golden_cases import SECRET


class Was(BaseModel):
    lines: int


class Wanted(BaseModel):
    text: str


class Board:
    """A blackboard outside, on which a line is written once."""

    def __init__(self):
        self.lines: list[str] = []
        self.faults = 0
        self.looks = 0

    def look(self) -> Was:
        self.looks += 1
        return Was(lines=len(self.lines))

    def write(self, text: str) -> Effect[str]:
        found = text in self.lines
        if not found:
            self.lines.append(text)
        if self.faults:
            self.faults -= 1
            raise ServiceUnavailable("The board did not answer.")
        return Effect(text, found=found)


@pytest.fixture
def board():
    return Board()


@pytest.fixture
def journal(tmp_path):
    store = SqliteEventStore(tmp_path / "events.db")
    yield Journal(store, "run-1", "push", ledger=Ledger(store, "run-1", Caps(run_usd=Decimal(1))))
    store.close()


def put(journal, board, text="hello"):
    return perform(
        journal,
        effect="line",
        target="board",
        form=str,
        wanted=Wanted(text=text),
        act=lambda: board.write(text),
        reference=str,
        before=board.look,
    )


def events(journal):
    return [stored.event for stored in journal.store.read(run_id="run-1")]


def test_an_effect_is_done_once_and_looked_at_once(journal, board):
    assert put(journal, board) == put(journal, board) == "hello"
    assert (board.lines, board.looks) == (["hello"], 1)
    assert [event.type for event in events(journal)] == ["effect_intended", "effect_done"]


def test_what_was_before_is_kept_from_the_first_try(journal, board):
    board.faults = 1
    with pytest.raises(ServiceUnavailable):
        put(journal, board)
    assert put(journal, board) == "hello"
    assert (board.lines, board.looks) == (["hello"], 1)
    intents = [event for event in events(journal) if isinstance(event, EffectIntended)]
    assert [(event.before, event.wanted) for event in intents] == [
        ({"lines": 0}, {"text": "hello"})
    ]


def test_another_wish_after_an_interruption_is_written_down_too(journal, board):
    board.faults = 1
    with pytest.raises(ServiceUnavailable):
        put(journal, board)
    put(journal, board, "goodbye")
    (step,) = undo_plan(events(journal))
    assert (step.before, step.wanted, board.looks) == ({"lines": 0}, {"text": "goodbye"}, 1)
    assert step.done


@pytest.mark.parametrize(("outcome", "lines"), [("undone", 2), ("already", 2), ("kept", 1)])
def test_after_it_was_undone_it_is_done_again(journal, board, outcome, lines):
    put(journal, board)
    key = effect_key(journal, "line", "board")
    journal.append(
        journal.make(
            EffectUndone,
            key="" if outcome == "kept" else undone_key(key),
            effect_key=key,
            effect="line",
            target="board",
            outcome=outcome,
            reason="so it is",
        )
    )
    put(journal, board, "again")
    put(journal, board, "again")
    assert len(board.lines) == lines
    assert len(undo_plan(events(journal))) == 1


def test_what_could_not_be_looked_at_is_put_off_with_all_that_it_needs(journal, board):
    def refuse():
        raise ServiceUnavailable("The board does not answer.")

    def try_it():
        perform(
            journal,
            effect="line",
            target="board",
            form=str,
            wanted=Wanted(text="hello"),
            act=lambda: board.write("hello"),
            reference=str,
            before=refuse,
        )

    for _ in range(2):
        with pytest.raises(ServiceUnavailable):
            try_it()
    (one,) = open_effects(events(journal))
    assert (one.wanted, one.reason) == ({"text": "hello"}, "The board does not answer.")
    assert undo_plan(events(journal)) == ()
    assert put(journal, board) == "hello"
    assert open_effects(events(journal)) == ()
    (step,) = undo_plan(events(journal))
    assert step.before == {"lines": 0}


def test_what_surely_did_not_happen_is_put_off_once_and_done_later(journal, board):
    for _ in range(2):
        put_off(journal, effect="line", target="board", wanted=Wanted(text="hello"), reason="ill")
    assert len(events(journal)) == 1
    put(journal, board)
    put(journal, board)
    assert board.lines == ["hello"]
    assert open_effects(events(journal)) == ()


def refusing(error):
    def act():
        raise error

    return act


def put_refused(journal, error):
    return perform(
        journal, effect="line", target="board", form=str, wanted=Wanted(text="hello"),
        act=refusing(error), reference=str, before=lambda: Was(lines=0),
    )  # fmt: skip


def test_what_was_refused_is_open_with_why_and_may_come_off_later(journal, board):
    for _ in range(2):
        with pytest.raises(AccessDenied):
            put_refused(journal, AccessDenied("Not with this chalk."))
    (one,) = open_effects(events(journal))
    assert (one.refused, one.reason, one.wanted) == (
        True,
        "Not with this chalk.",
        {"text": "hello"},
    )
    assert (one.can_be_retried, one.remedy) == (False, "")
    assert len(events(journal)) == 2
    (step,) = undo_plan(events(journal))
    assert step.before == {"lines": 0}, "it may have come off in part: undoing looks"
    assert put(journal, board) == "hello"
    assert open_effects(events(journal)) == ()


@pytest.mark.parametrize("error", [ServiceUnavailable("Gone for lunch."), RateLimited("Later.")])
def test_a_board_that_does_not_answer_has_not_refused(journal, error):
    with pytest.raises(type(error)):
        put_refused(journal, error)
    (one,) = open_effects(events(journal))
    assert (one.refused, one.reason) == (False, "")


def test_what_could_not_even_be_looked_at_says_whether_that_was_refused(journal):
    def look():
        raise NotFound("There is no board.")

    with pytest.raises(NotFound):
        perform(
            journal, effect="page", target="board", form=str, wanted=Wanted(text="hello"),
            act=refusing(AssertionError()), reference=str, before=look,
        )  # fmt: skip
    (one,) = open_effects(events(journal))
    assert (one.refused, one.reason) == (True, "There is no board.")
    assert one.remedy == "mergewright effects retry run-1"
    assert undo_plan(events(journal)) == ()


def test_a_refusal_may_be_noted_and_gone_on_without(journal):
    error = AccessDenied("Not with this chalk.", hint="Ask for another.")
    assert or_note(journal, "The board is empty", refusing(error)) is None
    assert events(journal)[-1].text == "The board is empty: Not with this chalk. Ask for another."
    with pytest.raises(ServiceUnavailable):
        or_note(journal, "The board is empty", refusing(ServiceUnavailable("Gone.")))


def test_what_holds_a_secret_does_not_leave(board, journal):
    for target, text in (("main", SECRET), (f"feature/{SECRET}", "a line of text")):
        with pytest.raises(SecretFound, match="looks like a secret"):
            perform(
                journal,
                effect="page",
                target=target,
                form=str,
                wanted=Wanted(text=text),
                act=lambda: board.write("x"),
                reference=str,
            )
    assert board.lines == []
    assert list(journal.store.read(run_id="run-1")) == []
