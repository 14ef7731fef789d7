"""A run goes on with what it began with, or says what has changed."""

import pytest

from blocks.profile import DeliveryProfile
from mergewright.errors import Rejected, RunInterrupted
from mergewright.events.sqlite import SqliteEventStore
from mergewright.safety.policy import ChangePolicy
from tasks._pins import PACKAGE, find_drift, pins_of, see_it_may_go_on
from tests.events.samples import finished, note, started
from tests.tasks.test_policies import RUN

NOW = {PACKAGE: "0.2.0", "prompt qa": "b" * 64, "strong model": "a:x"}


@pytest.fixture
def store(tmp_path):
    store = SqliteEventStore(tmp_path / "events.db")
    yield store
    store.close()


def began(pins, **fields):
    return started(RUN.id).model_copy(update={"pins": pins, **fields})


def test_prompts_policy_and_models_are_pinned():
    profile = DeliveryProfile()
    pins = pins_of(RUN, profile)
    assert set(pins) == {
        "prompt research", "prompt analysis", "prompt implementation", "prompt qa",
        "change policy", "workflow policy", "strong model", "standard model", "light model",
    }  # fmt: skip
    assert pins_of(RUN, DeliveryProfile()) == pins
    stricter = DeliveryProfile(change_policy=ChangePolicy(max_files=3), light_model="a:b")
    changed = find_drift(pins, pins_of(RUN, stricter))
    assert [text.partition(":")[0] for text in changed] == ["change policy", "light model"]
    own_model = RUN.model_copy(update={"model": "a:b"})
    assert "strong model" not in pins_of(own_model, profile)


def test_a_hotfix_pins_the_prompts_of_its_own_agents_and_its_own_policy():
    profile = DeliveryProfile()
    pins = pins_of(RUN.model_copy(update={"workflow": "hotfix"}), profile)
    assert "prompt reproduction" in pins
    assert "prompt research" not in pins
    assert pins["workflow policy"] != pins_of(RUN, profile)["workflow policy"]


def test_what_a_team_changes_of_a_policy_is_pinned_in_words():
    run = RUN.model_copy(update={"workflow": "hotfix"})
    first, second = (
        DeliveryProfile(workflow_policies=[{"workflow": "hotfix", **row}])
        for row in (
            {"max_files": 4},
            {"max_files": 3, "approval": {"needed": 2, "approvers": ["ada", "bob"]}},
        )
    )
    assert find_drift(pins_of(run, DeliveryProfile()), pins_of(run, first)) == (
        "team policy max_files: none -> 4",
    )
    assert find_drift(pins_of(run, first), pins_of(run, second)) == (
        "team policy max_files: 4 -> 3",
        "team policy approval.approvers: none -> ada, bob",
        "team policy approval.needed: none -> 2",
    )
    assert pins_of(RUN, first) == pins_of(RUN, DeliveryProfile())


def test_drift_is_told_short():
    held = {"prompt qa": "a" * 64, "strong model": "a:x", "gone": "1"}
    current = {"prompt qa": "b" * 64, "strong model": "a:x", "new": "2"}
    assert find_drift(held, current) == (
        "prompt qa: aaaaaaaaaaaa -> bbbbbbbbbbbb",
        "gone: 1 -> none",
        "new: none -> 2",
    )


def test_a_new_run_and_an_unchanged_one_go_on(store):
    assert see_it_may_go_on(store, RUN, NOW, accept_drift=False) == ()
    pins = {name: value for name, value in NOW.items() if name != PACKAGE}
    store.append([began(pins, package_version="0.2.0"), note(run_id=RUN.id)])
    assert see_it_may_go_on(store, RUN, NOW, accept_drift=False) == ()


def test_a_changed_run_is_refused_until_that_is_accepted(store):
    store.append([began({"prompt qa": "a" * 64, "strong model": "a:x"})])
    with pytest.raises(RunInterrupted, match="has changed since it began") as caught:
        see_it_may_go_on(store, RUN, NOW, accept_drift=False)
    assert "package version: 0.1.0 -> 0.2.0" in caught.value.message
    assert "prompt qa: aaaaaaaaaaaa -> bbbbbbbbbbbb" in caught.value.message
    assert "strong model" not in caught.value.message
    assert "--accept-drift" in caught.value.hint
    assert len(see_it_may_go_on(store, RUN, NOW, accept_drift=True)) == 2


def test_what_was_accepted_is_pinned_from_then_on(store):
    pins = {name: value for name, value in NOW.items() if name != PACKAGE}
    store.append([began({"prompt qa": "a" * 64}), began(pins, package_version="0.2.0")])
    assert see_it_may_go_on(store, RUN, NOW, accept_drift=False) == ()


def test_of_a_run_from_before_there_were_pins_only_the_version_is_known(store):
    store.append([began({}, package_version="0.2.0")])
    assert see_it_may_go_on(store, RUN, NOW, accept_drift=False) == ()
    with pytest.raises(RunInterrupted, match=r"began: package version: 0\.2\.0 -> 0\.3\.0\."):
        see_it_may_go_on(store, RUN, {**NOW, PACKAGE: "0.3.0"}, accept_drift=False)


def test_a_finished_run_does_not_begin_again(store):
    pins = {name: value for name, value in NOW.items() if name != PACKAGE}
    start = began(pins, package_version="0.2.0")
    store.append([start, finished(RUN.id, outcome="failed", resumable=True)])
    assert see_it_may_go_on(store, RUN, NOW, accept_drift=False) == ()
    store.append([start, finished(RUN.id)])
    with pytest.raises(Rejected, match=r"finished \(delivered\)"):
        see_it_may_go_on(store, RUN, NOW, accept_drift=True)
