"""What a tool call comes to, for the model: the tool's text, or an error that the model can mend.

Source: the texts about unknown tools and bad arguments are those of langgraph-prebuilt 1.1.2,
`tool_node.py`, 2026-11-20: conversations recorded with it go on with the same words.
"""

from collections.abc import Mapping
from typing import Literal, TypedDict

from langchain_core.messages import ToolCall, ToolMessage
from langchain_core.tools import ToolException
from pydantic import ValidationError

from mergewright.agents.tools import AgentTool
from mergewright.errors import EditConflict, WorkError
from mergewright.safety.redaction import redact


class Result(TypedDict):
    """What the model is told, as it is recorded."""

    content: str
    status: Literal["success", "error"]


def carry_out(call: ToolCall, tools: Mapping[str, AgentTool]) -> Result:
    """Call a tool and return what the model is told.

    Args:
        call: What the model asks for.
        tools: What may be called, by name.

    Raises:
        MergewrightError: What the tool raises and the model cannot mend.
        WorkError: The tool answered with something else than text.
    """
    tool = tools.get(call["name"])
    if tool is None:
        return _error(
            f"Error: {call['name']} is not a valid tool, try one of [{', '.join(tools)}]."
        )
    try:
        message = tool.invoke({**call, "type": "tool_call"})
    except ValidationError as error:
        return _error(
            f"Error invoking tool '{call['name']}' with kwargs {call['args']} with error:\n"
            f" {_faults(error)}\n"
            " Please fix the error and try again."
        )
    except (ToolException, EditConflict) as error:
        return _error(redact(str(error)))
    if not isinstance(message, ToolMessage):
        raise WorkError(
            f"The tool {call['name']!r} answered with {type(message).__name__}.",
            hint="Tools of agents return text.",
        )
    return Result(content=message.text, status=message.status)


def _error(text: str) -> Result:
    return Result(content=text, status="error")


def _faults(error: ValidationError) -> str:
    return "\n".join(
        f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}"
        for fault in error.errors()
        if fault["loc"]
    )
