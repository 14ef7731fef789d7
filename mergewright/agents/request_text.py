"""The canonical text of a conversation's requests, without writing the conversation anew each turn.

A request holds all that was said before. Its digest is that of the whole text, as
`exchange.request_digest` defines it; but a conversation only grows, so each message is put into text
and hashed once, when it is said, and each request ends a copy of the hash.
"""

import hashlib
from collections.abc import Mapping
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


class RequestText:
    """Names the requests of one conversation.

    Args:
        settings: What each request has beside its messages.
        step: Whose steps they are; part of their identity.
    """

    def __init__(self, settings: Mapping[str, Any], *step: str) -> None:
        opening = '{"messages":['
        named = canonical_settings(settings)
        fields = "".join(f',"{name}":{canonical_json(named[name])}' for name in CANONICAL_SETTINGS)
        closing = f"]{fields}}}"
        # The hashes are those of `digest_of`: of a list of all parts, or of the request alone.
        identity = "".join(f"{canonical_json(part)}," for part in step)
        self._identity = hashlib.sha256(f"[{identity}{opening}".encode())
        self._digest = hashlib.sha256(f"[{opening}".encode())
        self._ending = f"{closing}]".encode()
        self._characters = len(opening) + len(closing)
        self._dense = count_dense(opening) + count_dense(closing)
        self._pictures = 0
        self._separator = ""
        self.turn = 0
        """How many answers the conversation holds."""

    def add(self, message: BaseMessage) -> None:
        """Take in what was said."""
        text = f"{self._separator}{canonical_json(canonical_message(message))}"
        data = text.encode()
        self._identity.update(data)
        self._digest.update(data)
        self._characters += len(text)
        self._dense += count_dense(text)
        self._pictures += count_pictures((message,))
        self._separator = ","
        self.turn += isinstance(message, AIMessage)

    def name(self) -> NamedRequest:
        """Return what `digest_of` and `estimate_input_tokens` make of the canonical request."""
        identity, digest = self._identity.copy(), self._digest.copy()
        identity.update(self._ending)
        digest.update(self._ending)
        input_tokens = tokens_of(self._characters, self._dense, self._pictures)
        return NamedRequest(identity.hexdigest(), digest.hexdigest(), input_tokens, self.turn)
