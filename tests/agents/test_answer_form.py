import pytest
from langchain.agents.structured_output import OutputToolBinding, ProviderStrategy, ToolStrategy
from langchain_core.language_models import FakeListChatModel
from langchain_core.messages import AIMessage
from langchain_core.utils.function_calling import convert_to_openai_tool

from mergewright.agents.answer_form import MAX_FAULT_CHARACTERS, AnswerForm
from mergewright.agents.tools import reading_tools
from mergewright.domain.plan import Research
from mergewright.errors import SettingInvalid
from mergewright.testing.scripted import ScriptedModel
from tests.agents.samples import OPUS, RESEARCH, connected

HELD = AnswerForm(Research, is_tool=False)
AS_TOOL = AnswerForm(Research, is_tool=True)


def scripted(**profile):
    return ScriptedModel(script=lambda _: AIMessage("x"), profile=profile)


def called(*calls):
    return AIMessage(
        "",
        tool_calls=[
            {"id": f"t{number}", "name": name, "args": arguments}
            for number, (name, arguments) in enumerate(calls)
        ],
    )


def test_the_provider_holds_the_form_where_it_can():
    assert AnswerForm.fitting(scripted(structured_output=True), Research) == HELD
    assert AnswerForm.fitting(scripted(), Research) == AS_TOOL
    claude = connected("http://127.0.0.1:9")
    assert AnswerForm.fitting(claude.model_copy(update={"profile": None}), Research) == HELD


def test_a_request_asks_for_the_form_as_langchain_does(tmp_path):
    tools = reading_tools(tmp_path)
    bound = [convert_to_openai_tool(tool) for tool in tools]
    held = HELD.settings(scripted(), tools, model_name=OPUS)
    assert held == {**ProviderStrategy(Research).to_model_kwargs(), "tools": bound}
    (spec,) = ToolStrategy(Research).schema_specs
    form = convert_to_openai_tool(OutputToolBinding.from_schema_spec(spec).tool)
    as_tool = AS_TOOL.settings(scripted(), tools, model_name=OPUS)
    assert as_tool == {"tools": [*bound, form], "tool_choice": "any"}


def test_without_tools_a_request_has_none():
    assert "tools" not in HELD.settings(scripted(), [], model_name=OPUS)


def test_a_model_that_cannot_use_tools_is_refused():
    with pytest.raises(SettingInvalid, match=f"'{OPUS}' cannot use tools"):
        HELD.settings(FakeListChatModel(responses=["x"]), [], model_name=OPUS)


def test_a_good_answer_is_read():
    text = RESEARCH.model_dump_json()
    assert HELD.read(AIMessage(text)) == (RESEARCH, "")
    blocks = [{"type": "thinking", "thinking": "Hm"}, {"type": "text", "text": text}]
    assert HELD.read(AIMessage(blocks)) == (RESEARCH, "")
    arguments = RESEARCH.model_dump(mode="json")
    assert AS_TOOL.read(called(("Research", arguments), ("look", {}))) == (RESEARCH, "")


@pytest.mark.parametrize("form", [HELD, AS_TOOL])
def test_while_tools_are_called_there_is_neither_answer_nor_fault(form):
    assert form.read(called(("look", {}))) == (None, "")


@pytest.mark.parametrize(
    ("form", "message", "fault"),
    [
        (HELD, AIMessage(""), "It is not JSON (Expecting value at character 0)."),
        (HELD, AIMessage("[" * 100_000), "It is not JSON that can be read (maximum recursion"),
        (HELD, AIMessage('{"summary": 7}'), "summary: Input should be a valid string"),
        (HELD, AIMessage("[1]"), "the whole: Input should be a valid dictionary"),
        (AS_TOOL, AIMessage("Here"), "The answer is plain text."),
        (AS_TOOL, called(("Research", {"summary": []})), "summary: Input should be"),
        (AS_TOOL, called(("Research", {}), ("Research", {})), "(Research, Research) when only one"),
    ],
)
def test_a_fault_is_told_in_words(form, message, fault):
    answer, told = form.read(message)
    assert answer is None
    assert fault in told


def test_a_fault_is_told_in_brief():
    strange = {f"field_{number}" * 40: 1 for number in range(100)}
    _, told = AS_TOOL.read(called(("Research", strange)))
    assert len(told) == MAX_FAULT_CHARACTERS + len("...")
