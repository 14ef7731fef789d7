"""LangGraph's own durability: the whole state in SQLite after each superstep."""

from pathlib import Path

from langgraph.checkpoint.sqlite import SqliteSaver

from benchmarks.contenders import invoke, size_of
from benchmarks.conversation import Counts
from benchmarks.stopwatch import Stopwatch


class Checkpointed:
    """`create_agent` with a checkpointer, in the one mode that is durable before it goes on."""

    name = "create_agent + SqliteSaver, durability sync"
    servers = ()

    def hold(self, steps: int, counts: Counts, stopwatch: Stopwatch, folder: Path) -> int:
        """Hold the conversation and return the size of the database."""
        with SqliteSaver.from_conn_string(str(folder / "checkpoints.db")) as saver:
            saver.setup()
            with stopwatch:
                invoke(steps, counts, checkpointer=saver)
        return size_of(folder)
