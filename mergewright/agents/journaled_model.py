"""A chat model whose every call is a journal step: paid for once, reserved before, settled after.

The step sits in the model and not in an agent's middleware, so that no call can pass it by. The
answer that a live call returns is the recorded one, decoded: a replayed conversation is the same
to the last byte, and so are the keys of the steps that follow.
"""

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from langchain_anthropic import ChatAnthropic
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, SystemMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable, RunnableBinding
from langchain_core.tools import BaseTool
from pydantic import PrivateAttr

from mergewright.agents.exchange import (
    canonical_json,
    canonical_request,
    decode_answer,
    digest_of_texts,
    encode_answer,
    estimate_input_tokens,
    turn_of,
    usage_of,
)
from mergewright.agents.limits import AgentLimits, Deadline
from mergewright.agents.model_errors import translate_model_error
from mergewright.budget.prices import Usage
from mergewright.clients.breaker import call_with_retries
from mergewright.domain.events import Json, ModelAnswered
from mergewright.errors import AnswerUnusable, ServiceUnavailable, SettingInvalid
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


class JournaledModel(BaseChatModel):
    """Any chat model, with the journal and the ledger around each call."""

    inner: BaseChatModel
    journal: Journal
    caller: Caller
    limits: AgentLimits
    deadline: Deadline
    attempts: int = ATTEMPTS
    """How often a call is made at most while its failures may pass."""
    _asked: Counter[str] = PrivateAttr(default_factory=Counter)

    @classmethod
    def around(
        cls,
        inner: BaseChatModel,
        *,
        journal: Journal,
        caller: Caller,
        limits: AgentLimits,
        deadline: Deadline,
        attempts: int = ATTEMPTS,
    ) -> "JournaledModel":
        """Return the model with a journal around it; LangChain's own cache and streams are off."""
        return cls(
            inner=inner,
            journal=journal,
            caller=caller,
            limits=limits,
            deadline=deadline,
            attempts=attempts,
            cache=False,
            disable_streaming=True,
            profile=inner.profile,
        )

    @property
    def _llm_type(self) -> str:
        return "journaled"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,  # noqa: ANN401 - LangChain's own signature
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """Bind tools in the inner model's own format.

        Raises:
            SettingInvalid: The inner model cannot use tools.
        """
        try:
            bound = self.inner.bind_tools(tools, tool_choice=tool_choice, **kwargs)
        except NotImplementedError as error:
            raise self._cannot_use_tools() from error
        if not isinstance(bound, RunnableBinding):
            raise self._cannot_use_tools()
        given = {key: value for key, value in bound.kwargs.items() if key != "tools" or value}
        return self.bind(**given)

    def _cannot_use_tools(self) -> SettingInvalid:
        return SettingInvalid(
            f"The model {self.caller.model_name!r} cannot use tools.",
            hint="Choose a model with tool use, for example 'anthropic:claude-opus-5-5'.",
        )

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - the inner call has its own
        **kwargs: Any,  # noqa: ANN401 - LangChain's own signature
    ) -> ChatResult:
        """Return the recorded answer to this request, or ask, pay and record.

        Raises:
            AnswerUnusable: The answer was cut off or refused.
            BudgetExceeded: The call's worst case does not fit under a cap.
            LimitReached: The time is used up.
            ServiceError: The provider refuses or fails.
            StoreFailed: The log cannot be read or written.
        """
        settings = {**kwargs, "stop": stop} if stop else kwargs
        # Put into text once: late in a conversation it is half a million characters.
        request = canonical_json(canonical_request(messages, settings))
        step = ("model", self.journal.stage, self.caller.agent, self.caller.model_name)
        identity = digest_of_texts(*map(canonical_json, step), request)
        key = f"{identity}-{self._asked[identity]}"
        recorded = self.journal.recorded_answer(key)
        if recorded is not None:
            self.journal.replayed("model", self.caller.agent, key)
            answer = recorded.answer
        else:
            answer = self._ask_live(key, request, messages, settings)
        self._asked[identity] += 1
        message = decode_answer(answer)
        self._refuse_unusable(message)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _ask_live(
        self,
        key: str,
        request: str,
        messages: list[BaseMessage],
        settings: Mapping[str, Any],
    ) -> Json:
        """Ask, again after a failure that may pass; each attempt has a reservation of its own."""
        address = getattr(self.inner, "anthropic_api_url", None)
        return call_with_retries(
            lambda: self._attempt(key, request, messages, settings),
            service="model",
            host=urlsplit(address or "").netloc or self.caller.model_name,
            attempts=self.attempts,
            safe_to_repeat=True,
        )

    def _attempt(
        self,
        key: str,
        request: str,
        messages: list[BaseMessage],
        settings: Mapping[str, Any],
    ) -> Json:
        self.deadline.check()
        ledger, stage = self.journal.ledger, self.journal.stage
        input_tokens = estimate_input_tokens(request)
        reservation = ledger.reserve(
            stage=stage,
            step_key=key,
            agent=self.caller.agent,
            model=self.caller.model_name,
            input_tokens=input_tokens,
            max_output_tokens=self.limits.max_output_tokens,
            recorded=self.caller.recorded,
        )
        started = time.monotonic()
        try:
            message = self.deadline.call(lambda: self._invoke(messages, settings))
        except Exception as error:
            failure = translate_model_error(error, model=self.caller.model_name)
            ledger.release(reservation, stage=stage, outcome=failure.outcome)
            raise failure.error from error
        if _is_cut(message):
            ledger.release(reservation, stage=stage, outcome="unknown")
            raise ServiceUnavailable(
                f"The answer of {self.caller.model_name!r} broke off before its end.",
                hint="Start the same run again: it goes on where it stopped.",
            )
        usage = usage_of(message) or Usage(
            input_tokens=input_tokens, output_tokens=self.limits.max_output_tokens
        )
        answered = self.journal.make(
            ModelAnswered,
            key=key,
            agent=self.caller.agent,
            model=self.caller.model_name,
            prompt_name=self.caller.prompt_name,
            prompt_digest=self.caller.prompt_digest,
            turn=turn_of(messages),
            request_digest=digest_of_texts(request),
            answer=encode_answer(message),
            seconds=round(time.monotonic() - started, 3),
        )
        ledger.settle(reservation, stage=stage, usage=usage, answered=answered)
        return answered.answer

    def _invoke(self, messages: list[BaseMessage], settings: Mapping[str, Any]) -> AIMessage:
        if isinstance(self.inner, ChatAnthropic):
            messages = [_with_cache_mark(message) for message in messages]
            settings = {**settings, "cache_control": PROMPT_CACHE}
        return self.inner.invoke(messages, **settings)

    def _refuse_unusable(self, message: AIMessage) -> None:
        reason = message.response_metadata.get("stop_reason") or message.response_metadata.get(
            "finish_reason"
        )
        if reason in {"max_tokens", "length", "model_context_window_exceeded"}:
            raise AnswerUnusable(
                f"The answer of the {self.caller.agent!r} agent was cut off at "
                f"{self.limits.max_output_tokens} tokens.",
                hint="Split the ticket, or allow more output tokens and start afresh.",
            )
        if reason in {"refusal", "content_filter"}:
            raise AnswerUnusable(
                f"The model {self.caller.model_name!r} refused the work of the "
                f"{self.caller.agent!r} agent.",
                hint="Read the ticket for what the model may object to, or choose another model.",
            )


def _is_cut(message: AIMessage) -> bool:
    """Whether a stream ended early without an error: Anthropic always gives a reason to stop."""
    metadata = message.response_metadata
    return metadata.get("model_provider") == "anthropic" and not metadata.get("stop_reason")


def _with_cache_mark(message: BaseMessage) -> BaseMessage:
    """Mark the system prompt, so that tools and instructions are cached for every conversation."""
    if not isinstance(message, SystemMessage) or not isinstance(message.content, str):
        return message
    block = {"type": "text", "text": message.content, "cache_control": PROMPT_CACHE}
    return SystemMessage(content=[block])
