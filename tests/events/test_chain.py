"""The chain finds every kind of tampering, in the file and in a list."""

import pytest

from mergewright.errors import StoreFailed
from mergewright.events.chain import link, verify_chain
from mergewright.events.rows import encode
from tests.events.samples import note
from tests.events.tampering import Tampering


@pytest.fixture
def stored(store):
    store.append([note(f"{number}", run_id=f"run-{number % 2}") for number in range(8)])
    return store.read()


def test_an_untouched_log_holds(store, stored):
    verify_chain(stored)
    verify_chain(store.read(run_id="run-1"))
    verify_chain([])


def test_each_run_has_a_chain_of_its_own(store):
    first, second, third = store.append([note("a"), note("b", run_id="run-2"), note("c")])
    assert first.digest == link("", encode(first.event))
    assert second.digest == link("", encode(second.event))
    assert third.digest == link(first.digest, encode(third.event))


def test_a_missing_event_is_found_at_the_next_of_its_run(stored):
    del stored[2]
    with pytest.raises(StoreFailed, match=r"^Event 5 .*'run-0'"):
        verify_chain(stored)


def test_a_missing_beginning_is_found(stored):
    with pytest.raises(StoreFailed, match=r"^Event 3 "):
        verify_chain(stored[2:])


def test_moved_events_are_found(stored):
    stored[3], stored[5] = stored[5], stored[3]
    with pytest.raises(StoreFailed, match=r"^Event 6 "):
        verify_chain(stored)


def test_bodies_that_changed_places_are_found(stored):
    third, fifth = stored[2], stored[4]
    stored[2] = third._replace(event=fifth.event, digest=fifth.digest)
    stored[4] = fifth._replace(event=third.event, digest=third.digest)
    with pytest.raises(StoreFailed, match=r"^Event 3 "):
        verify_chain(stored)


def test_a_change_in_the_log_is_found(store, stored, url):
    Tampering(url).change(5, '"4"', '"44"')
    with pytest.raises(StoreFailed, match=r"^Event 5 ") as failed:
        verify_chain(store.read())
    assert failed.value.run_id == "run-0"
