from langchain_core.messages import AIMessage

from mergewright.testing.scripted import ScriptedModel


def test_the_reply_follows_from_the_conversation():
    model = ScriptedModel(script=lambda messages: AIMessage(messages[-1].text.upper()))
    assert [model.invoke(text).text for text in ("one", "two", "one")] == ["ONE", "TWO", "ONE"]


def test_usage_is_counted_unless_said():
    usage = {"input_tokens": 7, "output_tokens": 8, "total_tokens": 15}
    silent = ScriptedModel(script=lambda _: AIMessage("x" * 40))
    telling = ScriptedModel(script=lambda _: AIMessage("x", usage_metadata=usage))
    assert silent.invoke("y" * 80).usage_metadata == {
        "input_tokens": 20,
        "output_tokens": 10,
        "total_tokens": 30,
    }
    assert telling.invoke("y").usage_metadata == usage


def test_it_holds_the_form_of_answers_by_default():
    assert ScriptedModel(script=lambda _: AIMessage("x")).profile == {"structured_output": True}
