"""The canonical text of an event: the same however it was made, and readable again."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergewright.domain.events import ToolFinished
from mergewright.errors import StoreFailed
from mergewright.events.rows import decode, encode, natural_key
from tests.events.samples import NOON, answered, note, reserved, settled

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


ZONES = [UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=3))]


def tool_result(result, **fields):
    return ToolFinished(
        run_id="run-1",
        at=fields.pop("at", NOON),
        agent="a",
        tool="read",
        summary="s",
        result=result,
        seconds=0.1,
        **fields,
    )


@given(st.dictionaries(st.text(), JSON), st.datetimes(timezones=st.sampled_from(ZONES)))
def test_reading_back_and_writing_again_gives_the_same_text(result, moment):
    event = tool_result(result, at=moment)
    body = encode(event)
    again = decode(body, 1)
    assert encode(again) == body
    assert again.at == event.at
    assert again.result == result


def test_the_order_of_fields_does_not_matter():
    assert encode(tool_result({"a": 1, "b": {"c": 2, "d": 3}})) == encode(
        tool_result({"b": {"d": 3, "c": 2}, "a": 1})
    )


def test_fields_at_their_default_are_left_out_and_the_type_is_not():
    body = encode(note("hi", stage=""))
    assert body == (
        '{"at":"2026-11-20T12:00:00Z","run_id":"run-1","text":"hi","type":"noted","version":1}'
    )


def test_the_same_instant_keeps_its_own_offset():
    moment = datetime(2026, 11, 20, 14, tzinfo=timezone(timedelta(hours=2)))
    assert '"at":"2026-11-20T14:00:00+02:00"' in encode(tool_result({}, at=moment))


def test_half_a_character_is_replaced_so_that_the_event_can_be_read_again():
    body = encode(tool_result({"text": "a\ud800b"}))
    assert decode(body, 1).result == {"text": "a�b"}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_becomes_null(value):
    assert decode(encode(tool_result({"value": value})), 1).result == {"value": None}


@pytest.mark.parametrize("value", [object(), b"\xff"])
def test_what_is_not_json_is_refused(value):
    with pytest.raises(StoreFailed, match=r"'tool_finished' of the run 'run-1'"):
        encode(tool_result({"value": value}))


@pytest.mark.parametrize(
    "body", ["", "{", '{"type":"noted"}', '{"type":"from_the_future"}', "\x00\x01"]
)
def test_unreadable_text_names_the_place_in_the_log(body):
    with pytest.raises(StoreFailed, match=r"^Event 17 of the log cannot be read") as failed:
        decode(body, 17)
    assert failed.value.hint


def test_money_is_keyed_by_its_reservation():
    assert natural_key(reserved("r1")) == "r1"
    assert natural_key(settled("r1")) == "r1"
    assert natural_key(answered("k")) == "k"
    assert natural_key(note()) == ""
