"""A chat model whose every call is a journal step: paid for once, reserved before, settled after.

The step sits in the model and not in an agent's middleware, so that no call can pass it by. The
answer that a live call returns is the recorded one, decoded: a replayed conversation is the same
to the last byte, and so are the keys of the steps that follow.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from langchain_anthropic import ChatAnthropic
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage
from langchain_core.prompt_values import ChatPromptValue

from mergewright.agents.answer_endings import is_cut, refuse_unusable
from mergewright.agents.exchange import decode_answer, encode_answer, usage_of
from mergewright.agents.limits import AgentLimits, Deadline
from mergewright.agents.model_errors import translate_model_error
from mergewright.agents.priced_options import refuse_unpriced_model, refuse_unpriced_settings
from mergewright.agents.request_text import NamedRequest, RequestText
from mergewright.budget.prices import Usage
from mergewright.clients.breaker import call_with_retries
from mergewright.domain.events import ModelAnswered
from mergewright.domain.logged_event import Json
from mergewright.errors import ServiceUnavailable
from mergewright.events.journal import Journal

ATTEMPTS = 3
PROMPT_CACHE = {"type": "ephemeral"}
"""Cache for five minutes: the kind that reservations and settlements are priced with."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks which model with which prompt."""

    agent: str
    model_name: str
    """`provider:name`; for a recording, the model that it was recorded from."""
    prompt_name: str
    prompt_digest: str
    recorded: bool = False


class JournaledModel:
    """Any chat model in one conversation, with the journal and the ledger around each call.

    Callbacks, traces and rate limits are those of the model's own calls, where there are any.

    Args:
        inner: Who is asked.
        settings: What each request has beside its messages, in the format of `inner`.
        journal: Where each call is written down.
        caller: Who asks.
        limits: How long an answer may be.
        deadline: When it is given up.
        attempts: How often a call is made at most while its failures may pass.

    Raises:
        SettingInvalid: The model or a request is set up with an option whose price is not known.
    """

    def __init__(
        self,
        inner: BaseChatModel,
        settings: Mapping[str, Any],
        *,
        journal: Journal,
        caller: Caller,
        limits: AgentLimits,
        deadline: Deadline,
        attempts: int = ATTEMPTS,
    ) -> None:
        refuse_unpriced_model(inner, caller.model_name)
        refuse_unpriced_settings(settings, caller.model_name)
        self._inner = inner
        self._settings = dict(settings)
        self._journal = journal
        self._caller = caller
        self._limits = limits
        self._deadline = deadline
        self._attempts = attempts
        self._text = RequestText(settings, "model", journal.stage, caller.agent, caller.model_name)
        self._messages: list[BaseMessage] = []
        self._answers = 0

    @property
    def turn(self) -> int:
        """How many answers the conversation holds."""
        return self._text.turn

    def tell(self, *messages: BaseMessage) -> None:
        """Add to what has been said; nothing is sent yet."""
        for message in messages:
            self._text.add(message)
            self._messages.append(message)
        self._answers = 0

    def answer(self) -> AIMessage:
        """Return the recorded answer to all that has been said, or ask, pay and record.

        The answer is not added: that is for whoever judges it. Asked twice, there are two answers.

        Raises:
            AnswerUnusable: The answer was cut off or refused.
            BudgetExceeded: The call's worst case does not fit under a cap.
            LimitReached: The time is used up.
            ServiceError: The provider refuses or fails.
            StoreFailed: The log cannot be read or written.
        """
        named = self._text.name()
        key = f"{named.identity}-{self._answers}"
        recorded = self._journal.recorded_answer(key)
        if recorded is not None:
            self._journal.replayed("model", self._caller.agent, key)
            answer = recorded.answer
        else:
            answer = self._ask_live(key, named)
        self._answers += 1
        message = decode_answer(answer)
        refuse_unusable(
            message,
            agent=self._caller.agent,
            model=self._caller.model_name,
            max_output_tokens=self._limits.max_output_tokens,
        )
        return message

    def _ask_live(self, key: str, named: NamedRequest) -> Json:
        """Ask, again after a failure that may pass; each attempt has a reservation of its own."""
        if self._caller.recorded:
            # A recording is no service: it is never ill, and nobody wants to see it among them.
            return self._attempt(key, named)
        address = getattr(self._inner, "anthropic_api_url", None)
        return call_with_retries(
            lambda: self._attempt(key, named),
            service="model",
            host=urlsplit(address or "").netloc or self._caller.model_name,
            attempts=self._attempts,
            safe_to_repeat=True,
        )

    def _attempt(self, key: str, named: NamedRequest) -> Json:
        self._deadline.check()
        ledger, stage = self._journal.ledger, self._journal.stage
        input_tokens = named.input_tokens
        reservation = ledger.reserve(
            stage=stage,
            step_key=key,
            agent=self._caller.agent,
            model=self._caller.model_name,
            input_tokens=input_tokens,
            max_output_tokens=self._limits.max_output_tokens,
            recorded=self._caller.recorded,
        )
        started = time.monotonic()
        try:
            message = self._deadline.call(self._invoke)
        except Exception as error:
            failure = translate_model_error(error, model=self._caller.model_name)
            ledger.release(reservation, stage=stage, outcome=failure.outcome)
            raise failure.error from error
        if is_cut(message):
            ledger.release(reservation, stage=stage, outcome="unknown")
            raise ServiceUnavailable(
                f"The answer of {self._caller.model_name!r} broke off before its end.",
                hint="Start the same run again: it goes on where it stopped.",
            )
        usage = usage_of(message) or Usage(
            input_tokens=input_tokens, output_tokens=self._limits.max_output_tokens
        )
        answered = self._journal.make(
            ModelAnswered,
            key=key,
            agent=self._caller.agent,
            model=self._caller.model_name,
            prompt_name=self._caller.prompt_name,
            prompt_digest=self._caller.prompt_digest,
            turn=named.turn,
            request_digest=named.digest,
            answer=encode_answer(message),
            seconds=round(time.monotonic() - started, 3),
        )
        ledger.settle(reservation, stage=stage, usage=usage, answered=answered)
        return answered.answer

    def _invoke(self) -> AIMessage:
        messages, settings = self._messages, self._settings
        if isinstance(self._inner, ChatAnthropic):
            messages = [_with_cache_mark(message) for message in messages]
            settings = {**settings, "cache_control": PROMPT_CACHE}
        # Hundreds of messages at each turn: as a value they are neither converted nor checked anew.
        return self._inner.invoke(ChatPromptValue.model_construct(messages=messages), **settings)


def _with_cache_mark(message: BaseMessage) -> BaseMessage:
    """Mark the system prompt, so that tools and instructions are cached for every conversation."""
    if not isinstance(message, SystemMessage) or not isinstance(message.content, str):
        return message
    block = {"type": "text", "text": message.content, "cache_control": PROMPT_CACHE}
    return SystemMessage(content=[block])
