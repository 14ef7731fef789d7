"""pydantic-ai's durability: each model call and each tool call is a task of a Prefect flow."""

import asyncio
import logging
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import psutil
from prefect import flow
from prefect.settings import get_current_settings, temporary_settings
from prefect.testing.utilities import prefect_test_harness
from pydantic_ai import Agent, ModelMessage, ModelResponse, TextPart, ToolCallPart, UsageLimits
from pydantic_ai.durable_exec.prefect import PrefectDurability
from pydantic_ai.models.function import AgentInfo, FunctionModel

from benchmarks.contenders import size_of
from benchmarks.conversation import REPORT, TOOL, Counts, rendered_prompt
from benchmarks.stopwatch import Stopwatch

SERVER_START_SECONDS: Final = 120
SETTLE_SECONDS: Final = 1.0


class PydanticPrefect:
    """`PrefectDurability` inside a flow; the flow's own start is not measured.

    Args:
        name: What it is called in the tables.
        database: The server's.
        results: Where the tasks' results are.
        servers: The server's processes.
    """

    def __init__(
        self, name: str, database: Path, results: Path, servers: tuple[psutil.Process, ...]
    ) -> None:
        self.name = name
        self.servers = servers
        self._database = database
        self._results = results

    def hold(self, steps: int, counts: Counts, stopwatch: Stopwatch, folder: Path) -> int:
        """Hold the conversation and return what database and results have grown by."""
        _ = folder
        agent = _make_agent(steps, counts)

        @flow(name="benchmark")
        async def converse() -> None:
            with stopwatch:
                await agent.run(
                    rendered_prompt().user, usage_limits=UsageLimits(request_limit=None)
                )

        before = self._settled_size()
        asyncio.run(converse())
        return self._settled_size() - before

    def _settled_size(self) -> int:
        """Wait for the server, which writes down what tasks did some time after they did it."""
        size = -1
        while size != (size := _database_size(self._database) + size_of(self._results)):
            psutil.wait_procs(self.servers, timeout=SETTLE_SECONDS)
        return size


@contextmanager
def prefect_server(name: str, folder: Path) -> Iterator[PydanticPrefect]:
    """Start a Prefect server of its own on a loopback port, with a database in a file.

    A line of log per task would be counted against it, and nobody would read it: logging is off.
    """
    before = set(psutil.Process().children(recursive=True))
    changes = {
        "results.local_storage_path": folder / "results",
        "server.analytics_enabled": False,
    }
    with (
        _silence(),
        temporary_settings(changes),
        prefect_test_harness(server_startup_timeout=SERVER_START_SECONDS),
    ):
        url = get_current_settings().server.database.connection_url
        database = Path(url.get_secret_value().partition(":///")[2] if url else "")
        servers = tuple(set(psutil.Process().children(recursive=True)) - before)
        yield PydanticPrefect(name, database, folder, servers)


def _database_size(path: Path) -> int:
    """Return the pages in use, wherever they are: the server's files are not cut back."""
    with closing(sqlite3.connect(path)) as connection:
        pages, free, page_size = (
            connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
    return int((pages - free) * page_size)


@contextmanager
def _silence() -> Iterator[None]:
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _make_agent(steps: int, counts: Counts) -> Agent[None, str]:
    def reply(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        _ = info
        counts.model += 1
        turn = len(messages) // 2
        if turn == steps:
            return ModelResponse(parts=[TextPart(REPORT)])
        call = ToolCallPart(tool_name=TOOL, args={"part": turn}, tool_call_id=f"call-{turn}")
        return ModelResponse(parts=[call])

    agent = Agent(
        FunctionModel(reply),
        name="benchmark",
        instructions=rendered_prompt().system,
        capabilities=[PrefectDurability()],
    )

    @agent.tool_plain(name=TOOL)
    def look(part: int) -> str:
        """Read a part of a file."""
        return counts.look(part)

    return agent
