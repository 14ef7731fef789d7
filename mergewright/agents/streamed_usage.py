"""Claude with a stream that keeps what decides about a call's price.

A stream says at its beginning in which tier, at which speed and where it is served, and how long
what it caches is kept; LangChain takes the counts at its end only. What is kept here is put where a
call in one piece has it: `response_metadata["usage"]`.

Source: langchain-anthropic 1.7.7, `_make_message_chunk_from_anthropic_event`, and
`message_start.message.usage` in the API's description, 2026-11-20.
"""

from typing import Any

from langchain_anthropic import ChatAnthropic
from langchain_core.messages import AIMessageChunk

_AT_THE_BEGINNING = ("service_tier", "speed", "inference_geo", "cache_creation")
_AT_THE_END = ("server_tool_use",)
_KEPT = {"message_start": _AT_THE_BEGINNING, "message_delta": _AT_THE_END}


class StreamedClaude(ChatAnthropic):
    """A Claude model whose streamed answers say how they were charged."""

    def _make_message_chunk_from_anthropic_event(
        self,
        event: Any,  # noqa: ANN401 - a union of the SDK's events
        **kwargs: Any,  # noqa: ANN401 - LangChain's own signature
    ) -> tuple[AIMessageChunk | None, Any]:
        chunk, block_start = super()._make_message_chunk_from_anthropic_event(event, **kwargs)
        kept = _KEPT.get(event.type)
        if chunk is not None and kept is not None:
            holder = event.message if event.type == "message_start" else event
            said = holder.usage.model_dump(mode="json", exclude_none=True)
            if usage := {name: said[name] for name in kept if name in said}:
                chunk.response_metadata["usage"] = usage
        return chunk, block_start
