"""Asking a model for one piece of work: a typed answer or a typed error, never anything between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware
from langchain.agents.structured_output import ProviderStrategy, ToolStrategy
from langchain_anthropic import ChatAnthropic
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.errors import GraphRecursionError

from mergewright.agents.answer_repair import AnswerRepair, calls_used_up
from mergewright.agents.durable_tools import DurableTools, WorkspaceTrees
from mergewright.agents.journaled_model import Caller, JournaledModel
from mergewright.agents.limits import AgentLimits, Deadline
from mergewright.agents.pictures import NO_PICTURES, Pictures, content_of
from mergewright.agents.prompts import PROMPTS, LoadedPrompt, load_prompt
from mergewright.agents.tools import AgentTool
from mergewright.domain.value import Value
from mergewright.errors import AnswerUnusable, SettingInvalid
from mergewright.events.journal import Journal

A = TypeVar("A", bound=Value)

STEPS_PER_CALL = 3
"""Graph steps of one model call: model, tools, and one to spare."""


class _Agent(Protocol):
    def invoke(self, input: Any, config: RunnableConfig) -> Any: ...  # noqa: A002, ANN401 - LangGraph's own signature


@dataclass(frozen=True, slots=True)
class Question(Generic[A]):
    """One piece of work: whom to ask, with what, and for which form of answer."""

    agent: str
    """Name of the prompt folder."""
    inputs: Mapping[str, object]
    answer: type[A]
    tools: Sequence[AgentTool] = ()
    limits: AgentLimits = field(default_factory=AgentLimits)
    prompts: Path = PROMPTS
    """Folder of all prompts; another one holds other versions of them."""
    pictures: Pictures = NO_PICTURES
    """What whoever is asked looks at besides."""


def ask(
    question: Question[A],
    *,
    model: BaseChatModel,
    model_name: str,
    journal: Journal,
    recorded: bool = False,
    workspace: WorkspaceTrees | None = None,
) -> A:
    """Have the work done and return its answer; done before, it is replayed from the journal.

    Args:
        question: The work.
        model: Who does it.
        model_name: Its `provider:name` for prices and keys; for a recording, the model that it was
            recorded from.
        journal: Where each step is written down.
        recorded: The answers come from a recording.
        workspace: The worktree that the tools change; None when they change nothing.

    Raises:
        AnswerUnusable: The answer is cut off, refused, or invalid for the second time.
        BudgetExceeded: A call's worst case does not fit under a cap.
        LimitReached: The agent used up its calls or its time, or runs in circles.
        ServiceError: The provider refuses or fails.
        SettingInvalid: The prompt does not fit the question.
        StoreFailed: The log cannot be read or written.
        WorkError: The worktree cannot be read or written.
    """
    prompt = load_prompt(question.agent, folder=question.prompts)
    if prompt.prompt.output != question.answer.__name__:
        raise SettingInvalid(
            f"The prompt {question.agent!r} asks for {prompt.prompt.output!r}, "
            f"and the caller for {question.answer.__name__!r}.",
            hint="Make `output` in the prompt's front matter the name of the answer's type.",
        )
    rendered = prompt.render(**question.inputs)
    deadline = Deadline.start(question.agent, question.limits.max_seconds)
    tools = DurableTools(
        question.tools,
        agent=question.agent,
        journal=journal,
        workspace=workspace,
        deadline=deadline,
    )
    agent = create_agent(
        JournaledModel.around(
            model,
            journal=journal,
            caller=_caller(prompt, model_name, recorded=recorded),
            limits=question.limits,
            deadline=deadline,
        ),
        tools=list(question.tools),
        system_prompt=rendered.system,
        middleware=_middleware(question, tools),
        response_format=_answer_strategy(model, question.answer),
    )
    content = content_of(rendered.user, question.pictures, model_name=model_name)
    result = _invoke(agent, HumanMessage(content), question)
    tools.leave_disk_current()
    answer = result.get("structured_response")
    if not isinstance(answer, question.answer):
        raise AnswerUnusable(
            f"The {question.agent!r} agent ended without a {question.answer.__name__}.",
            hint="Start the run afresh, or choose a stronger model.",
        )
    return answer


def _caller(prompt: LoadedPrompt, model_name: str, *, recorded: bool) -> Caller:
    return Caller(
        agent=prompt.prompt.name,
        model_name=model_name,
        prompt_name=prompt.prompt.name,
        prompt_digest=prompt.prompt.digest,
        recorded=recorded,
    )


def _middleware(
    question: Question[A], tools: DurableTools
) -> list[AgentMiddleware[Any, None, Any]]:
    """Return the layers, outermost first: few, for each of them costs time at every step."""
    calls = question.limits.max_model_calls
    return [AnswerRepair(question.agent, question.answer.__name__, max_model_calls=calls), tools]


def _answer_strategy(
    model: BaseChatModel, answer: type[A]
) -> ProviderStrategy[A] | ToolStrategy[A]:
    """Let the provider hold the form where it can; Claude models without a profile can, too."""
    profile = model.profile or {}
    if isinstance(model, ChatAnthropic) or profile.get("structured_output"):
        return ProviderStrategy(answer)
    return ToolStrategy(answer, handle_errors=False)


def _invoke(agent: _Agent, asked: HumanMessage, question: Question[A]) -> dict[str, Any]:
    calls = question.limits.max_model_calls
    config = RunnableConfig(recursion_limit=STEPS_PER_CALL * (calls + 1), max_concurrency=1)
    try:
        result: dict[str, Any] = agent.invoke({"messages": [asked]}, config)
    except GraphRecursionError as error:
        raise calls_used_up(question.agent, calls) from error
    return result
