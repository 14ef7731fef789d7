"""A fact from outside is found once per run, and read from the log ever after."""

from decimal import Decimal

import pytest

from mergewright.budget.limits import Caps
from mergewright.domain.events import FactPinned
from mergewright.domain.ticket import Ticket
from mergewright.domain.value import Value
from mergewright.errors import NotFound, StoreFailed
from mergewright.events.audit import verify_run
from mergewright.events.export import export_run, verify_export
from mergewright.events.journal import Journal
from mergewright.events.ledger import Ledger
from mergewright.events.projections import stages
from mergewright.events.sqlite import SqliteEventStore
from mergewright.safety.redaction import redact
from tasks._facts import pinned, recall

SECRET = "sk-ant-api03-" + "abcdefghijklmnopqrstuvwxyz0123456789"


class Other(Value):
    name: int


@pytest.fixture
def store(tmp_path):
    store = SqliteEventStore(tmp_path / "events.db")
    yield store
    store.close()


def journal(store, run_id="run-1"):
    caps = Caps(run_usd=Decimal(1), stage_usd=None, day_usd=Decimal(1))
    return Journal(store, run_id, "ticket", ledger=Ledger(store, run_id, caps))


def ticket(title):
    return Ticket(key="T-1", title=title, description=f"Log in with {SECRET}.")


def test_the_first_one_stays_for_the_run_and_another_run_finds_its_own(store):
    first = pinned(journal(store), "ticket", Ticket, lambda: ticket("first"))
    again = pinned(journal(store), "ticket", Ticket, lambda: ticket("second"))
    assert (first, again) == (ticket("first"), ticket("first"))
    assert recall(journal(store), "ticket", Ticket) == first
    assert recall(journal(store), "base", Ticket) is None
    fresh = pinned(journal(store, "run-2"), "ticket", Ticket, lambda: ticket("second"))
    assert fresh == ticket("second")
    assert [event.event.name for event in store.read(types=("fact_pinned",))] == ["ticket"] * 2


def test_what_cannot_be_found_is_not_pinned(store):
    def find():
        raise NotFound("There is no ticket 'T-1'.")

    with pytest.raises(NotFound):
        pinned(journal(store), "ticket", Ticket, find)
    assert not store.read()


def test_a_fact_of_another_form_is_refused(store):
    pinned(journal(store), "ticket", Ticket, lambda: ticket("first"))
    with pytest.raises(StoreFailed, match="'ticket' that the run 'run-1' keeps cannot be read"):
        recall(journal(store), "ticket", Other)


def test_audit_export_and_projections_know_it(store):
    pinned(journal(store), "ticket", Ticket, lambda: ticket("first"))
    (stored,) = store.read()
    assert isinstance(stored.event, FactPinned)
    assert not verify_run(store, "run-1").findings
    text = export_run(store, "run-1", scrub=redact)
    assert SECRET not in text
    assert not verify_export(text).findings
    assert [stage.name for stage in stages([stored.event])] == ["ticket"]
