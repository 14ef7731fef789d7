"""What comes of a model's messages, with providers that hold the form of an answer and that do not."""

import pytest
from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.runnables import RunnableLambda
from langchain_core.tracers.context import collect_runs

from mergewright.agents.asking import Question, ask
from mergewright.agents.limits import AgentLimits
from mergewright.agents.tools import reading_tools
from mergewright.domain.plan import Research
from mergewright.errors import AnswerUnusable, LimitReached
from mergewright.testing.scripted import ScriptedModel
from tests.agents.samples import OPUS, RESEARCH, RESEARCHING

HOLDS_FORMS = {"structured_output": True}
TEXT = AIMessage(RESEARCH.model_dump_json())


def call(name, number="t1", **arguments):
    return {"id": number, "name": name, "args": arguments}


def broken(number, name="read_file"):
    return {"id": number, "name": name, "args": '{"path', "error": "cut"}


def calls(*made, text="", broken=()):
    return AIMessage(text, tool_calls=list(made), invalid_tool_calls=list(broken))


def answer(number="t1"):
    return call("Research", number, **RESEARCH.model_dump(mode="json"))


GOOD = calls(answer())
BAD = calls(call("Research", "t0", summary=[]))
TWO = calls(answer("t8"), answer("t9"))
LOOK = calls(call("read_file", "r1", path="README.md"))
BROKEN = calls(broken=[broken("t5", "Research")])


def research(journal, *replies, profile=None, tools=(), limits=None):
    conversations = []

    def script(messages):
        conversations.append(list(messages))
        return replies[min(len(conversations), len(replies)) - 1]

    question = Question(
        agent="research",
        inputs=RESEARCHING,
        answer=Research,
        tools=tools,
        limits=limits or AgentLimits(),
    )
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


@pytest.mark.parametrize(
    ("profile", "end", "fault"),
    [(None, GOOD, "malformed or cut off"), (HOLDS_FORMS, TEXT, "It is not JSON")],
    ids=["form as a tool", "form held"],
)
def test_a_broken_call_alone_is_sent_back_with_its_result(journal, profile, end, fault):
    answer, conversations = research(journal, BROKEN, end, profile=profile)
    assert answer == RESEARCH
    complaint = conversations[1][-1]
    assert complaint.tool_call_id == "t5"
    assert fault in complaint.text


@pytest.mark.parametrize(("profile", "end"), [(None, GOOD), (HOLDS_FORMS, TEXT)])
def test_a_broken_call_beside_good_ones_is_answered_first(journal, worktree, profile, end):
    look = call("read_file", "r1", path="README.md")
    turn = calls(look, broken=[broken("b1"), broken("r1"), broken(None), broken("b2", None)])
    tools = reading_tools(worktree.path)
    _, conversations = research(journal, turn, end, profile=profile, tools=tools)
    first, second, looked = conversations[1][-3:]
    assert [first.tool_call_id, second.tool_call_id, looked.tool_call_id] == ["b1", "b2", "r1"]
    assert first.text == (
        "Tool call read_file with id b1 could not be executed - "
        "arguments were malformed or truncated."
    )
    assert second.text.startswith("Tool call unknown with id b2")
    assert [first.status, second.status, looked.status] == ["error", "error", "success"]


def test_calls_beside_the_answer_are_carried_out_before_the_end(store, journal, worktree):
    turn = calls(call("read_file", "r1", path="README.md"), answer(), call("list_files", "r2"))
    found, conversations = research(journal, turn, tools=reading_tools(worktree.path))
    assert found == RESEARCH
    assert len(conversations) == 1
    finished = [one.event for one in store.read(run_id="run-1", types=("tool_finished",))]
    assert [event.tool for event in finished] == ["read_file", "list_files"]


def test_calls_beside_a_bad_answer_are_not_carried_out(store, journal, worktree):
    turn = calls(call("read_file", "r1", path="README.md"), *TWO.tool_calls)
    research(journal, turn, GOOD, tools=reading_tools(worktree.path))
    assert store.read(run_id="run-1", types=("tool_started",)) == []


def test_a_repair_is_part_of_its_turn(journal, worktree):
    tools, two = reading_tools(worktree.path), AgentLimits(max_model_calls=2)
    found, conversations = research(journal, BAD, LOOK, GOOD, tools=tools, limits=two)
    assert found == RESEARCH
    assert len(conversations) == 3


def test_the_last_turn_is_carried_out_and_then_it_is_over(store, journal, worktree):
    tools, one = reading_tools(worktree.path), AgentLimits(max_model_calls=1)
    with pytest.raises(LimitReached, match="used up its 1 model calls"):
        research(journal, LOOK, GOOD, tools=tools, limits=one)
    assert len(store.read(run_id="run-1", types=("tool_finished",))) == 1


def test_an_empty_answer_goes_back_as_something(journal):
    _, conversations = research(journal, AIMessage(""), TEXT, profile=HOLDS_FORMS)
    assert [message.text for message in conversations[1][-2:-1]] == ["(no answer)"]


def test_twice_bad_is_the_end(journal):
    with pytest.raises(AnswerUnusable, match="summary: Input should be a valid string"):
        research(journal, BAD)


def test_whoever_traces_finds_all_calls_below_the_agent(journal, worktree):
    tools = reading_tools(worktree.path)
    with collect_runs() as collected:
        RunnableLambda(lambda _: research(journal, LOOK, GOOD, tools=tools)[0]).invoke("go")
    (outer,) = collected.traced_runs
    (agent,) = outer.child_runs
    assert agent.name == "research"
    assert [run.run_type for run in agent.child_runs] == ["llm", "tool", "llm"]
