import pytest
from langchain_core.tools import ToolException
from pydantic import BaseModel, Field

from mergewright.agents.tool_results import carry_out
from mergewright.agents.tools import AgentTool
from mergewright.errors import EditConflict, StoreFailed
from mergewright.safety.redaction import register_secret


class Look(BaseModel):
    """Look at a part."""

    part: int = Field(ge=1)
    deep: bool = False


def tool(work, name="look"):
    return AgentTool(
        name=name, description="Look", args_schema=Look, func=work, summarise=lambda _: "look"
    )


def told(work, name="look", **arguments):
    call = {"id": "t1", "name": name, "args": arguments, "type": "tool_call"}
    return carry_out(call, {"look": tool(work), "list": tool(work, "list")})


def see(part, deep):
    return f"part {part}, {deep}"


def fails_with(error):
    def work(**_):
        raise error

    return work


def test_the_text_of_the_tool_is_told():
    result = told(see, part="3")
    assert result == {"content": "part 3, False", "status": "success"}


def test_the_tools_are_named_to_who_calls_an_unknown_one():
    result = told(see, name="stare")
    assert result["content"] == "Error: stare is not a valid tool, try one of [look, list]."
    assert result["status"] == "error"


def test_bad_arguments_are_told_one_by_one():
    assert told(see, part=0, deep="perhaps") == {
        "content": "Error invoking tool 'look' with kwargs {'part': 0, 'deep': 'perhaps'} with"
        " error:\n part: Input should be greater than or equal to 1\n"
        "deep: Input should be a valid boolean, unable to interpret input\n"
        " Please fix the error and try again.",
        "status": "error",
    }


@pytest.mark.parametrize("kind", [ToolException, EditConflict])
def test_what_the_model_can_mend_is_told_without_secrets(kind):
    register_secret("correct-horse-battery")
    result = told(fails_with(kind("no correct-horse-battery here")), part=1)
    assert result["status"] == "error"
    assert "here" in result["content"]
    assert "battery" not in result["content"]


@pytest.mark.parametrize("error", [StoreFailed("full"), OSError("gone"), KeyboardInterrupt()])
def test_anything_else_ends_the_work(error):
    with pytest.raises(type(error)):
        told(fails_with(error), part=1)
