"""What a model was bound with, so that an agent that binds anew at each turn gets the same again."""

import operator
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from langchain_core.language_models import LanguageModelInput
from langchain_core.messages import AIMessage
from langchain_core.runnables import Runnable


@dataclass(frozen=True, slots=True)
class BoundTools:
    """A model with tools bound, and what was bound."""

    tools: tuple[object, ...]
    tool_choice: str | None
    settings: dict[str, Any]
    model: Runnable[LanguageModelInput, AIMessage]

    @classmethod
    def of(
        cls,
        tools: Sequence[object],
        tool_choice: str | None,
        settings: Mapping[str, Any],
        model: Runnable[LanguageModelInput, AIMessage],
    ) -> "BoundTools":
        """Return it, whatever is done to the arguments afterwards."""
        return cls(tuple(tools), tool_choice, deepcopy(dict(settings)), model)

    def is_for(
        self, tools: Sequence[object], tool_choice: str | None, settings: Mapping[str, Any]
    ) -> bool:
        """Whether these are the very tools, with the same settings."""
        same = len(tools) == len(self.tools) and all(map(operator.is_, tools, self.tools))
        return same and tool_choice == self.tool_choice and settings == self.settings
