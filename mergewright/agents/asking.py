"""Asking a model for one piece of work: a typed answer or a typed error, never anything between."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage
from langchain_core.runnables import RunnableLambda

from mergewright.agents.answer_form import AnswerForm
from mergewright.agents.conversation import Conversation
from mergewright.agents.durable_tools import DurableTools, WorkspaceTrees
from mergewright.agents.journaled_model import Caller, JournaledModel
from mergewright.agents.limits import AgentLimits, Deadline
from mergewright.agents.pictures import NO_PICTURES, Pictures, content_of
from mergewright.agents.prompts import PROMPTS, LoadedPrompt, load_prompt
from mergewright.agents.tools import AgentTool
from mergewright.domain.value import Value
from mergewright.errors import SettingInvalid
from mergewright.events.journal import Journal

A = TypeVar("A", bound=Value)


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
    form = AnswerForm.fitting(model, question.answer)
    deadline = Deadline.start(question.agent, question.limits.max_seconds)
    journaled = JournaledModel(
        model,
        form.settings(model, question.tools, model_name=model_name),
        journal=journal,
        caller=_caller(prompt, model_name, recorded=recorded),
        limits=question.limits,
        deadline=deadline,
    )
    tools = DurableTools(
        question.tools,
        agent=question.agent,
        journal=journal,
        workspace=workspace,
        deadline=deadline,
    )
    conversation = Conversation(
        question.agent,
        model=journaled,
        tools=tools,
        form=form,
        max_model_calls=question.limits.max_model_calls,
    )
    content = content_of(rendered.user, question.pictures, model_name=model_name)
    # Whoever traces finds all calls of the model and of tools below one entry, that of the agent.
    traced = RunnableLambda(conversation.hold, name=question.agent)
    answer = traced.invoke([SystemMessage(rendered.system), HumanMessage(content)])
    tools.leave_disk_current()
    return answer


def _caller(prompt: LoadedPrompt, model_name: str, *, recorded: bool) -> Caller:
    return Caller(
        agent=prompt.prompt.name,
        model_name=model_name,
        prompt_name=prompt.prompt.name,
        prompt_digest=prompt.prompt.digest,
        recorded=recorded,
    )
