"""What is left to undo, on runs written by hand."""

from mergewright.domain.events import EffectDone, EffectIntended, EffectUndone
from mergewright.events.undo_list import open_effects, undo_plan, undone_effects, undone_key
from tests.events.samples import at, finished, started


def intended(name, *, before=None, wanted=None, key=None, effect_key=""):
    effect, target = name.split(":")
    return EffectIntended(
        run_id="run-1",
        at=at(),
        key=name if key is None else key,
        effect=effect,
        target=target,
        before=before or {},
        wanted=wanted or {},
        effect_key=effect_key,
    )


def done(name, *, key=None, **fields):
    effect, target = name.split(":")
    key = name if key is None else key
    common = {"run_id": "run-1", "at": at(), "effect": effect, "target": target, "found": False}
    return EffectDone(key=key, **common, **fields)


def undone(key, outcome="undone"):
    effect, target = key.partition("#")[0].split(":")
    return EffectUndone(
        run_id="run-1",
        at=at(),
        key="" if outcome == "kept" else undone_key(key),
        effect_key=key,
        effect=effect,
        target=target,
        outcome=outcome,
        reason="so it is",
    )


DELIVERED = [
    started(),
    intended("branch:fix/a", before={"commit": None}, wanted={"commit": "c"}),
    done("branch:fix/a", reference="c", result={"value": "c"}),
    intended("message:delivered"),
    done("message:delivered"),
    intended("comment:T-1"),
    done("comment:T-1"),
    finished(),
]


def keys(events):
    return [step.key for step in undo_plan(events)]


def test_the_last_effect_comes_first_and_messages_come_at_the_end():
    assert keys(DELIVERED) == ["comment:T-1", "branch:fix/a", "message:delivered"]
    assert keys([started(), finished()]) == []


def test_a_step_holds_all_that_undoing_needs():
    step = undo_plan(DELIVERED)[1]
    assert (step.effect, step.target, step.done, step.reference) == ("branch", "fix/a", True, "c")
    assert (step.before, step.wanted, step.result) == (
        {"commit": None}, {"commit": "c"}, {"value": "c"},
    )  # fmt: skip


def test_what_was_begun_may_have_happened():
    (step,) = undo_plan([started(), intended("page:deliveries/t-1")])
    assert not step.done


def test_the_first_intent_tells_what_was_before_and_the_last_what_was_wanted():
    (step,) = undo_plan(
        [
            intended("page:p/q", before={"version": 1}, wanted={"draft": "a"}),
            intended("page:p/q", wanted={"draft": "b"}, key="", effect_key="page:p/q"),
            done("page:p/q"),
        ]
    )
    assert (step.before, step.wanted) == ({"version": 1}, {"draft": "b"})


def test_what_is_settled_is_left_out_and_what_was_kept_is_tried_again():
    events = [
        *DELIVERED,
        undone("comment:T-1", "kept"),
        undone("branch:fix/a", "already"),
        undone("message:delivered", "impossible"),
        intended("correction:run-1"),
        done("correction:run-1"),
    ]
    assert keys(events) == ["comment:T-1"]
    told = [(effect.effect, effect.outcome) for effect in undone_effects(events)]
    assert told == [("branch", "already"), ("message", "impossible")]
    events.append(undone("comment:T-1"))
    assert keys(events) == []
    assert len(undone_effects(events)) == 3


def test_an_effect_that_was_done_again_after_it_was_undone_is_another_one():
    again = "branch:fix/a#2"
    events = [
        *DELIVERED,
        undone("branch:fix/a"),
        intended("branch:fix/a", key=again),
        done("branch:fix/a", key=again),
    ]
    assert keys(events)[0] == again
    assert undo_plan(events)[0].target == "fix/a"


def put_off(name, *, key=None, effect_key="", wanted=None, reason="down"):
    later = intended(name, key=key, effect_key=effect_key, wanted=wanted)
    return later.model_copy(update={"put_off": True, "reason": reason})


def open_keys(events):
    return [f"{one.effect}:{one.target}" for one in open_effects(events)]


def test_what_is_put_off_is_open_and_nothing_is_to_be_undone_of_it():
    events = [*DELIVERED[:1], put_off("page:deliveries/t-1"), finished()]
    assert keys(events) == []
    (one,) = open_effects(events)
    assert (one.effect, one.reason) == ("page", "down")
    assert one.remedy == "mergewright effects retry run-1"


def test_what_was_begun_and_put_off_at_last_did_surely_not_happen():
    later = put_off("message:failed", key="", effect_key="message:failed")
    events = [intended("message:failed"), later]
    assert keys(events) == []
    assert open_keys(events) == ["message:failed"]
    begun = intended("message:failed", key="", effect_key="message:failed")
    assert keys([*events, begun]) == ["message:failed"]
    assert open_keys([*events, begun, done("message:failed")]) == []


def test_the_look_before_counts_from_when_something_was_tried():
    tried = intended("page:x", key="", effect_key="page:x", before={"version": 3})
    (step,) = undo_plan([put_off("page:x"), tried, done("page:x")])
    assert step.before == {"version": 3}


def test_after_an_undoing_nothing_that_was_wanted_before_is_open():
    events = [put_off("page:x"), intended("branch:b"), done("branch:b"), undone("branch:b")]
    assert open_keys(events) == []
    again = put_off("page:x", key="", effect_key="page:x")
    assert open_keys([*events, again]) == ["page:x"]


def test_nobody_is_asked_for_approval_after_the_end():
    question = {"notice": {"event": "approval wanted"}}
    asked = put_off("message:approval wanted plan", wanted=question)
    assert open_keys([asked]) == ["message:approval wanted plan"]
    assert open_keys([asked, finished()]) == []


def test_what_only_the_run_can_do_is_done_by_going_on():
    (one,) = open_effects([intended("branch:b")])
    assert one.remedy == "mergewright resume run-1"
    assert open_keys([intended("status message:started -> failed")]) == []
