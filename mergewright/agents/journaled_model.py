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
from langchain_core.messages import (
    AIMessage,
    BaseMessage,
    SystemMessage,
    convert_to_messages,
)
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable, RunnableBinding, RunnableConfig
from langchain_core.tools import BaseTool
from pydantic import PrivateAttr

from mergewright.agents.answer_endings import is_cut, refuse_unusable
from mergewright.agents.bound_tools import BoundTools
from mergewright.agents.exchange import decode_answer, encode_answer, usage_of
from mergewright.agents.limits import AgentLimits, Deadline
from mergewright.agents.model_errors import translate_model_error
from mergewright.agents.priced_options import refuse_unpriced_model, refuse_unpriced_settings
from mergewright.agents.request_text import NamedRequest, RequestText
from mergewright.budget.prices import Usage
from mergewright.clients.breaker import call_with_retries
from mergewright.domain.events import ModelAnswered
from mergewright.domain.logged_event import Json
from mergewright.errors import ServiceUnavailable, SettingInvalid
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


@dataclass(frozen=True, slots=True)
class _Request:
    """One request, and the step that it is."""

    key: str
    named: NamedRequest
    messages: list[BaseMessage]
    settings: Mapping[str, Any]
    config: RunnableConfig | None


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
    _text: RequestText = PrivateAttr()
    _bound: BoundTools | None = PrivateAttr(default=None)

    def model_post_init(self, context: Any, /) -> None:  # noqa: ANN401 - pydantic's own signature
        """Begin the text that requests are named by."""
        super().model_post_init(context)
        caller = self.caller
        self._text = RequestText("model", self.journal.stage, caller.agent, caller.model_name)

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
        """Return the model with a journal around it; LangChain's own cache and streams are off.

        Raises:
            SettingInvalid: The model is set up with an option whose price is not known.
        """
        refuse_unpriced_model(inner, caller.model_name)
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
        known = self._bound
        if known is None or not known.is_for(tools, tool_choice, kwargs):
            # An agent binds anew at each turn, and converting a schema takes longer than all else.
            bound = self._bind(tools, tool_choice, kwargs)
            known = self._bound = BoundTools.of(tools, tool_choice, kwargs, bound)
        return known.model

    def _bind(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        tool_choice: str | None,
        kwargs: Mapping[str, Any],
    ) -> Runnable[LanguageModelInput, AIMessage]:
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

    def invoke(
        self,
        input: LanguageModelInput,  # noqa: A002 - LangChain's own signature
        config: RunnableConfig | None = None,
        *,
        stop: list[str] | None = None,
        **kwargs: Any,  # noqa: ANN401 - LangChain's own signature
    ) -> AIMessage:
        """Return the recorded answer to this request, or ask, pay and record.

        Callbacks, traces and rate limits are those of the inner model's call, where there is one.

        Raises:
            AnswerUnusable: The answer was cut off or refused.
            BudgetExceeded: The call's worst case does not fit under a cap.
            LimitReached: The time is used up.
            ServiceError: The provider refuses or fails.
            StoreFailed: The log cannot be read or written.
        """
        if isinstance(input, list):
            messages = convert_to_messages(input)
        else:
            messages = self._convert_input(input).to_messages()
        return self._answer(messages, {**kwargs, "stop": stop} if stop else kwargs, config)

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002 - the inner call has its own
        **kwargs: Any,  # noqa: ANN401 - LangChain's own signature
    ) -> ChatResult:
        """Do what `invoke` does, for LangChain's other ways to call a model."""
        message = self._answer(messages, {**kwargs, "stop": stop} if stop else kwargs, None)
        return ChatResult(generations=[ChatGeneration(message=message)])

    def _answer(
        self,
        messages: list[BaseMessage],
        settings: Mapping[str, Any],
        config: RunnableConfig | None,
    ) -> AIMessage:
        refuse_unpriced_settings(settings, self.caller.model_name)
        named = self._text.name(messages, settings)
        key = f"{named.identity}-{self._asked[named.identity]}"
        recorded = self.journal.recorded_answer(key)
        if recorded is not None:
            self.journal.replayed("model", self.caller.agent, key)
            answer = recorded.answer
        else:
            request = _Request(key, named, messages, settings, config)
            answer = self._ask_live(request)
        self._asked[named.identity] += 1
        message = decode_answer(answer)
        refuse_unusable(
            message,
            agent=self.caller.agent,
            model=self.caller.model_name,
            max_output_tokens=self.limits.max_output_tokens,
        )
        return message

    def _ask_live(self, request: _Request) -> Json:
        """Ask, again after a failure that may pass; each attempt has a reservation of its own."""
        if self.caller.recorded:
            # A recording is no service: it is never ill, and nobody wants to see it among them.
            return self._attempt(request)
        address = getattr(self.inner, "anthropic_api_url", None)
        return call_with_retries(
            lambda: self._attempt(request),
            service="model",
            host=urlsplit(address or "").netloc or self.caller.model_name,
            attempts=self.attempts,
            safe_to_repeat=True,
        )

    def _attempt(self, request: _Request) -> Json:
        self.deadline.check()
        ledger, stage = self.journal.ledger, self.journal.stage
        input_tokens = request.named.input_tokens
        reservation = ledger.reserve(
            stage=stage,
            step_key=request.key,
            agent=self.caller.agent,
            model=self.caller.model_name,
            input_tokens=input_tokens,
            max_output_tokens=self.limits.max_output_tokens,
            recorded=self.caller.recorded,
        )
        started = time.monotonic()
        try:
            message = self.deadline.call(lambda: self._invoke(request))
        except Exception as error:
            failure = translate_model_error(error, model=self.caller.model_name)
            ledger.release(reservation, stage=stage, outcome=failure.outcome)
            raise failure.error from error
        if is_cut(message):
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
            key=request.key,
            agent=self.caller.agent,
            model=self.caller.model_name,
            prompt_name=self.caller.prompt_name,
            prompt_digest=self.caller.prompt_digest,
            turn=request.named.turn,
            request_digest=request.named.digest,
            answer=encode_answer(message),
            seconds=round(time.monotonic() - started, 3),
        )
        ledger.settle(reservation, stage=stage, usage=usage, answered=answered)
        return answered.answer

    def _invoke(self, request: _Request) -> AIMessage:
        messages, settings = request.messages, request.settings
        if isinstance(self.inner, ChatAnthropic):
            messages = [_with_cache_mark(message) for message in messages]
            settings = {**settings, "cache_control": PROMPT_CACHE}
        return self.inner.invoke(messages, request.config, **settings)


def _with_cache_mark(message: BaseMessage) -> BaseMessage:
    """Mark the system prompt, so that tools and instructions are cached for every conversation."""
    if not isinstance(message, SystemMessage) or not isinstance(message.content, str):
        return message
    block = {"type": "text", "text": message.content, "cache_control": PROMPT_CACHE}
    return SystemMessage(content=[block])
