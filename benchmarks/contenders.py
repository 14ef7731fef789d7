"""Who holds the conversation with LangChain: `create_agent` bare, and ours with the journal."""

import uuid
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Protocol

import psutil
from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, ToolErrorMiddleware
from langchain.agents.structured_output import ProviderStrategy
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver

from benchmarks.conversation import (
    AGENT,
    INPUTS,
    MODEL_NAME,
    Counts,
    limits_of,
    make_agent_tool,
    make_model,
    make_tool,
    rendered_prompt,
)
from benchmarks.stopwatch import Stopwatch
from mergewright.agents.answer_repair import AnswerRepair
from mergewright.agents.asking import Question, ask
from mergewright.budget.limits import Caps
from mergewright.domain.plan import Research
from mergewright.events.journal import Journal
from mergewright.events.ledger import Ledger
from mergewright.events.store import EventStore

NO_LIMIT: Final = 1_000_000


class Contender(Protocol):
    """One way to hold the conversation."""

    name: str
    servers: tuple[psutil.Process, ...]
    """Processes that work for it."""

    def hold(self, steps: int, counts: Counts, stopwatch: Stopwatch, folder: Path) -> int | None:
        """Hold it, with the stopwatch around the agent only; return the bytes stored, if any.

        Args:
            steps: How many.
            counts: Told of every call.
            stopwatch: Entered once.
            folder: Empty, for this time only.
        """
        ...


class Bare:
    """`create_agent` as it comes."""

    name = "create_agent, bare"
    servers = ()

    def hold(self, steps: int, counts: Counts, stopwatch: Stopwatch, folder: Path) -> None:
        """Hold the conversation; nothing is stored."""
        _ = folder
        with stopwatch:
            invoke(steps, counts, [])


class WithoutJournal:
    """`create_agent` with the layers and the typed answer that our agents have, but no journal."""

    name = "create_agent, our limits and typed answer, no journal"
    servers = ()

    def hold(self, steps: int, counts: Counts, stopwatch: Stopwatch, folder: Path) -> None:
        """Hold the conversation; nothing is stored."""
        _ = folder
        with stopwatch:
            layers: list[AgentMiddleware[Any, None, Any]] = [
                AnswerRepair(AGENT, Research.__name__, max_model_calls=steps + 1),
                ToolErrorMiddleware(lambda error, _: str(error)),
            ]
            invoke(steps, counts, layers, response_format=ProviderStrategy(Research))


class Journaled:
    """Ours: every call recorded, reserved before and settled after."""

    def __init__(
        self,
        name: str,
        open_store: Callable[[Path], EventStore],
        measure_bytes: Callable[[Path], int],
        servers: tuple[psutil.Process, ...] = (),
    ) -> None:
        self.name = name
        self.servers = servers
        self._open_store = open_store
        self._measure_bytes = measure_bytes

    def hold(self, steps: int, counts: Counts, stopwatch: Stopwatch, folder: Path) -> int:
        """Hold the conversation and return what the log has grown by."""
        store = self._open_store(folder)
        before = self._measure_bytes(folder)
        run_id = uuid.uuid4().hex
        ledger = Ledger(store, run_id, Caps(run_usd=Decimal(1_000)))
        question = Question(
            agent=AGENT,
            inputs=INPUTS,
            answer=Research,
            tools=(make_agent_tool(counts),),
            limits=limits_of(steps),
        )
        journal = Journal(store, run_id, AGENT, ledger=ledger)
        with stopwatch:
            ask(question, model=make_model(steps, counts), model_name=MODEL_NAME, journal=journal)
        store.close()
        return self._measure_bytes(folder) - before


def size_of(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def invoke(
    steps: int,
    counts: Counts,
    middleware: list[AgentMiddleware[Any, None, Any]],
    *,
    checkpointer: BaseCheckpointSaver[str] | None = None,
    response_format: ProviderStrategy[Research] | None = None,
) -> None:
    """Hold the conversation with `create_agent`."""
    prompt = rendered_prompt()
    agent = create_agent(
        make_model(steps, counts),
        tools=[make_tool(counts)],
        system_prompt=prompt.system,
        middleware=middleware,
        checkpointer=checkpointer,
        response_format=response_format,
    )
    config = RunnableConfig(recursion_limit=NO_LIMIT, max_concurrency=1)
    question: Any = {"messages": [HumanMessage(prompt.user)]}
    if checkpointer is None:
        agent.invoke(question, config)
    else:
        config["configurable"] = {"thread_id": "benchmark"}
        agent.invoke(question, config, durability="sync")
