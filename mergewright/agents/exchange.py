"""One model call as plain data: what is asked, what is answered, and what it may cost.

A request is put into a canonical form without anything that changes when nothing has changed
(message ids, usage, cache marks), so that its digest names the step in the journal and in a
recording, whichever provider's tool format the request was bound with.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeGuard

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

from mergewright.budget.prices import Usage
from mergewright.domain.logged_event import Json

FRAME_TOKENS = 2_000
"""What a provider adds to a request by itself: tool-use instructions, schema, message frames.

Source: Anthropic names 290 to 806 tokens for tool use (platform.claude.com, tool use, pricing).
"""

PICTURE_TOKENS = 4_784
"""What a picture takes at most: larger ones are made smaller before they are counted.

Source: platform.claude.com/docs/en/build-with-claude/vision (a token for 28 x 28 pixels, at most
4 784 for models with high resolution, 1 568 for others), 2026-11-20.
"""

CACHE_MARK = "cache_control"
CANONICAL_SETTINGS = ("settings", "tools")
"""What of a canonical request comes after its messages, in the order of its text."""
_LETTERS_AND_SPACE = {code: None for code in range(128) if chr(code).isalpha() or code == ord(" ")}


def canonical_request(messages: Sequence[BaseMessage], settings: Mapping[str, Any]) -> Json:
    """Return the request in canonical form: messages, tools and settings."""
    return {
        "messages": [canonical_message(message) for message in messages],
        **canonical_settings(settings),
    }


def canonical_settings(settings: Mapping[str, Any]) -> Json:
    """Return what a request has beside its messages, in canonical form."""
    named = {
        name: value
        for name, value in settings.items()
        if name not in {"tools", CACHE_MARK} and not name.startswith("ls_")
    }
    tools = [_canonical_tool(tool) for tool in settings.get("tools") or ()]
    return {"settings": named, "tools": tools}


def canonical_message(message: BaseMessage) -> Json:
    """Return one message in canonical form."""
    canonical: Json = {"role": message.type, "content": _canonical_content(message.content)}
    if isinstance(message, AIMessage) and message.tool_calls:
        canonical["tool_calls"] = [
            {"id": call["id"], "name": call["name"], "args": call["args"]}
            for call in message.tool_calls
        ]
    if isinstance(message, ToolMessage):
        canonical |= {"tool_call_id": message.tool_call_id, "status": message.status}
    return canonical


def _canonical_content(content: str | list[Any]) -> object:
    """Return the content without cache marks; a single text block is as good as plain text."""
    if isinstance(content, str):
        return content
    blocks = [_canonical_block(block) for block in content]
    if len(blocks) == 1 and isinstance(blocks[0], dict) and blocks[0].keys() == {"type", "text"}:
        return blocks[0]["text"]
    return blocks


def _canonical_block(block: object) -> object:
    """Return a block without cache marks; a picture is named by the digest of its bytes."""
    if not is_picture(block):
        return _without(block, {CACHE_MARK})
    digest = hashlib.sha256(block["base64"].encode()).hexdigest()
    return {"type": "image", "mime_type": block.get("mime_type", ""), "sha256": digest}


def is_picture(block: object) -> TypeGuard[dict[str, Any]]:
    """Say whether a block of a message's content is a picture that goes with it."""
    return isinstance(block, dict) and block.get("type") == "image" and "base64" in block


def count_pictures(messages: Iterable[BaseMessage]) -> int:
    """Return how many pictures go with messages: their bytes are no part of the text."""
    return sum(
        is_picture(block)
        for message in messages
        if not isinstance(message.content, str)
        for block in message.content
    )


def _without(block: object, dropped: set[str]) -> object:
    if not isinstance(block, dict):
        return block
    return {key: value for key, value in block.items() if key not in dropped}


def _canonical_tool(tool: Mapping[str, Any]) -> Json:
    """Return name, description and schema of a tool in Anthropic's or OpenAI's format."""
    function = tool.get("function", tool)
    return {
        "name": function.get("name", ""),
        "description": function.get("description", ""),
        "schema": function.get("input_schema", function.get("parameters", {})),
    }


def canonical_json(value: object) -> str:
    """Return the one JSON text of a value: ASCII, sorted keys, no spaces."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))


def digest_of(*parts: object) -> str:
    """Return the SHA-256 of the parts' canonical JSON."""
    return digest_of_texts(*map(canonical_json, parts))


def digest_of_texts(*texts: str) -> str:
    """Return what `digest_of` returns for parts whose canonical JSON is there already."""
    return hashlib.sha256(f"[{','.join(texts)}]".encode()).hexdigest()


def request_digest(messages: Sequence[BaseMessage], settings: Mapping[str, Any]) -> str:
    """Return the digest that names a request in a recording."""
    return digest_of(canonical_request(messages, settings))


def turn_of(messages: Sequence[BaseMessage]) -> int:
    """Return how many answers the conversation already holds."""
    return sum(isinstance(message, AIMessage) for message in messages)


def estimate_input_tokens(request_text: str, *, pictures: int = 0) -> int:
    """Return more tokens than a request has, without asking anyone.

    Letters and blanks count half a token each, everything else a whole one, on the JSON with
    escapes (a letter outside ASCII is six characters there); tokenizers take 3 to 4 characters of
    code or prose per token, and no fewer than one of digits and punctuation. If an answer should
    cost more all the same, it is booked in full, and the next reservation meets the cap.

    Args:
        request_text: The canonical JSON of the request.
        pictures: How many go with it.
    """
    return tokens_of(len(request_text), count_dense(request_text), pictures)


def count_dense(text: str) -> int:
    """Return how many characters of a JSON text count a whole token each."""
    return len(text.translate(_LETTERS_AND_SPACE))


def tokens_of(characters: int, dense: int, pictures: int = 0) -> int:
    """Return the estimate for a text of so many characters, some of them dense, and pictures."""
    return dense + (characters - dense + 1) // 2 + FRAME_TOKENS + pictures * PICTURE_TOKENS


def encode_answer(message: AIMessage) -> Json:
    """Return an answer as JSON that reads well, keeps its order and fits into UTF-8."""
    called = {call["id"] for call in message.tool_calls}
    answer = {
        "content": _encode_content(message.content, called),
        "tool_calls": [
            {"id": call["id"], "name": call["name"], "args": call["args"]}
            for call in message.tool_calls
        ],
        "invalid_tool_calls": [dict(call) for call in message.invalid_tool_calls],
        "usage": dict(message.usage_metadata or {}),
        "metadata": {
            key: value
            for key, value in message.response_metadata.items()
            if key in {"stop_reason", "stop_details", "finish_reason", "model_name", "id"} and value
        },
        "additional": message.additional_kwargs,
    }
    kept = {key: value for key, value in answer.items() if value or key == "content"}
    # A model may write half of a surrogate pair or NaN, which neither SQLite nor JSON can keep.
    text = json.dumps(kept, ensure_ascii=False, default=str).encode("utf-8", "replace").decode()
    loaded: Json = json.loads(text, parse_constant=str)
    return loaded


def _encode_content(content: str | list[Any], called: set[str | None]) -> object:
    if isinstance(content, str):
        return content
    return [_encode_block(block, called) for block in content]


def _encode_block(block: object, called: set[str | None]) -> object:
    """Drop what is only there because of streaming, or said again by the tool calls."""
    if isinstance(block, dict) and block.get("type") == "tool_use" and block.get("id") in called:
        return {key: block[key] for key in ("type", "id", "name")}
    return _without(block, {"index"})


def decode_answer(answer: Json) -> AIMessage:
    """Return the message that `encode_answer` was given, as far as a conversation needs it."""
    return AIMessage(
        content=answer["content"],
        tool_calls=[{**call, "type": "tool_call"} for call in answer.get("tool_calls", ())],
        invalid_tool_calls=answer.get("invalid_tool_calls", []),
        usage_metadata=answer.get("usage"),
        response_metadata=answer.get("metadata", {}),
        additional_kwargs=answer.get("additional", {}),
    )


def usage_of(message: AIMessage) -> Usage | None:
    """Return what an answer used, or None when its provider does not say."""
    usage = message.usage_metadata
    if not usage:
        return None
    details: Mapping[str, Any] = usage.get("input_token_details") or {}
    metadata = message.response_metadata
    said = metadata.get("usage") or {}
    kept = said.get("cache_creation") or {}
    split_1h = details.get("ephemeral_1h_input_tokens") or 0
    split_5m = details.get("ephemeral_5m_input_tokens") or 0
    return Usage(
        input_tokens=usage["input_tokens"],
        output_tokens=usage["output_tokens"],
        cache_read_tokens=details.get("cache_read") or 0,
        cache_write_tokens=(details.get("cache_creation") or 0) + split_5m + split_1h,
        cache_write_1h_tokens=split_1h or kept.get("ephemeral_1h_input_tokens") or 0,
        web_searches=(said.get("server_tool_use") or {}).get("web_search_requests") or 0,
        service_tier=said.get("service_tier") or metadata.get("service_tier") or "",
        speed=said.get("speed") or "",
        inference_geo=said.get("inference_geo") or "",
    )
