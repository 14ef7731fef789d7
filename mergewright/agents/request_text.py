"""The canonical text of a conversation's requests, without writing the conversation anew each turn.

A request holds all that was said before. Its digest is that of the whole text, as
`exchange.request_digest` defines it; but what stays the same from turn to turn is put into text and
hashed once, and each turn adds its own messages to a copy of the hash.
"""

import hashlib
import operator
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, NamedTuple

from langchain_core.messages import AIMessage, BaseMessage

from mergewright.agents.exchange import (
    CANONICAL_SETTINGS,
    canonical_json,
    canonical_message,
    canonical_settings,
    count_dense,
    count_pictures,
    tokens_of,
)


class NamedRequest(NamedTuple):
    """A request's names, and what it takes at most."""

    identity: str
    """Digest of the request and of whose step it is."""
    digest: str
    """What names it in a recording."""
    input_tokens: int
    """Upper estimate."""
    turn: int
    """How many answers the conversation already holds."""


class _Size(NamedTuple):
    characters: int
    dense: int
    """Those that count a whole token."""
    pictures: int = 0

    @classmethod
    def of(cls, text: str, *, pictures: int = 0) -> "_Size":
        return cls(len(text), count_dense(text), pictures)

    def plus(self, other: "_Size") -> "_Size":
        return _Size(
            self.characters + other.characters,
            self.dense + other.dense,
            self.pictures + other.pictures,
        )


@dataclass(frozen=True, slots=True)
class _Begun:
    """A request's text up to some message, in two hashes."""

    identity: "hashlib._Hash"
    digest: "hashlib._Hash"
    size: _Size
    messages: int = 0
    turn: int = 0

    def plus(self, message: BaseMessage) -> "_Begun":
        """Return a copy that has one more message."""
        comma = "," if self.messages else ""
        text = f"{comma}{canonical_json(canonical_message(message))}"
        grown = _Begun(
            self.identity.copy(),
            self.digest.copy(),
            self.size.plus(_Size.of(text, pictures=count_pictures((message,)))),
            self.messages + 1,
            self.turn + isinstance(message, AIMessage),
        )
        data = text.encode()
        grown.identity.update(data)
        grown.digest.update(data)
        return grown


class RequestText:
    """Names the requests of one conversation.

    Messages are values here as in LangGraph's state: a message that is the same object with the same
    content object as before is taken as unchanged. Anything else is put into text anew.

    Args:
        step: Whose steps they are; part of their identity.
    """

    def __init__(self, *step: str) -> None:
        opening = '{"messages":['
        # The hashes end like `digest_of`: a list of all parts, or of the request alone.
        identity = "".join(f"{canonical_json(part)}," for part in step)
        self._begun = _Begun(
            hashlib.sha256(f"[{identity}{opening}".encode()),
            hashlib.sha256(f"[{opening}".encode()),
            _Size.of(opening),
        )
        self._messages: list[BaseMessage] = []
        self._contents: list[object] = []
        self._begun_after: list[_Begun] = []
        self._settings: tuple[dict[str, Any], str, _Size] | None = None

    def name(self, messages: Sequence[BaseMessage], settings: Mapping[str, Any]) -> NamedRequest:
        """Return what `digest_of` and `estimate_input_tokens` make of the canonical request."""
        begun = self._begun_with(messages)
        closing, size = self._closing(settings)
        data = f"{closing}]".encode()
        identity, digest = begun.identity.copy(), begun.digest.copy()
        identity.update(data)
        digest.update(data)
        whole = begun.size.plus(size)
        input_tokens = tokens_of(*whole)
        return NamedRequest(identity.hexdigest(), digest.hexdigest(), input_tokens, begun.turn)

    def _begun_with(self, messages: Sequence[BaseMessage]) -> _Begun:
        same = self._count_same(messages)
        del self._messages[same:], self._contents[same:], self._begun_after[same:]
        begun = self._begun_after[-1] if same else self._begun
        for message in messages[same:]:
            begun = begun.plus(message)
            self._messages.append(message)
            self._contents.append(message.content)
            self._begun_after.append(begun)
        return begun

    def _count_same(self, messages: Sequence[BaseMessage]) -> int:
        """Return how many messages the request has in common with the one before, from the first."""
        # Hundreds at each turn, so without a line of Python for each.
        known = len(self._messages)
        contents = [message.content for message in messages[:known]]
        are_same = map(operator.is_, self._messages, messages)
        say_same = map(operator.is_, self._contents, contents)
        if len(contents) == known and all(are_same) and all(say_same):
            return known
        pairs = zip(self._messages, messages, self._contents, contents, strict=False)
        differ = (one is not other or said is not says for one, other, said, says in pairs)
        return next((place for place, differs in enumerate(differ) if differs), len(contents))

    def _closing(self, settings: Mapping[str, Any]) -> tuple[str, _Size]:
        if self._settings is None or self._settings[0] != settings:
            named = canonical_settings(settings)
            fields = "".join(
                f',"{name}":{canonical_json(named[name])}' for name in CANONICAL_SETTINGS
            )
            text = f"]{fields}}}"
            self._settings = (deepcopy(dict(settings)), text, _Size.of(text))
        _, text, size = self._settings
        return text, size
