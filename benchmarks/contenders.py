"""Who holds the conversation: LangChain's `create_agent` bare, and ours without and with a log."""

import uuid
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Protocol

import psutil
from langchain.agents import create_agent
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
from mergewright.agents.asking import Question, ask
from mergewright.budget.limits import Caps, Spending
from mergewright.domain.events import Event
from mergewright.domain.plan import Research
from mergewright.events.journal import Journal
from mergewright.events.ledger import Ledger
from mergewright.events.store import EventStore, Guard, Stored

NO_LIMIT: Final = 1_000_000
_NOTHING_SPENT: Final = Spending(run_usd=Decimal(0), stage_usd=Decimal(0), day_usd=Decimal(0))


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
            invoke(steps, counts)


class NoLog:
    """An event store that keeps nothing: what is left is the loop, the prices and the ledger."""

    def append(
        self,
        events: Sequence[Event],
        *,
        guard: Guard | None = None,
        sync: bool = True,
    ) -> tuple[Stored, ...]:
        """Ask the guard and forget the events."""
        _ = sync
        if guard is not None:
            guard(_NOTHING_SPENT)
        return tuple(Stored(0, event, "") for event in events)

    def read(
        self,
        *,
        run_id: str | None = None,
        after: int = 0,
        types: Collection[str] = (),
        limit: int | None = None,
    ) -> list[Stored]:
        """Return nothing."""
        _ = run_id, after, types, limit
        return []

    def find(self, run_id: str, event_type: str, key: str) -> None:
        """Find nothing."""
        _ = run_id, event_type, key

    def run_ids(self, *, limit: int = 50) -> list[str]:
        """Return nothing."""
        _ = limit
        return []

    def hold(self, run_id: str) -> AbstractContextManager[None]:
        """Keep nobody out."""
        _ = run_id
        return nullcontext()

    def close(self) -> None:
        """Do nothing."""


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
    *,
    checkpointer: BaseCheckpointSaver[str] | None = None,
) -> None:
    """Hold the conversation with `create_agent`."""
    prompt = rendered_prompt()
    agent = create_agent(
        make_model(steps, counts),
        tools=[make_tool(counts)],
        system_prompt=prompt.system,
        checkpointer=checkpointer,
    )
    config = RunnableConfig(recursion_limit=NO_LIMIT, max_concurrency=1)
    question: Any = {"messages": [HumanMessage(prompt.user)]}
    if checkpointer is None:
        agent.invoke(question, config)
    else:
        config["configurable"] = {"thread_id": "benchmark"}
        agent.invoke(question, config, durability="sync")
