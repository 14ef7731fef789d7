"""Answers are taken by one function, whatever the door, and the first counts."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest

from mergewright.domain.approval_events import ApprovalRequested
from mergewright.domain.approval_identity import Identity
from mergewright.domain.approval_question import Given, Verdict, question_key
from mergewright.errors import AnswerRefused
from mergewright.events.answers import standing_in_log, take_answer
from mergewright.events.chain import verify_chain
from mergewright.events.sqlite import SqliteEventStore
from tests.events.samples import NOON

DIGEST = "0f" * 32


@pytest.fixture
def store(tmp_path):
    store = SqliteEventStore(tmp_path / "events.db")
    yield store
    store.close()


def asked(store, **fields):
    question = ApprovalRequested(
        run_id="run-1", stage="approve-change", at=NOON, key=question_key("change", DIGEST),
        point="change", digest=DIGEST, subject="A change.", **fields,
    )  # fmt: skip
    store.append([question])
    return question


def said(name, verdict=Verdict.APPROVE, comment=""):
    return Given(verdict=verdict, person=Identity(name=name), door="command", comment=comment)


def test_each_answer_is_an_event_with_who_when_and_which_digest(store):
    question = asked(store, needed=2)
    assert not take_answer(store, question, said("ada"), NOON).is_settled
    later = NOON + timedelta(minutes=5)
    assert take_answer(store, question, said("bo", comment="fine"), later).is_approved
    events = [stored.event for stored in store.read(types=("approval_decided",))]
    assert [(one.by, one.at, one.digest, one.stage) for one in events] == [
        ("ada", NOON, DIGEST, "approve-change"), ("bo", later, DIGEST, "approve-change"),
    ]  # fmt: skip
    assert events[1].comment == "fine"
    verify_chain(store.read())


def test_a_refused_answer_leaves_no_trace(store):
    question = asked(store, approvers=(Identity(name="bo"),))
    with pytest.raises(AnswerRefused):
        take_answer(store, question, said("ada"), NOON)
    assert store.read(types=("approval_decided",)) == []


def test_of_two_answers_at_once_one_counts_and_the_other_hears_of_it(store):
    question = asked(store)
    together, came = Barrier(2), []

    def answer(given):
        together.wait()
        try:
            came.append(take_answer(store, question, given, NOON).is_approved)
        except AnswerRefused as refused:
            came.append(str(refused))

    givens = (said("ada"), said("bo", Verdict.END))
    threads = [Thread(target=answer, args=(given,)) for given in givens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = [one for one in came if isinstance(one, str)]
    assert len(refused) == 1
    assert "in the meantime" in refused[0]
    (deciding,) = standing_in_log(store, question, NOON).deciding
    assert deciding.by in refused[0]
