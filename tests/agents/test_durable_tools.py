"""What of an agent's steps waits for the disk; that they survive kills is in test_asking_interrupted."""

from mergewright.events.sqlite import SqliteEventStore
from mergewright.testing.messages_server import MessagesServer, by_turn
from tests.agents.samples import WORK, implement, make_journal


class WatchedStore(SqliteEventStore):
    """Keeps what was appended, and whether it waited for the disk."""

    def __init__(self, path):
        super().__init__(path)
        self.appends = []

    def append(self, events, *, guard=None, sync=True):
        stored = super().append(events, guard=guard, sync=sync)
        self.appends.append(([event.type for event in events], sync))
        return stored


def test_money_and_answers_wait_for_the_disk_and_tool_calls_do_not(tmp_path, worktree):
    store = WatchedStore(tmp_path / "watched.db")
    with MessagesServer(by_turn(*WORK)) as server:
        implement(server.url, worktree, make_journal(store))
    base, *steps = store.appends
    asked = [(["call_reserved"], True), (["model_answered", "call_settled"], True)]
    used = [(["tool_started"], False), (["tool_finished"], False)]
    assert base == (["tool_finished"], True)
    assert steps == [*(asked + used) * (len(WORK) - 1), *asked]


def test_replayed_steps_wait_for_no_disk(tmp_path, worktree):
    store = WatchedStore(tmp_path / "watched.db")
    with MessagesServer(by_turn(*WORK)) as server:
        implement(server.url, worktree, make_journal(store))
        store.appends.clear()
        implement(server.url, worktree, make_journal(store))
    assert store.appends == [(["step_replayed"], False)] * (2 * len(WORK) - 1)
