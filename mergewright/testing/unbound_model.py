"""What chat models have in common that send tools and schemas nowhere."""

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel, LanguageModelInput, ModelProfile
from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool
from pydantic import Field


def _structured_output() -> ModelProfile:
    """Return the profile of a model that holds the form of an answer itself."""
    return ModelProfile(structured_output=True)


class UnboundModel(BaseChatModel):
    """A model whose tools count for nothing but the digest of a request."""

    profile: ModelProfile | None = Field(default_factory=_structured_output)

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,  # noqa: ANN401 - LangChain's own signature
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Bind tools, which are sent nowhere."""
        bound = {**kwargs, "tools": [convert_to_openai_tool(tool) for tool in tools]}
        if tool_choice is not None:
            bound["tool_choice"] = tool_choice
        return self.bind(**bound)
