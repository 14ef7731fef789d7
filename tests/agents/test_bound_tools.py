from langchain_core.messages import AIMessage

from mergewright.agents.bound_tools import BoundTools
from mergewright.testing.scripted import ScriptedModel

MODEL = ScriptedModel(script=lambda _: AIMessage("x"))


def test_only_the_very_same_tools_and_settings_are_the_same():
    tool, settings = {"name": "look"}, {"response_format": {"schema": [1]}}
    bound = BoundTools.of([tool], None, settings, MODEL)
    assert bound.is_for([tool], None, {"response_format": {"schema": [1]}})
    assert not bound.is_for([dict(tool)], None, settings)
    assert not bound.is_for([], None, settings)
    assert not bound.is_for([tool, tool], None, settings)
    assert not bound.is_for([tool], "any", settings)
    settings["response_format"]["schema"].append(2)
    assert not bound.is_for([tool], None, settings)
