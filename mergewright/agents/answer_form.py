"""The form of a typed answer: how it is asked for, and how it is read.

Where the provider holds the form, the answer is text that fits the schema; elsewhere it is a call
of a tool that is named after the form, whose arguments are the answer. Both are asked for as
LangChain's `ProviderStrategy` and `ToolStrategy` do, so a request is named as it was with them.

Source: langchain 1.4.7, `agents/structured_output.py` and `agents/factory.py`, 2026-11-20.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from langchain_anthropic import ChatAnthropic
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, ToolCall
from langchain_core.runnables import RunnableBinding
from langchain_core.tools import BaseTool, StructuredTool
from pydantic import ValidationError

from mergewright.domain.value import Value
from mergewright.errors import SettingInvalid

A = TypeVar("A", bound=Value)

MAX_FAULT_CHARACTERS = 1_500
MAX_FAULTS = 10


class Reading(NamedTuple, Generic[A]):
    """What a message comes to: an answer, a fault of it, or neither while tools are called."""

    answer: A | None = None
    fault: str = ""
    """Why it is no answer, in words for the model."""


@dataclass(frozen=True, slots=True)
class AnswerForm(Generic[A]):
    """How one model is asked for an answer of one type."""

    answer: type[A]
    is_tool: bool
    """The answer is the call of a tool, because the provider does not hold the form."""

    @classmethod
    def fitting(cls, model: BaseChatModel, answer: type[A]) -> "AnswerForm[A]":
        """Let the provider hold the form where it can; Claude models without a profile can, too."""
        profile = model.profile or {}
        is_held = isinstance(model, ChatAnthropic) or profile.get("structured_output")
        return cls(answer, is_tool=not is_held)

    @property
    def name(self) -> str:
        """The form's name, for the model and for people."""
        return self.answer.__name__

    def settings(
        self, model: BaseChatModel, tools: Sequence[BaseTool], *, model_name: str
    ) -> dict[str, Any]:
        """Return what each request has beside its messages: form and tools, in the model's format.

        Args:
            model: Who is asked.
            tools: What it may call.
            model_name: Its `provider:name`, for messages.

        Raises:
            SettingInvalid: The model cannot use tools.
        """
        try:
            bound = self._bind(model, tools)
        except NotImplementedError as error:
            raise _cannot_use_tools(model_name) from error
        if not isinstance(bound, RunnableBinding):
            raise _cannot_use_tools(model_name)
        return {name: value for name, value in bound.kwargs.items() if name != "tools" or value}

    def read(self, message: AIMessage) -> Reading[A]:
        """Return the answer that a message holds, or what is wrong with it."""
        if not self.is_tool:
            return Reading() if message.tool_calls else self._read_text(message.text)
        if not message.tool_calls:
            broken = "The arguments of its call are malformed or cut off."
            return Reading(
                fault=broken if message.invalid_tool_calls else "The answer is plain text."
            )
        given = [call for call in message.tool_calls if self.is_call(call)]
        if len(given) > 1:
            names = ", ".join(call["name"] for call in given)
            return Reading(
                fault=f"Model incorrectly returned multiple structured responses ({names})"
                " when only one is expected."
            )
        return self._validate(given[0]["args"]) if given else Reading()

    def is_call(self, call: ToolCall) -> bool:
        """Whether a call is the answer, and not one of a tool that does something."""
        return self.is_tool and call["name"] == self.name

    def _bind(self, model: BaseChatModel, tools: Sequence[BaseTool]) -> object:
        schema = self.answer.model_json_schema()
        if self.is_tool:
            described = self.answer.__doc__ or ""
            form = StructuredTool(name=self.name, description=described, args_schema=schema)
            return model.bind_tools([*tools, form], tool_choice="any")
        named = {"type": "json_schema", "json_schema": {"name": self.name, "schema": schema}}
        return model.bind_tools(tools, tool_choice=None, response_format=named)

    def _read_text(self, text: str) -> Reading[A]:
        try:
            data = json.loads(text)
        except json.JSONDecodeError as error:
            return Reading(fault=f"It is not JSON ({error.msg} at character {error.pos}).")
        except (ValueError, RecursionError) as error:
            return Reading(fault=_trimmed(f"It is not JSON that can be read ({error})."))
        return self._validate(data)

    def _validate(self, data: object) -> Reading[A]:
        try:
            return Reading(self.answer.model_validate(data))
        except ValidationError as error:
            return Reading(fault=_trimmed("; ".join(_faults(error))))


def _cannot_use_tools(model_name: str) -> SettingInvalid:
    return SettingInvalid(
        f"The model {model_name!r} cannot use tools.",
        hint="Choose a model with tool use, for example 'anthropic:claude-opus-5-5'.",
    )


def _faults(error: ValidationError) -> list[str]:
    """Say what is wrong without repeating the whole answer."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    return [
        f"{'.'.join(str(part) for part in fault['loc']) or 'the whole'}: {fault['msg']}"
        for fault in faults[:MAX_FAULTS]
    ]


def _trimmed(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= MAX_FAULT_CHARACTERS:
        return line
    return f"{line[:MAX_FAULT_CHARACTERS]}..."
