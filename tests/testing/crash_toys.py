"""Workflows of one paid call and one letter: a correct one, and one for each way to be wrong."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from pathlib import Path

from mergewright.budget.limits import Caps
from mergewright.budget.prices import Usage
from mergewright.domain.events import (
    EffectDone,
    EffectIntended,
    ModelAnswered,
    RunFinished,
    RunStarted,
)
from mergewright.events.connect import open_event_store
from mergewright.events.journal import Journal
from mergewright.events.ledger import Ledger
from mergewright.testing.crashes import Start, Traces

RUN = "toy-1"
MODEL = "anthropic:claude-opus-5-5"


@dataclass(frozen=True)
class Toy:
    """A bank that counts payments, and a mailbox that counts letters."""

    fault: str = ""

    def prepare(self, place: Path) -> Start:
        (place / "bank").write_text("")
        (place / "mailbox").write_text("")
        return Start(partial(work, place, self.fault), url_of(place))

    def look(self, place: Path) -> Traces:
        events = [stored.event for stored in open_event_store(url_of(place)).read()]
        end = [event.outcome for event in events if isinstance(event, RunFinished)]
        return Traces(
            calls=Counter((place / "bank").read_text().split()),
            effects={"letter": len((place / "mailbox").read_text().split())},
            state={"outcome": end[-1] if end else "none"},
        )


def url_of(place: Path) -> str:
    return f"sqlite:///{place / 'events.db'}"


def work(place: Path, fault: str) -> None:
    """Begin or go on, pay for an answer, send a letter, and finish."""
    store = open_event_store(url_of(place))
    journal = Journal(store, RUN, "work", ledger=Ledger(store, RUN, Caps(run_usd=Decimal(99))))
    again = bool(store.read(types=("run_started",)))
    if again and fault == "gives up":
        raise RuntimeError("There was a run before this one.")
    if again and fault == "hangs":
        time.sleep(60)
    if store.read(types=("run_finished",)):
        return
    for _ in range(1 if place.parent.name == "undisturbed" else 2):
        if fault == "wavers":
            journal.note("again")
    journal.ledger.reconcile()
    journal.append(begun(journal))
    pay(journal, place, fault)
    if fault == "leaves a trace":
        (place / "trace").write_text("somebody was here")
    send(journal, place, fault)
    journal.append(journal.make(RunFinished, outcome="delivered"))


def begun(journal: Journal) -> RunStarted:
    return journal.make(
        RunStarted, workflow="toy", request={}, request_digest="d", ticket="T-1", repository="r",
        process="here:1", package_version="0",
    )  # fmt: skip


def pay(journal: Journal, place: Path, fault: str) -> None:
    if journal.recorded_answer("question") is not None and fault != "pays without looking":
        return
    reservation = journal.ledger.reserve(
        stage="work", step_key="question", agent="toy", model=MODEL,
        input_tokens=10, max_output_tokens=10,
    )  # fmt: skip
    count(place / "bank", "question")
    answered = journal.make(
        ModelAnswered, key="question", agent="toy", model=MODEL, prompt_name="toy",
        prompt_digest="p", turn=0, request_digest="r", answer={"text": "yes"}, seconds=0.0,
    )  # fmt: skip
    usage = Usage(input_tokens=10, output_tokens=10)
    journal.ledger.settle(reservation, stage="work", usage=usage, answered=answered)


def send(journal: Journal, place: Path, fault: str) -> None:
    named = {"key": "letter:ada", "effect": "letter", "target": "ada"}
    if journal.store.find(RUN, "effect_done", "letter:ada") is not None:
        return
    journal.append(journal.make(EffectIntended, **named))
    done = journal.make(EffectDone, **named, found=False)
    if fault == "records before it acts":
        journal.append(done)
    if "letter" not in (place / "mailbox").read_text() or fault == "acts without looking":
        count(place / "mailbox", "letter")
    journal.append(done)


def count(service: Path, what: str) -> None:
    with service.open("a") as file:
        file.write(f"{what}\n")


@contextmanager
def correct() -> Iterator[Toy]:
    yield Toy()


@contextmanager
def blind() -> Iterator[Toy]:
    yield Toy("acts without looking")
