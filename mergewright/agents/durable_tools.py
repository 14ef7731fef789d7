"""Tool calls as journal steps over recorded trees: carried out once, whatever is killed when.

After a crash the disk is ahead of the journal. So the key of a call chains over the trees that
were *recorded*, never over what lies on disk, and the disk is brought to the recorded tree before
anything is carried out. Calls of one turn run in the order in which the model asked for them.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from langchain_core.messages import ToolCall, ToolMessage

from mergewright.agents.exchange import digest_of
from mergewright.agents.limits import Deadline
from mergewright.agents.tool_results import Result, carry_out
from mergewright.agents.tools import AgentTool
from mergewright.domain.events import ToolFinished, ToolStarted
from mergewright.errors import LimitReached
from mergewright.events.journal import Journal
from mergewright.safety.redaction import redact
from mergewright.safety.untrusted import fence_output

MAX_SAME_CALLS = 4
"""The same call that often in a row is a loop, not work."""
MAX_SUMMARY_CHARACTERS = 120


class WorkspaceTrees(Protocol):
    """A worktree whose states are recorded as git trees."""

    @property
    def base(self) -> str:
        """Tree that the disk was brought to before the work, and that can be had anywhere."""
        ...

    def current(self) -> str:
        """Record what is on disk and return its tree."""
        ...

    def restore(self, tree: str) -> None:
        """Bring the disk to a recorded tree."""
        ...

    def patch(self, before: str, after: str) -> str:
        """Return what makes the second tree of the first."""
        ...


class DurableTools:
    """Carries out each tool call once per run and stage, and replays it afterwards.

    An error that the model can mend is a result, and recorded as the one that the model saw.

    Args:
        tools: What may be called.
        agent: Who calls.
        journal: Where each call is written down.
        workspace: The worktree that the tools change; None when they change nothing.
        deadline: When nothing new may begin.
    """

    def __init__(
        self,
        tools: Sequence[AgentTool],
        *,
        agent: str,
        journal: Journal,
        workspace: WorkspaceTrees | None,
        deadline: Deadline,
    ) -> None:
        self._tools = {tool.name: tool for tool in tools}
        self._agent = agent
        self._journal = journal
        self._workspace = workspace
        self._deadline = deadline
        self._disk_is_current = False
        self._last_call = ""
        self._same_calls = 0
        self._tree = self._recorded_base(workspace) if workspace else ""

    def call(self, call: ToolCall, *, turn: int) -> ToolMessage:
        """Return the recorded result of a call, or carry it out and record it.

        Args:
            call: What the model asks for.
            turn: How many answers the conversation holds.

        Raises:
            LimitReached: The model repeats itself, or the time is used up.
            StoreFailed: The log cannot be read or written.
            WorkError: The worktree cannot be read or written.
        """
        self._refuse_loop(call)
        key = self._key(call, turn)
        recorded = self._journal.recorded_tool(key)
        if recorded is not None:
            self._journal.replayed("tool", self._agent, key)
            self._tree = recorded.tree
            return _message(call, recorded.result)
        return _message(call, self._carry_out(key, call))

    def leave_disk_current(self) -> None:
        """Bring the disk to the tree that the conversation has arrived at.

        Raises:
            MergewrightError: The worktree cannot be recorded or restored.
        """
        if self._workspace is not None and self._workspace.current() != self._tree:
            self._workspace.restore(self._tree)

    def _recorded_base(self, workspace: WorkspaceTrees) -> str:
        """Return the tree that the work began with: recorded once, so that a crash moves nothing."""
        key = self._digest("base")
        recorded = self._journal.recorded_tool(key)
        if recorded is not None:
            return recorded.tree
        tree = workspace.current()
        self._journal.append(
            self._journal.make(
                ToolFinished,
                key=key,
                agent=self._agent,
                tool="workspace",
                summary=f"begin with tree {tree[:12]}",
                result={},
                seconds=0.0,
                **_tree_fields(workspace, workspace.base, tree),
            )
        )
        return tree

    def _digest(self, *parts: object) -> str:
        return digest_of("tool", self._journal.stage, self._agent, *parts)

    def _key(self, call: ToolCall, turn: int) -> str:
        return self._digest(turn, call["id"], call["name"], call["args"], self._tree)

    def _refuse_loop(self, call: ToolCall) -> None:
        this = digest_of(call["name"], call["args"])
        self._same_calls = self._same_calls + 1 if this == self._last_call else 1
        self._last_call = this
        if self._same_calls >= MAX_SAME_CALLS:
            raise LimitReached(
                f"The {self._agent!r} agent made the same call {MAX_SAME_CALLS} times in a row: "
                f"{self._summary(call)}.",
                hint="Make the ticket more precise, or choose a stronger model.",
            )

    def _carry_out(self, key: str, call: ToolCall) -> Result:
        self._deadline.check()
        self._sync_disk()
        named = {"agent": self._agent, "tool": call["name"], "summary": self._summary(call)}
        # Neither event waits for the disk: the next reservation does, and with it both are there
        # before anything more is paid. A power cut until then means that the call is made again, on
        # the recorded tree, as after a kill between its effect and its record.
        self._journal.append(self._journal.make(ToolStarted, **named), sync=False)
        started = time.monotonic()
        result = carry_out(call, self._tools)
        tree = self._tree_after(call["name"])
        self._journal.append(
            self._journal.make(
                ToolFinished,
                key=key,
                **named,
                failed=result["status"] == "error",
                result=result,
                seconds=round(time.monotonic() - started, 3),
                **_tree_fields(self._workspace, self._tree, tree),
            ),
            sync=False,
        )
        self._tree = tree
        return result

    def _sync_disk(self) -> None:
        if self._workspace is not None and not self._disk_is_current:
            if self._workspace.current() != self._tree:
                self._workspace.restore(self._tree)
            self._disk_is_current = True

    def _tree_after(self, name: str) -> str:
        tool = self._tools.get(name)
        if self._workspace is None or tool is None or not tool.mutating:
            return self._tree
        return self._workspace.current()

    def _summary(self, call: ToolCall) -> str:
        tool = self._tools.get(call["name"])
        text = tool.summarise(call["args"]) if tool else f"call {call['name']!r}"
        line = " ".join(redact(text).split())
        return line if len(line) <= MAX_SUMMARY_CHARACTERS else f"{line[:MAX_SUMMARY_CHARACTERS]}…"


def _tree_fields(workspace: WorkspaceTrees | None, before: str, after: str) -> dict[str, str]:
    if workspace is None or after == before:
        return {"tree": after}
    return {"tree": after, "parent": before, "patch": workspace.patch(before, after)}


def _message(call: ToolCall, result: Mapping[str, Any]) -> ToolMessage:
    return ToolMessage(
        content=fence_output(call["name"], result["content"]),
        status=result["status"],
        name=call["name"],
        tool_call_id=call["id"],
    )
