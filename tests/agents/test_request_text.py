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


def said(messages, settings):
    text = RequestText(settings, *STEP)
    for message in messages:
        text.add(message)
    return text.name()


@given(talk=st.lists(MESSAGES, max_size=12))
def test_names_are_those_of_the_whole_text_at_each_turn(talk):
    text = RequestText(SETTINGS, *STEP)
    assert text.name() == in_full([], SETTINGS)
    for length, message in enumerate(talk, start=1):
        text.add(message)
        assert text.name() == in_full(talk[:length], SETTINGS)
        assert text.turn == turn_of(talk[:length])


def test_settings_and_steps_are_part_of_the_name():
    talk = [HumanMessage("Hello")]
    chosen = {"tools": [TOOL], "tool_choice": "any"}
    assert said(talk, chosen) == in_full(talk, chosen)
    assert len({said(talk, settings).digest for settings in (SETTINGS, chosen, {})}) == 3
    other = RequestText({}, "model", "review")
    other.add(talk[0])
    assert other.name().digest == said(talk, {}).digest
    assert other.name().identity != said(talk, {}).identity


def test_a_picture_counts_by_its_worst_case_and_by_its_bytes_only_in_its_name():
    def asked(data):
        picture = {"type": "image", "base64": data, "mime_type": "image/png"}
        return [HumanMessage([picture, {"type": "text", "text": "Why?"}])]

    small, large = (said(asked(data), {}) for data in ("AAAA", "0" * 4_000_000))
    assert small.digest != large.digest
    assert small.input_tokens == large.input_tokens > PICTURE_TOKENS
    assert large == in_full(asked("0" * 4_000_000), {})
    more = said([*asked("AAAA"), *asked("BBBB")], {})
    assert more.input_tokens - small.input_tokens > PICTURE_TOKENS
