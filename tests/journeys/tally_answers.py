"""Messages that a Messages API server plays for TALLY-7, chosen by what a request asks for.

The stage follows from the form of the answer that the request demands, and for a second round from
what its first message holds; the turn is the number of answers in the conversation. Nothing is
remembered between requests, so a killed run can be started again at any place.
"""

import json
from typing import Any

from mergewright.testing.messages_server import Body, Reply, ToolUse
from tests.journeys.tally_reviews import REPAIR_1, REVIEW_0, REVIEW_1
from tests.journeys.tally_turns import IMPLEMENT, PLAN, RESEARCH, Turn

STAGES: dict[str, tuple[Turn, ...]] = {
    "research": RESEARCH,
    "plan": PLAN,
    "implement": IMPLEMENT,
    "review-0": REVIEW_0,
    "repair-1": REPAIR_1,
    "review-1": REVIEW_1,
}
STAGES_BY_FIELD = {
    "likely_cause": ("research", "research"),
    "steps": ("plan", "plan"),
    "commit_subject": ("implement", "repair-1"),
    "verdict": ("review-0", "review-1"),
}
"""A field that only one kind of answer has: its stage in the first and in the second round."""

SECOND_ROUND_MARKS = (
    "A refund by shares does not mirror its expense",
    "test_a_refund_by_shares_is_split_like_its_expense",
)
"""The finding that is to be repaired, and the test that the repair adds."""

CHARACTERS_PER_TOKEN = 3.3
FRAME_TOKENS = 530
"""What the provider adds to a request with tools.

Source: Anthropic names 290 to 806 tokens for tool use (platform.claude.com, tool use, pricing).
"""
TOOL_USE_TOKENS = 45
"""A tool call beside its arguments."""
UNCACHED_TOKENS = 3
"""What a cache leaves over at the end of a request."""


def stage_of(body: Body) -> str:
    """Return the stage that a request belongs to."""
    fields = body["output_config"]["format"]["schema"]["properties"]
    first, second = next(STAGES_BY_FIELD[name] for name in STAGES_BY_FIELD if name in fields)
    opening = json.dumps([body.get("system"), body["messages"][0]], ensure_ascii=False)
    return second if any(mark in opening for mark in SECOND_ROUND_MARKS) else first


def turn_of(body: Body) -> int:
    """Return how many answers the conversation already holds."""
    return sum(message["role"] == "assistant" for message in body["messages"])


def reply(body: Body, _: int) -> Reply:
    """Return the recorded agents' next message: calls of tools, or the final answer as JSON."""
    turn = STAGES[stage_of(body)][turn_of(body)]
    tools = tuple(ToolUse(call.tool, call.arguments) for call in turn.calls)
    text = turn.text if turn.answer is None else turn.answer.model_dump_json()
    said = _tokens([text, [tool.input for tool in tools]]) + TOOL_USE_TOKENS * len(tools)
    return Reply(text, tools, usage=_input_usage(body) | {"output_tokens": said})


def _input_usage(body: Body) -> dict[str, int]:
    """Return what a call reads: the whole conversation, whose older part a cache already knows."""
    messages = body["messages"]
    answers = [place for place, message in enumerate(messages) if message["role"] == "assistant"]
    frame = [body.get("system"), body.get("tools"), body["output_config"]]
    asked = FRAME_TOKENS + _tokens([*frame, messages])
    known = FRAME_TOKENS + _tokens([*frame, messages[: answers[-1]]]) if answers else 0
    if '"cache_control"' not in json.dumps(body):
        return {"input_tokens": asked}
    return {
        "input_tokens": UNCACHED_TOKENS,
        "cache_read_input_tokens": known,
        "cache_creation_input_tokens": asked - known,
    }


def _tokens(value: Any) -> int:
    return round(len(json.dumps(value, ensure_ascii=False)) / CHARACTERS_PER_TOKEN)
