"""Models whose provider does not hold the form: the answer is a tool call of its own."""

import pytest
from langchain_core.messages import AIMessage, ToolMessage

from mergewright.agents.asking import Question, ask
from mergewright.domain.plan import Research
from mergewright.errors import AnswerUnusable
from mergewright.testing.scripted import ScriptedModel
from tests.agents.samples import OPUS, RESEARCH, RESEARCHING

GOOD = AIMessage(
    "", tool_calls=[{"id": "t1", "name": "Research", "args": RESEARCH.model_dump(mode="json")}]
)
BAD = AIMessage("", tool_calls=[{"id": "t0", "name": "Research", "args": {"summary": []}}])
TWO = AIMessage(
    "",
    tool_calls=[
        {"id": f"t{number}", "name": "Research", "args": {"summary": "S"}} for number in (8, 9)
    ],
)
BROKEN = AIMessage(
    "",
    invalid_tool_calls=[{"id": "t5", "name": "Research", "args": '{"summary"', "error": "cut"}],
)


def research(journal, *replies, profile=None):
    conversations = []

    def script(messages):
        conversations.append(messages)
        return replies[min(len(conversations), len(replies)) - 1]

    question = Question(agent="research", inputs=RESEARCHING, answer=Research)
    model = ScriptedModel(script=script, profile=profile)
    return ask(question, model=model, model_name=OPUS, journal=journal), conversations


def test_a_good_answer_is_taken(journal):
    answer, conversations = research(journal, GOOD)
    assert answer == RESEARCH
    assert len(conversations) == 1


@pytest.mark.parametrize(
    ("bad", "ids"), [(BAD, ["t0"]), (TWO, ["t8", "t9"]), (AIMessage("Here you are"), [])]
)
def test_a_bad_answer_is_sent_back_once(journal, bad, ids):
    answer, conversations = research(journal, bad, GOOD)
    assert answer == RESEARCH
    complaints = [message for message in conversations[1] if isinstance(message, ToolMessage)]
    assert [message.tool_call_id for message in complaints] == ids
    assert "not a valid Research" in conversations[1][-1].text


def test_a_broken_call_gets_its_result(journal):
    answer, conversations = research(
        journal, BROKEN, AIMessage(RESEARCH.model_dump_json()), profile={"structured_output": True}
    )
    assert answer == RESEARCH
    assert conversations[1][-1].tool_call_id == "t5"


def test_an_empty_answer_goes_back_as_something(journal):
    _, conversations = research(
        journal,
        AIMessage(""),
        AIMessage(RESEARCH.model_dump_json()),
        profile={"structured_output": True},
    )
    assert [message.text for message in conversations[1][-2:-1]] == ["(no answer)"]


def test_twice_bad_is_the_end(journal):
    with pytest.raises(AnswerUnusable, match="summary: Input should be a valid string"):
        research(journal, BAD)
