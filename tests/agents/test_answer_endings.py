import pytest
from langchain_core.messages import AIMessage

from mergewright.agents.answer_endings import is_cut, refuse_unusable
from mergewright.errors import AnswerUnusable


def ended(**metadata):
    return AIMessage("x", response_metadata=metadata)


def test_only_claude_always_says_why_it_stopped():
    assert is_cut(ended(model_provider="anthropic"))
    assert not is_cut(ended(model_provider="anthropic", stop_reason="end_turn"))
    assert not is_cut(ended(model_provider="openai"))


@pytest.mark.parametrize(
    ("metadata", "words"),
    [
        ({"stop_reason": "max_tokens"}, "cut off at 500 tokens"),
        ({"finish_reason": "length"}, "cut off at 500 tokens"),
        ({"stop_reason": "refusal"}, "'a:b' refused the work of the 'qa' agent"),
        ({"finish_reason": "content_filter"}, "refused"),
    ],
)
def test_an_answer_that_is_none_is_refused(metadata, words):
    with pytest.raises(AnswerUnusable, match=words):
        refuse_unusable(ended(**metadata), agent="qa", model="a:b", max_output_tokens=500)


def test_any_other_end_is_an_answer():
    for metadata in ({}, {"stop_reason": "tool_use"}, {"finish_reason": "stop"}):
        refuse_unusable(ended(**metadata), agent="qa", model="a:b", max_output_tokens=500)
