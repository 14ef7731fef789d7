"""How an agent's turns are held to their limits and their form.

An answer that is not of the form asked for goes back once, with what is wrong about it.
"""

import json
from collections.abc import Callable
from typing import Any

from langchain.agents.middleware import AgentMiddleware, AgentState
from langchain.agents.middleware.types import ModelRequest, ModelResponse
from langchain.agents.structured_output import StructuredOutputError
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from pydantic import ValidationError

from mergewright.errors import AnswerUnusable, LimitReached

MAX_COMPLAINT_CHARACTERS = 1_500
MAX_FAULTS = 10


class AnswerRepair(AgentMiddleware[AgentState[Any], None, Any]):
    """Asks once more after an invalid structured answer; a second one ends the work.

    Turns are counted here, too: LangChain's own layer for that is two more nodes of the graph at
    each step, a third of what a step takes.

    Args:
        agent: Who is asked, for messages.
        answer: Name of the form asked for.
        max_model_calls: How many turns there may be; a repair is part of its turn.
    """

    def __init__(self, agent: str, answer: str, *, max_model_calls: int) -> None:
        super().__init__()
        self._agent = agent
        self._answer = answer
        self._max_model_calls = max_model_calls
        self._turns = 0
        self._repaired = False

    def wrap_model_call(
        self,
        request: ModelRequest[None],
        handler: Callable[[ModelRequest[None]], ModelResponse[Any]],
    ) -> ModelResponse[Any]:
        """Return the model's response, after one repair if it needs it.

        Raises:
            AnswerUnusable: The answer is invalid for the second time.
            LimitReached: There were as many turns as there may be.
        """
        if self._turns >= self._max_model_calls:
            raise calls_used_up(self._agent, self._max_model_calls)
        self._turns += 1
        response = self._valid_or_complaint(request, handler)
        if isinstance(response, ModelResponse):
            return response
        if self._repaired:
            raise self._unusable(response)
        self._repaired = True
        asked_again = request.override(messages=[*request.messages, *response])
        second = self._valid_or_complaint(asked_again, handler)
        if not isinstance(second, ModelResponse):
            raise self._unusable(second)
        return ModelResponse(
            result=[*response, *second.result], structured_response=second.structured_response
        )

    def _valid_or_complaint(
        self,
        request: ModelRequest[None],
        handler: Callable[[ModelRequest[None]], ModelResponse[Any]],
    ) -> ModelResponse[Any] | list[AnyMessage]:
        """Return a usable response, or the bad answer with the complaint about it."""
        try:
            response = handler(request)
        except StructuredOutputError as error:
            return self._complaint(error.ai_message, _reason(error))
        last = response.result[-1]
        if response.structured_response is not None or not isinstance(last, AIMessage):
            return response
        if last.tool_calls or last.invalid_tool_calls:
            return response
        return self._complaint(last, "The answer is plain text.")

    def _complaint(self, message: AIMessage, reason: str) -> list[AnyMessage]:
        text = (
            f"Your answer is not a valid {self._answer}: {reason}\n"
            f"Answer again with one complete {self._answer} and nothing else."
        )
        # A provider refuses a conversation in which a tool call has no result.
        calls = [call["id"] for call in (*message.tool_calls, *message.invalid_tool_calls)]
        if calls:
            results = [
                ToolMessage(content=text, tool_call_id=call or "", status="error") for call in calls
            ]
            return [message, *results]
        return [_with_content(message), HumanMessage(content=text)]

    def _unusable(self, complaint: list[AnyMessage]) -> AnswerUnusable:
        reason = complaint[-1].text.partition("\n")[0]
        return AnswerUnusable(
            f"The {self._agent!r} agent's answer was unusable, twice. It was told: {reason}",
            hint="Start the run afresh, make the ticket more precise, or choose a stronger model.",
        )


def calls_used_up(agent: str, calls: int) -> LimitReached:
    """Return the error of an agent that has no answer after all its calls."""
    return LimitReached(
        f"The {agent!r} agent used up its {calls} model calls without an answer.",
        hint="Split the ticket, allow more calls, or choose a stronger model.",
    )


def _with_content(message: AIMessage) -> AIMessage:
    """Return the message with some text: an empty turn is refused by the provider."""
    if message.text.strip():
        return message
    return message.model_copy(update={"content": "(no answer)"})


def _reason(error: StructuredOutputError) -> str:
    """Say what is wrong without repeating the whole answer."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ValidationError):
            return _trimmed("; ".join(_faults(cause)))
        if isinstance(cause, json.JSONDecodeError):
            return f"It is not JSON ({cause.msg} at character {cause.pos})."
        cause = cause.__cause__ or cause.__context__
    return _trimmed(str(error))


def _faults(error: ValidationError) -> list[str]:
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    return [
        f"{'.'.join(str(part) for part in fault['loc']) or 'the whole'}: {fault['msg']}"
        for fault in faults[:MAX_FAULTS]
    ]


def _trimmed(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= MAX_COMPLAINT_CHARACTERS:
        return line
    return f"{line[:MAX_COMPLAINT_CHARACTERS]}..."
