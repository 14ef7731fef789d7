"""A conversation with a model: the model proposes, and a page of plain code decides what comes of it.

Turns are counted here, tools are called in the order in which the model asked for them, and an
answer that is not of the form asked for goes back once, with what is wrong about it.
"""

from collections.abc import Iterator, Sequence
from typing import Generic, TypeVar

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolMessage

from mergewright.agents.answer_form import AnswerForm
from mergewright.agents.durable_tools import DurableTools
from mergewright.agents.journaled_model import JournaledModel
from mergewright.domain.value import Value
from mergewright.errors import AnswerUnusable, LimitReached

A = TypeVar("A", bound=Value)


class Conversation(Generic[A]):
    """What an agent and its model say to each other until there is an answer.

    Args:
        agent: Who asks, for messages.
        model: Who is asked.
        tools: What carries out the calls that the model asks for.
        form: What the answer must look like.
        max_model_calls: How many turns there may be; a repair is part of its turn.
    """

    def __init__(
        self,
        agent: str,
        *,
        model: JournaledModel,
        tools: DurableTools,
        form: AnswerForm[A],
        max_model_calls: int,
    ) -> None:
        self._agent = agent
        self._model = model
        self._tools = tools
        self._form = form
        self._max_model_calls = max_model_calls
        self._is_repaired = False

    def hold(self, opening: Sequence[BaseMessage]) -> A:
        """Ask, and have tools called, until there is an answer.

        Raises:
            AnswerUnusable: The answer is cut off, refused, or invalid for the second time.
            BudgetExceeded: A call's worst case does not fit under a cap.
            LimitReached: The turns or the time are used up, or the model repeats itself.
            ServiceError: The provider refuses or fails.
            StoreFailed: The log cannot be read or written.
            WorkError: The worktree cannot be read or written.
        """
        self._model.tell(*opening)
        for _ in range(self._max_model_calls):
            message, answer = self._ask()
            self._model.tell(message, *_results_of_broken_calls(message))
            for call in message.tool_calls:
                if not self._form.is_call(call):
                    self._model.tell(self._tools.call(call, turn=self._model.turn))
            if answer is not None:
                return answer
        raise LimitReached(
            f"The {self._agent!r} agent used up its {self._max_model_calls} model calls without an"
            " answer.",
            hint="Split the ticket, allow more calls, or choose a stronger model.",
        )

    def _ask(self) -> tuple[AIMessage, A | None]:
        """Return the model's next message, after one repair if it needs it, and the answer in it."""
        while True:
            message = self._model.answer()
            answer, fault = self._form.read(message)
            if not fault:
                return message, answer
            complaint = f"Your answer is not a valid {self._form.name}: {fault}"
            if self._is_repaired:
                raise AnswerUnusable(
                    f"The {self._agent!r} agent's answer was unusable, twice. It was told:"
                    f" {complaint}",
                    hint="Start the run afresh, make the ticket more precise, or choose a stronger"
                    " model.",
                )
            self._is_repaired = True
            wish = f"Answer again with one complete {self._form.name} and nothing else."
            self._model.tell(*_sent_back(message, f"{complaint}\n{wish}"))


def _sent_back(message: AIMessage, text: str) -> list[BaseMessage]:
    """Return a bad answer and the complaint about it."""
    # A provider refuses a conversation in which a tool call has no result.
    calls = [call["id"] for call in (*message.tool_calls, *message.invalid_tool_calls)]
    if calls:
        return [message, *(_failed(call or "", text) for call in calls)]
    if not message.text.strip():
        # An empty turn is refused, too.
        message = message.model_copy(update={"content": "(no answer)"})
    return [message, HumanMessage(text)]


def _results_of_broken_calls(message: AIMessage) -> Iterator[ToolMessage]:
    """Return results for calls whose arguments are no JSON, where nothing else has their id."""
    answered = {call["id"] for call in message.tool_calls}
    for call in message.invalid_tool_calls:
        if call["id"] is not None and call["id"] not in answered:
            answered.add(call["id"])
            name = call["name"] or "unknown"
            yield _failed(
                call["id"],
                f"Tool call {name} with id {call['id']} could not be executed - "
                "arguments were malformed or truncated.",
                name=name,
            )


def _failed(call_id: str, text: str, *, name: str | None = None) -> ToolMessage:
    return ToolMessage(text, tool_call_id=call_id, name=name, status="error")
