import hashlib
import json

import pytest
from langchain_anthropic.chat_models import convert_to_anthropic_tool
from langchain_core.messages import (
    AIMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
    messages_from_dict,
    messages_to_dict,
)
from langchain_core.utils.function_calling import convert_to_openai_tool

from mergewright.agents.exchange import (
    canonical_json,
    canonical_request,
    decode_answer,
    digest_of,
    digest_of_texts,
    encode_answer,
    estimate_input_tokens,
    request_digest,
    turn_of,
    usage_of,
)
from mergewright.agents.tools import reading_tools
from mergewright.budget.prices import Usage

CALL = {"id": "t1", "name": "read_file", "args": {"path": "a.py"}, "type": "tool_call"}
TALK = [
    SystemMessage("Be short."),
    HumanMessage("Hello"),
    AIMessage("I look", tool_calls=[CALL]),
    ToolMessage("x = 1", tool_call_id="t1"),
]
CACHED = {"type": "ephemeral"}


def test_ids_usage_and_cache_marks_do_not_count():
    marked = [
        SystemMessage([{"type": "text", "text": "Be short.", "cache_control": CACHED}], id="s"),
        HumanMessage("Hello", id="h"),
        TALK[2].model_copy(update={"id": "other", "response_metadata": {"id": "msg_2"}}),
        TALK[3].model_copy(update={"id": "x"}),
    ]
    assert request_digest(marked, {"cache_control": CACHED}) == request_digest(TALK, {})


def test_what_is_said_counts():
    digests = {
        request_digest(TALK, {}),
        request_digest(TALK[:-1], {}),
        request_digest([*TALK[:-1], ToolMessage("x = 2", tool_call_id="t1")], {}),
        request_digest([*TALK[:-1], TALK[3].model_copy(update={"status": "error"})], {}),
        request_digest(TALK, {"tool_choice": "any"}),
    }
    assert len(digests) == 5


def test_the_tool_format_of_a_provider_does_not_count(tmp_path):
    tools = reading_tools(tmp_path)
    ours = request_digest(TALK, {"tools": [convert_to_anthropic_tool(tool) for tool in tools]})
    theirs = request_digest(TALK, {"tools": [convert_to_openai_tool(tool) for tool in tools]})
    assert ours == theirs != request_digest(TALK, {})


def test_a_conversation_that_was_stored_has_the_same_digest():
    restored = messages_from_dict(json.loads(json.dumps(messages_to_dict(TALK))))
    assert request_digest(restored, {}) == request_digest(TALK, {})


def test_turns_are_answers():
    assert [turn_of(TALK[:2]), turn_of(TALK)] == [0, 1]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("0123456789" * 500, 5_000),
        ("})](;:" * 500, 3_000),
        ("the quick brown fox jumps over the lazy dog " * 100, 1_100),
        ("\N{GRINNING FACE}" * 500, 2_000),
        ("漢字" * 500, 2_000),
    ],
    ids=["digits", "punctuation", "prose", "emoji", "ideographs"],
)
def test_the_estimate_is_above_what_tokenizers_make_of_a_text(text, tokens):
    request_text = canonical_json(canonical_request([HumanMessage(text)], {}))
    assert estimate_input_tokens(request_text) > tokens


def test_a_digest_is_the_same_whether_its_parts_were_put_into_text_before_or_not():
    request = canonical_request(TALK, {"tool_choice": "größte"})
    whole = json.dumps(["model", request], sort_keys=True, separators=(",", ":"))
    assert digest_of("model", request) == hashlib.sha256(whole.encode()).hexdigest()
    assert digest_of("model", request) == digest_of_texts('"model"', canonical_json(request))


def test_an_answer_comes_back_as_it_was():
    answer = AIMessage(
        content=[
            {"type": "thinking", "thinking": "hm", "signature": "s", "index": 0},
            {"type": "text", "text": "I look", "index": 1},
            {"type": "tool_use", "id": "t1", "name": "read_file", "input": {}, "index": 2},
        ],
        tool_calls=[CALL],
        usage_metadata={"input_tokens": 3, "output_tokens": 4, "total_tokens": 7},
        response_metadata={"stop_reason": "tool_use", "model_provider": "anthropic"},
    )
    encoded = encode_answer(answer)
    restored = decode_answer(json.loads(json.dumps(encoded)))
    assert encode_answer(restored) == encoded
    assert restored.tool_calls == [CALL]
    assert restored.content[0] == {"type": "thinking", "thinking": "hm", "signature": "s"}
    assert restored.usage_metadata == answer.usage_metadata
    assert request_digest([restored], {}) == request_digest([decode_answer(encoded)], {})


def test_an_answer_fits_into_utf_8_and_json():
    call = {**CALL, "args": {"path": "\ud800", "number": float("nan")}}
    encoded = encode_answer(AIMessage("half \udfff", tool_calls=[call]))
    text = json.dumps(encoded, ensure_ascii=False, allow_nan=False)
    assert text.encode()
    assert encoded["content"] == "half ?"


def test_usage_counts_both_kinds_of_cache_writes():
    message = AIMessage(
        "x",
        usage_metadata={
            "input_tokens": 1_000,
            "output_tokens": 5,
            "total_tokens": 1_005,
            "input_token_details": {
                "cache_read": 400,
                "cache_creation": 0,
                "ephemeral_5m_input_tokens": 200,
                "ephemeral_1h_input_tokens": 100,
            },
        },
    )
    assert usage_of(message) == Usage(
        input_tokens=1_000,
        output_tokens=5,
        cache_read_tokens=400,
        cache_write_tokens=300,
        cache_write_1h_tokens=100,
    )
    assert usage_of(AIMessage("x")) is None
