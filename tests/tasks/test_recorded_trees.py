"""Another machine makes the trees of a run anew from its log."""

import pytest

from mergewright.clients.mirrors import ensure_mirror, resolve_base
from mergewright.clients.patches import holds_tree
from mergewright.clients.worktrees import add_worktree
from mergewright.domain.events import ToolFinished
from mergewright.errors import NotFound, ServiceError, StoreFailed
from mergewright.events.sqlite import SqliteEventStore
from mergewright.testing.messages_server import MessagesServer, Reply, by_turn
from tasks._recorded_trees import commits_moved_to, hold_tree, hold_trees, move_tree
from tests.agents.samples import (
    MENDED,
    MONEY,
    TEST,
    WORK,
    Worktree,
    implement,
    make_journal,
    make_worktree,
)
from tests.journeys.places import commit_all


@pytest.fixture
def store(tmp_path):
    store = SqliteEventStore(tmp_path / "events.db")
    yield store
    store.close()


@pytest.fixture
def worktree(tmp_path):
    return make_worktree(tmp_path)


class Elsewhere(Worktree):
    """A worktree on another machine: of a mirror that was fetched only now."""

    def __init__(self, folder, repository, store):
        mirror = ensure_mirror(str(repository), folder / "mirrors")
        add_worktree(mirror, folder / "worktree", commit=resolve_base(mirror, "main"))
        super().__init__(folder / "worktree")
        self.store = store

    def restore(self, tree):
        hold_tree(self.store, "run-1", self.mirror, tree)
        super().restore(tree)


@pytest.fixture
def elsewhere(tmp_path, worktree, store):
    return Elsewhere(tmp_path / "elsewhere", tmp_path / "repository", store)


@pytest.fixture
def finished(store, worktree):
    """The tool calls of a piece of work that was done here."""
    with MessagesServer(by_turn(*WORK)) as server:
        implement(server.url, worktree, make_journal(store))
    return tool_calls(store)


def tool_calls(store):
    return [stored.event for stored in store.read(types=("tool_finished",))]


def test_only_calls_that_changed_something_carry_a_patch(finished, worktree):
    assert [event.tool for event in finished if event.patch] == [
        "edit_file", "edit_file", "create_file",
    ]  # fmt: skip
    trees = [event.tree for event in finished if event.patch]
    parents = [event.parent for event in finished if event.patch]
    assert parents == [worktree.base, *trees[:-1]]


@pytest.mark.parametrize("answers", range(2, len(WORK)))
def test_work_goes_on_elsewhere_and_nothing_is_paid_twice(store, worktree, elsewhere, answers):
    gone = Reply(status=400)
    with (
        MessagesServer(by_turn(*WORK[:answers], gone)) as server,
        pytest.raises(ServiceError),
    ):
        implement(server.url, worktree, make_journal(store))
    assert len(store.read(types=("model_answered",))) == answers
    with MessagesServer(by_turn(*WORK)) as server:
        implement(server.url, elsewhere, make_journal(store))
    assert len(server.requests) == len(WORK) - answers
    assert (elsewhere.path / "src/money.py").read_text() == MENDED
    assert (elsewhere.path / "tests/test_money.py").read_text() == TEST


def test_what_was_finished_here_is_only_played_back_there(store, finished, elsewhere):
    with MessagesServer(by_turn(*WORK)) as server:
        implement(server.url, elsewhere, make_journal(store))
    assert not server.requests
    assert elsewhere.current() == finished[-1].tree
    assert tool_calls(store) == finished


def test_all_trees_of_a_run_are_made_at_once_and_the_last_one_is_told(store, finished, elsewhere):
    trees = {event.tree for event in finished}
    assert not all(holds_tree(elsewhere.mirror, tree) for tree in trees)
    assert hold_trees(store, "run-1", elsewhere.mirror) == finished[-1].tree
    assert all(holds_tree(elsewhere.mirror, tree) for tree in trees)
    assert hold_trees(store, "nobody", elsewhere.mirror) == ""


def test_a_tree_that_was_made_twice(store, worktree, elsewhere):
    journal = make_journal(store)
    money = worktree.path / "src" / "money.py"
    tree = worktree.base
    for number, text in enumerate((MENDED, MONEY, MENDED, "")):
        money.write_text(text)
        before, tree = tree, worktree.current()
        fields = {"agent": "implementation", "tool": "edit_file", "summary": "", "result": {}}
        patch = worktree.patch(before, tree)
        event = journal.make(
            ToolFinished,
            key=str(number),
            tree=tree,
            parent=before,
            patch=patch,
            seconds=0,
            **fields,
        )
        journal.append(event)
    elsewhere.restore(tree)
    assert elsewhere.current() == tree
    assert (elsewhere.path / "src" / "money.py").read_text() == ""


def test_what_was_repaired_upon_another_commit_is_made_from_that_commit(
    tmp_path, store, finished, worktree, elsewhere
):
    """Elsewhere neither the merge was made, nor the repair after it."""
    made, journal = finished[-1].tree, make_journal(store, "rebase-1")
    repository = tmp_path / "repository"
    (repository / "NOTES.md").write_text("Somebody else was here.\n")
    commit_all(repository, "Go on")
    ensure_mirror(str(repository), tmp_path / "mirrors")
    base, commit = resolve_base(elsewhere.mirror, "main"), resolve_base(worktree.mirror, "main")
    moved = move_tree(journal, worktree.mirror, made, base=base, commit=commit)
    assert moved.conflicts == ()
    assert move_tree(journal, worktree.mirror, made, base="", commit=commit) == moved, "done once"
    other = move_tree(journal, worktree.mirror, worktree.base, base=base, commit=commit)
    assert other.tree != moved.tree, "another change is another move"
    worktree.restore(moved.tree)
    (worktree.path / "src" / "money.py").write_text(MONEY)
    repaired = worktree.current()
    fields = {"agent": "implementation", "tool": "edit_file", "summary": "", "result": {}}
    patch = worktree.patch(moved.tree, repaired)
    journal.append(
        journal.make(
            ToolFinished, key="repair", tree=repaired, parent=moved.tree, patch=patch, seconds=0,
            **fields,
        )
    )  # fmt: skip

    assert {*commits_moved_to(store, "run-1")} == {commit}
    with pytest.raises(NotFound, match="does not tell how it was made"):
        elsewhere.restore(repaired)
    ensure_mirror(str(repository), tmp_path / "elsewhere" / "mirrors")
    assert not holds_tree(elsewhere.mirror, moved.tree)
    elsewhere.restore(repaired)
    assert elsewhere.current() == repaired
    assert (elsewhere.path / "NOTES.md").exists()
    assert (elsewhere.path / "tests/test_money.py").read_text() == TEST
    # the worktree of the first commit is as it was before the change moved on
    assert hold_trees(store, "run-1", elsewhere.mirror) == made


def test_files_with_both_sides_of_a_conflict_are_made_elsewhere_as_well(
    tmp_path, store, finished, worktree, elsewhere
):
    base = resolve_base(worktree.mirror, "main")
    repository = tmp_path / "repository"
    (repository / "src" / "money.py").write_text("def split():\n    return 4\n")
    commit_all(repository, "Do it otherwise")
    for folder in ("mirrors", "elsewhere/mirrors"):
        ensure_mirror(str(repository), tmp_path / folder)
    moved = move_tree(
        make_journal(store, "backport-carry"), worktree.mirror, finished[-1].tree,
        base=base, commit=resolve_base(worktree.mirror, "main"),
    )  # fmt: skip
    assert moved.conflicts == ("src/money.py",)
    elsewhere.restore(moved.tree)
    assert "<<<<<<<" in (elsewhere.path / "src" / "money.py").read_text()


def test_a_tree_that_nothing_tells_of(store, finished, elsewhere):
    with pytest.raises(NotFound, match="does not tell how it was made"):
        elsewhere.restore("1" * 40)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [("divmod", "divmud", "now makes"), ("\n-    return", "\n-    gives", "cannot be applied")],
)
def test_a_patch_that_was_changed(tmp_path, finished, elsewhere, old, new, message):
    other = SqliteEventStore(tmp_path / "other.db")
    for event in finished:
        other.append([event.model_copy(update={"patch": event.patch.replace(old, new)})])
    elsewhere.store = other
    with pytest.raises(StoreFailed, match=message):
        elsewhere.restore(finished[-1].tree)
    assert not holds_tree(elsewhere.mirror, finished[-1].tree)
    other.close()
