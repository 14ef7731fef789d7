"""Killed in the middle, started again: nothing is paid twice and the files are the same."""

import os
import signal

import pytest

from mergewright.testing.messages_server import MessagesServer, by_turn
from tests.agents.samples import (
    MENDED,
    TEST,
    WORK,
    Worktree,
    implement,
    implement_and_die,
    make_journal,
)

FINAL = {"src/money.py": MENDED, "tests/test_money.py": TEST, "README.md": "# Tally\n"}


def run_and_die(processes, server, database, worktree, name, count, when):
    process = processes.Process(
        target=implement_and_die,
        args=(server.url, database, worktree.path, name, count, when),
    )
    process.start()
    process.join(timeout=60)
    return process.exitcode


def contents(worktree):
    return {
        path.relative_to(worktree.path).as_posix(): path.read_text()
        for path in worktree.path.rglob("*")
        if path.is_file() and path.name != ".git"
    }


@pytest.mark.parametrize(
    "deaths",
    [
        [("read_file", 1, "before")],
        [("edit_file", 1, "after")],
        [("edit_file", 2, "before"), ("edit_file", 1, "after"), ("create_file", 1, "after")],
        [("run_checks", 1, "before"), ("run_checks", 1, "after")],
    ],
    ids=["reading", "after an edit", "three times", "in the checks"],
)
def test_killed_in_tools(processes, database, store, worktree, deaths):
    with MessagesServer(by_turn(*WORK)) as server:
        for death in deaths:
            assert run_and_die(processes, server, database, worktree, *death) == -signal.SIGKILL
        implement(server.url, worktree, make_journal(store))
    assert len(server.requests) == len(WORK)
    assert contents(worktree) == FINAL
    finished = [stored.event for stored in store.read(run_id="run-1", types=("tool_finished",))]
    assert len(finished) == len(WORK)
    assert not any(event.failed for event in finished)


def test_killed_while_a_call_is_under_way_costs_that_call_once_more(
    processes, database, store, worktree
):
    replies = by_turn(*WORK)
    running = []

    def kill_in_third(body, number):
        if number == 2:
            os.kill(running[0].pid, signal.SIGKILL)
        return replies(body, number)

    with MessagesServer(kill_in_third) as server:
        process = processes.Process(
            target=implement_and_die, args=(server.url, database, worktree.path, "", 0, "")
        )
        running.append(process)
        process.start()
        process.join(timeout=60)
        assert process.exitcode == -signal.SIGKILL
        lost = make_journal(store).ledger.reconcile()
        implement(server.url, worktree, make_journal(store))
    assert len(server.requests) == len(WORK) + 1
    assert lost > 0
    assert contents(worktree) == FINAL


def test_played_back_on_another_machine(tmp_path, store, journal, worktree):
    with MessagesServer(by_turn(*WORK)) as server:
        implement(server.url, worktree, journal)
        for name in ("src/money.py", "tests/test_money.py"):
            (worktree.path / name).unlink()
        (worktree.path / "stray.py").write_text("left over\n")
        implement(server.url, Worktree(worktree.path), make_journal(store))
    assert len(server.requests) == len(WORK)
    assert contents(worktree) == FINAL
