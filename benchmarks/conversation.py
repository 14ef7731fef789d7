"""The conversation that every contender holds: one model call and one tool call per step, then a report.

The model answers at once and the tool returns a text of fixed length, so what is left is what the
machinery around them takes. Prompts are those of the research agent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.tools import StructuredTool
from pydantic import BaseModel

from mergewright.agents.limits import AgentLimits
from mergewright.agents.prompts import RenderedPrompt, load_prompt
from mergewright.agents.tools import AgentTool
from mergewright.domain.codebase import Codebase, Language
from mergewright.domain.plan import Research
from mergewright.domain.ticket import Ticket
from mergewright.testing.scripted import ScriptedModel

AGENT: Final = "research"
MODEL_NAME: Final = "anthropic:claude-opus-5-5"
"""Whose list prices the ledger reserves and settles with; it is never called."""
TOOL: Final = "look"
TOOL_RESULT: Final = "\n".join(f"{line}\tdef part_{line:02}(amount): ..." for line in range(10, 43))
REPORT: Final = Research(summary="Found it", likely_cause="integer division").model_dump_json()
INPUTS: Final[Mapping[str, object]] = {
    "ticket": Ticket(
        key="TALLY-7", title="A cent gets lost", description="`split(10, 3)` loses a cent."
    ),
    "codebase": Codebase(
        commit="c" * 40,
        file_count=2,
        languages=(Language(name="Python", files=2, size_bytes=100),),
    ),
}

_MESSAGES_BEFORE: Final = 2
_USAGE: Final = UsageMetadata(input_tokens=1_000, output_tokens=40, total_tokens=1_040)


class Look(BaseModel):
    """Read a part of a file."""

    part: int


@dataclass(slots=True)
class Counts:
    """What was really called: a contender that did less work is no contender."""

    model: int = 0
    tool: int = 0
    looks: list[int] = field(default_factory=list)

    def look(self, part: int) -> str:
        """Answer a tool call."""
        self.tool += 1
        self.looks.append(part)
        return TOOL_RESULT

    def is_complete(self, steps: int) -> bool:
        """Whether every step was done once and in order, and the report asked for at the end."""
        return self.model == steps + 1 and self.looks == list(range(steps))


@cache
def rendered_prompt() -> RenderedPrompt:
    """Return the texts that the conversation begins with."""
    return load_prompt(AGENT).render(**INPUTS)


def limits_of(steps: int) -> AgentLimits:
    """Return limits that a conversation of so many steps keeps."""
    return AgentLimits(max_model_calls=steps + 1, max_output_tokens=1_000)


def make_model(steps: int, counts: Counts) -> BaseChatModel:
    """Return the instant model as LangChain knows it."""

    def reply(messages: list[BaseMessage]) -> AIMessage:
        counts.model += 1
        turn = (len(messages) - _MESSAGES_BEFORE) // 2
        if turn == steps:
            return AIMessage(content=REPORT, usage_metadata=_USAGE)
        call = {"id": f"call-{turn}", "name": TOOL, "args": {"part": turn}, "type": "tool_call"}
        return AIMessage(content="", tool_calls=[call], usage_metadata=_USAGE)

    return ScriptedModel(script=reply)


def make_tool(counts: Counts) -> StructuredTool:
    """Return the tool as LangChain knows it."""
    return StructuredTool(
        name=TOOL, description=Look.__doc__ or TOOL, args_schema=Look, func=counts.look
    )


def make_agent_tool(counts: Counts) -> AgentTool:
    """Return the tool as our agents know it."""
    return AgentTool(
        name=TOOL,
        description=Look.__doc__ or TOOL,
        args_schema=Look,
        func=counts.look,
        summarise=_summarise,
    )


def _summarise(arguments: Mapping[str, Any]) -> str:
    return f"look at part {arguments.get('part')}"
