from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage

from mergewright.agents.exchange import (
    PICTURE_TOKENS,
    canonical_json,
    canonical_request,
    count_pictures,
    digest_of,
    estimate_input_tokens,
    request_digest,
    turn_of,
)
from mergewright.agents.request_text import NamedRequest, RequestText

STEP = ("model", "plan", "qa", "anthropic:claude-opus-5-5")
SCHEMA = {"type": "object", "properties": {"größe": {"type": "integer"}}}
TOOL = {"name": "look", "description": "Look", "input_schema": SCHEMA}
SETTINGS = {"tools": [TOOL], "response_format": {"b": 1, "a": [2]}, "ls_hidden": 1}

TEXTS = st.text(max_size=20)
CALLS = st.fixed_dictionaries(
    {"id": TEXTS, "name": TEXTS, "args": st.dictionaries(TEXTS, TEXTS, max_size=2)}
)
MESSAGES = st.one_of(
    st.builds(HumanMessage, TEXTS),
    st.builds(SystemMessage, TEXTS),
    st.builds(AIMessage, TEXTS, tool_calls=st.lists(CALLS, max_size=2)),
    st.builds(AIMessage, st.lists(st.fixed_dictionaries({"type": st.just("text"), "text": TEXTS}))),
    st.builds(ToolMessage, TEXTS, tool_call_id=TEXTS, status=st.sampled_from(["success", "error"])),
)


def in_full(messages, settings):
    request = canonical_request(messages, settings)
    return NamedRequest(
        digest_of(*STEP, request),
        request_digest(messages, settings),
        estimate_input_tokens(canonical_json(request), pictures=count_pictures(messages)),
        turn_of(messages),
    )


@given(
    talk=st.lists(MESSAGES, max_size=12),
    turns=st.lists(st.tuples(st.integers(0, 12), st.lists(MESSAGES, max_size=2)), max_size=6),
)
def test_names_are_those_of_the_whole_text_whatever_was_asked_before(talk, turns):
    text = RequestText(*STEP)
    for length, others in turns:
        asked = [*talk[:length], *others]
        assert text.name(asked, SETTINGS) == in_full(asked, SETTINGS)


def test_settings_may_change_and_be_changed_in_place():
    text, talk = RequestText(*STEP), [HumanMessage("Hello")]
    settings = {"tools": [dict(TOOL)], "tool_choice": "any"}
    first = text.name(talk, settings)
    settings["tools"][0]["description"] = "Look twice"
    assert first != text.name(talk, settings) == in_full(talk, settings)
    assert text.name(talk, {}) == in_full(talk, {})


def test_a_message_that_says_something_else_now_is_noticed():
    text = RequestText(*STEP)
    talk = [HumanMessage("Hello"), AIMessage("Yes?"), HumanMessage("Go")]
    before = text.name(talk, {})
    talk[1].content = "No."
    assert before != text.name(talk, {}) == in_full(talk, {})


def test_a_picture_counts_by_its_worst_case_and_by_its_bytes_only_in_its_name():
    def asked(data):
        picture = {"type": "image", "base64": data, "mime_type": "image/png"}
        return [HumanMessage([picture, {"type": "text", "text": "Why?"}])]

    small, large = (RequestText(*STEP).name(asked(data), {}) for data in ("AAAA", "0" * 4_000_000))
    assert small.digest != large.digest
    assert small.input_tokens == large.input_tokens > PICTURE_TOKENS
    assert large == in_full(asked("0" * 4_000_000), {})
    text = RequestText(*STEP)
    first = text.name(asked("AAAA"), {})
    more = text.name([*asked("AAAA"), *asked("BBBB")], {})
    assert more.input_tokens - first.input_tokens > PICTURE_TOKENS
