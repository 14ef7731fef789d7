"""How an answer ended: whole, broken off, cut off at its limit, or refused."""

from langchain_core.messages import AIMessage

from mergewright.errors import AnswerUnusable


def is_cut(message: AIMessage) -> bool:
    """Whether a stream ended early without an error: Anthropic always gives a reason to stop."""
    metadata = message.response_metadata
    return metadata.get("model_provider") == "anthropic" and not metadata.get("stop_reason")


def refuse_unusable(message: AIMessage, *, agent: str, model: str, max_output_tokens: int) -> None:
    """Refuse an answer that is whole and yet none.

    Args:
        message: The answer.
        agent: Who asked, for messages.
        model: Who answered, for messages.
        max_output_tokens: What the request allowed.

    Raises:
        AnswerUnusable: It was cut off at its limit, or the model refuses the work.
    """
    metadata = message.response_metadata
    reason = metadata.get("stop_reason") or metadata.get("finish_reason")
    if reason in {"max_tokens", "length", "model_context_window_exceeded"}:
        raise AnswerUnusable(
            f"The answer of the {agent!r} agent was cut off at {max_output_tokens} tokens.",
            hint="Split the ticket, or allow more output tokens and start afresh.",
        )
    if reason in {"refusal", "content_filter"}:
        raise AnswerUnusable(
            f"The model {model!r} refused the work of the {agent!r} agent.",
            hint="Read the ticket for what the model may object to, or choose another model.",
        )
