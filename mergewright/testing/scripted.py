"""A chat model whose replies are a function of the conversation: the same question, the same reply."""

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput, ModelProfile
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import Field

CHARACTERS_PER_TOKEN = 4


def structured_output() -> ModelProfile:
    """Return the profile of a model that holds the form of an answer itself."""
    return ModelProfile(structured_output=True)


class ScriptedModel(BaseChatModel):
    """Replies as its script says, and says what that would have used."""

    script: Callable[[list[BaseMessage]], AIMessage]
    """Makes the reply to a conversation."""

    profile: ModelProfile | None = Field(default_factory=structured_output)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,  # noqa: ANN401 - LangChain's own signature
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Bind tools, which the script does not need."""
        return bind_plainly(self, tools, tool_choice=tool_choice, **kwargs)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002 - part of LangChain's signature
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - part of LangChain's signature
        **kwargs: Any,  # noqa: ANN401, ARG002 - LangChain's own signature
    ) -> ChatResult:
        reply = self.script(messages)
        if reply.usage_metadata is None:
            asked = sum(len(message.text) for message in messages) // CHARACTERS_PER_TOKEN
            answered = len(reply.text) // CHARACTERS_PER_TOKEN
            reply = reply.model_copy(
                update={
                    "usage_metadata": UsageMetadata(
                        input_tokens=asked, output_tokens=answered, total_tokens=asked + answered
                    )
                }
            )
        return ChatResult(generations=[ChatGeneration(message=reply)])


def bind_plainly(
    model: BaseChatModel,
    tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
    *,
    tool_choice: str | None = None,
    **kwargs: Any,  # noqa: ANN401 - handed on as it is
) -> Runnable[LanguageModelInput, AIMessage]:
    """Bind tools to a model that does not send them anywhere."""
    bound = {**kwargs, "tools": [convert_to_openai_tool(tool) for tool in tools]}
    if tool_choice is not None:
        bound["tool_choice"] = tool_choice
    return model.bind(**bound)
