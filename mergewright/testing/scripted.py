"""A chat model whose replies are a function of the conversation: the same question, the same reply."""

from collections.abc import Callable
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatResult

from mergewright.testing.unbound_model import UnboundModel

CHARACTERS_PER_TOKEN = 4


class ScriptedModel(UnboundModel):
    """Replies as its script says, and says what that would have used."""

    script: Callable[[list[BaseMessage]], AIMessage]
    """Makes the reply to a conversation."""

    @property
    def _llm_type(self) -> str:
        return "scripted"

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
