"""The answer to an approval that a person gives with a button in a chat.

A message that asks has two buttons, with the action ids `mergewright.approve` and
`mergewright.reject`. The value of both is this object as compact JSON, in this order:

    {"v":1,"run":"shop-7-20260504-093000-ab12","point":"plan","digest":"<64 hexadecimal digits>"}

It holds no secret and no signature of ours: Slack signs every request it makes with the app's
signing secret, and whoever takes the request must verify that before reading it. The digest binds
the answer to what was shown; the button of an earlier plan therefore approves nothing.

Source: docs.slack.dev/reference/interaction-payloads/block_actions-payload, /reference/block-kit
/block-elements/button-element (value at most 2 000 characters, action id 255), 2026-11-20.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from mergewright.domain.requests import ApprovalPoint
from mergewright.domain.value import Value
from mergewright.errors import SettingInvalid

APPROVE = "mergewright.approve"
REJECT = "mergewright.reject"
VERSION = 1
MAX_VALUE_CHARACTERS = 2000
MAX_PAYLOAD_CHARACTERS = 200_000

RunId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{2,80}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
_SlackId = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{1,40}$")]
_Timestamp = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,16}\.[0-9]{1,10}$")]


class ApprovalQuestion(Value):
    """What a run waits for."""

    run_id: RunId
    point: ApprovalPoint
    digest: Digest
    """SHA-256 of what is to be approved."""


class ApprovalAction(Value):
    """Who pressed which button, where."""

    question: ApprovalQuestion
    approved: bool
    user_id: str
    """Slack's id of the person; a name can be chosen freely and is no identity."""
    team_id: str
    channel_id: str
    message_id: str
    """Slack's timestamp of the message that asked."""


class _Lenient(BaseModel):
    """A part of Slack's payload: more fields may come, these must be of these types."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _Named(_Lenient):
    id: _SlackId


class _Message(_Lenient):
    ts: _Timestamp


class _Button(_Lenient):
    type: Literal["button"]
    action_id: Literal["mergewright.approve", "mergewright.reject"]
    value: Annotated[str, StringConstraints(max_length=MAX_VALUE_CHARACTERS)]


class _Payload(_Lenient):
    type: Literal["block_actions"]
    user: _Named
    team: _Named
    channel: _Named
    message: _Message
    actions: list[_Button] = Field(min_length=1, max_length=1)


class _ButtonValue(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    v: Literal[1]
    run: RunId
    point: ApprovalPoint
    digest: Digest


def action_value(question: ApprovalQuestion) -> str:
    """Return the value of the buttons that ask a question."""
    value = {
        "v": VERSION,
        "run": question.run_id,
        "point": question.point.value,
        "digest": question.digest,
    }
    return json.dumps(value, separators=(",", ":"))


def parse_approval_action(payload: str | Mapping[str, Any]) -> ApprovalAction:
    """Read the `payload` of Slack's request about a button; its signature was verified before.

    Raises:
        SettingInvalid: It is not exactly one press of one of our buttons.
    """
    try:
        told = _Payload.model_validate(_parsed(payload))
        button = told.actions[0]
        value = _ButtonValue.model_validate(_parsed(button.value))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "payload"
        raise _refused(f"{place}: {first['msg']}") from error
    except (ValueError, RecursionError) as error:
        raise _refused("it is no JSON object") from error
    return ApprovalAction(
        question=ApprovalQuestion(run_id=value.run, point=value.point, digest=value.digest),
        approved=button.action_id == APPROVE,
        user_id=told.user.id,
        team_id=told.team.id,
        channel_id=told.channel.id,
        message_id=told.message.ts,
    )


def _parsed(text: str | Mapping[str, Any]) -> Mapping[str, Any]:
    if not isinstance(text, str):
        return text
    if len(text) > MAX_PAYLOAD_CHARACTERS:
        raise ValueError("too long")
    parsed = json.loads(text, object_pairs_hook=_once)
    if not isinstance(parsed, dict):
        raise ValueError("no object")  # noqa: TRY004 - said of the text, like the other faults
    return parsed


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a name given twice: two readers might take different ones."""
    if len({name for name, _ in pairs}) < len(pairs):
        raise ValueError("a name is given twice")
    return dict(pairs)


def _refused(reason: str) -> SettingInvalid:
    return SettingInvalid(
        f"This is no answer to an approval: {reason}.",
        hint="Answer with the buttons of the message, or with `mergewright approve RUN`.",
    )
