"""A press of a button becomes an answer only when every part of it is as it must be."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mergewright.domain.approval_action import (
    APPROVE,
    REJECT,
    ApprovalQuestion,
    action_value,
    parse_approval_action,
)
from mergewright.domain.requests import ApprovalPoint
from mergewright.errors import SettingInvalid

QUESTION = ApprovalQuestion(
    run_id="shop-7-20260504-093000-ab12", point=ApprovalPoint.PLAN, digest="ab" * 32
)


def payload(action_id=APPROVE, value=None, **changes):
    button = {
        "type": "button",
        "action_id": action_id,
        "block_id": "mergewright.approval",
        "value": action_value(QUESTION) if value is None else value,
        "action_ts": "1777887000.123456",
    }
    return {
        "type": "block_actions",
        "user": {"id": "U1ADA", "username": "ada", "team_id": "T1"},
        "team": {"id": "T1", "domain": "example"},
        "channel": {"id": "C1", "name": "deliveries"},
        "message": {"type": "message", "ts": "1777887000.000100", "text": "x"},
        "response_url": "https://hooks.slack.com/actions/T1/1/x",
        "actions": [button],
    } | changes


@pytest.mark.parametrize(("action_id", "approved"), [(APPROVE, True), (REJECT, False)])
def test_a_press_is_read(action_id, approved):
    action = parse_approval_action(json.dumps(payload(action_id)))
    assert action.question == QUESTION
    assert action.approved is approved
    assert (action.user_id, action.team_id) == ("U1ADA", "T1")
    assert (action.channel_id, action.message_id) == ("C1", "1777887000.000100")
    assert parse_approval_action(payload(action_id)) == action


def test_the_value_is_the_documented_one():
    assert action_value(QUESTION) == (
        '{"v":1,"run":"shop-7-20260504-093000-ab12","point":"plan","digest":"' + "ab" * 32 + '"}'
    )


def value(**changes):
    return json.dumps(json.loads(action_value(QUESTION)) | changes)


@pytest.mark.parametrize(
    "told",
    [
        payload("mergewright.approve "),
        payload("other.app"),
        payload(value=""),
        payload(value="[]"),
        payload(value=value(v=2)),
        payload(value=value(v="1")),
        payload(value=value(run="../x")),
        payload(value=value(run="shop-7\n")),
        payload(value=value(point="all")),
        payload(value=value(digest="AB" * 32)),
        payload(value=value(digest="ab" * 31)),
        payload(value=value(extra=1)),
        payload(value=action_value(QUESTION) + " " * 2000),
        payload(value=action_value(QUESTION).replace("{", '{"point":"change",', 1)),
        payload(value="[" * 1900),
        payload(type="view_submission"),
        payload(user={"id": "<@U1>"}),
        payload(user={}),
        payload(team=None),
        payload(channel={"id": 7}),
        payload(message={"ts": "now"}),
        payload(actions=[]),
        payload(actions=payload()["actions"] * 2),
        payload(actions="approve"),
        "",
        "[1]",
        "{",
        "null",
        "{" + " " * 200_000 + "}",
        {},
    ],
)
def test_anything_else_is_refused(told):
    with pytest.raises(SettingInvalid, match="no answer to an approval") as caught:
        parse_approval_action(told)
    assert caught.value.hint


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_json_makes_it_fail_in_another_way(told):
    with pytest.raises(SettingInvalid):
        parse_approval_action(json.dumps(told))
