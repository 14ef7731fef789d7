"""Documents held against the code of real commits."""

import pytest

from mergewright.clients.documentation import DocumentationExaminer
from mergewright.clients.fact_store import FactStore
from mergewright.domain.documentation import DocumentationFault as Fault
from mergewright.errors import NotFound
from tests.clients.git_samples import git, write

FIRST = {
    "tally.py": b'def split_bill(total, people):\n    """Split."""\n    return total\n\n\n'
    b"def round_up(amount):\n    return amount\n",
    "README.md": b"# Tally\n\nCall `split_bill(total, people)` and `round_up()`.\n\n"
    b"See [the guide](docs/guide.md#begin).\n",
    "docs/guide.md": b"# Guide\n\n## Begin\n\n```python\nimport tally\n```\n",
    "tests/notes.md": b"[broken](nowhere.md)\n",
}
SECOND = {
    "tally.py": b'def split_bill(total, people, tip=0):\n    """Split."""\n    return total\n\n\n'
    b"def settle(debts):\n    return debts\n\n\ndef _hidden():\n    pass\n\n\n"
    b'def told(x):\n    """Explained."""\n    return x\n',
}


def commit(folder, files, message) -> str:
    write(folder, files)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", f"--message={message}")
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "tally"
    place.mkdir()
    git(place, "init", "--quiet", "--initial-branch=main", "--template=")
    return place


@pytest.fixture
def examiner(tmp_path, folder):
    with FactStore(tmp_path / "facts.db") as store:
        yield DocumentationExaminer(folder / ".git", lambda path: path.endswith(".md"), store)


def told(findings):
    return {(one.fault, one.path, one.subject) for one in findings}


def test_documents_that_say_what_is_have_no_findings(folder, examiner):
    first = commit(folder, FIRST, "Begin")
    state = examiner.examine(first)
    assert state.is_true
    assert state.documents == ("README.md", "docs/guide.md")
    assert (state.documented_commit, state.documented_by, state.commits_since) == (
        first, "history", 0,
    )  # fmt: skip


def test_what_the_code_has_otherwise_since_is_found(folder, examiner):
    first = commit(folder, FIRST, "Begin")
    second = commit(folder, SECOND, "Tip and settle")
    state = examiner.examine(second)
    assert (state.documented_commit, state.commits_since) == (first, 1)
    assert state.subjects == ("Tip and settle",)
    assert [(change.action, change.name) for change in state.api] == [
        ("removed", "round_up"), ("added", "settle"), ("changed", "split_bill"), ("added", "told"),
    ]  # fmt: skip
    assert told(state.findings) == {
        (Fault.STALE_NAME, "README.md", "round_up()"),
        (Fault.CHANGED_NAME, "README.md", "split_bill"),
        (Fault.UNDOCUMENTED, "tally.py", "settle"),
    }
    assert examiner.examine(second) == state


def test_what_a_run_recorded_as_true_counts_where_it_is_later(folder, examiner):
    commit(folder, FIRST, "Begin")
    second = commit(folder, {"tally.py": SECOND["tally.py"]}, "Tip")
    third = commit(folder, {"other.py": b"x = 1\n"}, "Other")
    state = examiner.examine(third, recorded=second)
    assert (state.documented_commit, state.documented_by) == (second, "recorded")
    assert told(state.findings) == {(Fault.STALE_NAME, "README.md", "round_up()")}
    for odd in ("--help", "nothing", "0" * 40):
        assert examiner.examine(third, recorded=odd).documented_by == "history"


def test_a_commit_that_a_person_names_counts_always(folder, examiner):
    first = commit(folder, {**FIRST, "README.md": b"# Tally\n"}, "Begin")
    commit(folder, SECOND, "Tip")
    third = commit(folder, {"README.md": b"# Tally\n\nSplits.\n"}, "Say more")
    assert examiner.examine(third).is_true
    state = examiner.examine(third, since=first[:10])
    assert (state.documented_commit, state.documented_by) == (first, "named")
    assert told(state.findings) == {(Fault.UNDOCUMENTED, "tally.py", "settle")}
    with pytest.raises(NotFound, match="deadbeef"):
        examiner.examine(third, since="deadbeef")


def test_a_change_is_judged_by_what_it_leaves_and_brings(folder, examiner):
    commit(folder, FIRST, "Begin")
    state = examiner.examine(commit(folder, SECOND, "Tip"))
    write(
        folder,
        {
            "README.md": b"# Tally\n\nCall `split_bill(total, people, tip)`, `invented_call()`.\n\n"
            b"See [the guide](docs/gone.md).\n"
        },
    )
    git(folder, "add", "--all")
    check = examiner.examine_change(state, git(folder, "write-tree"))
    assert told(check.left) == {(Fault.UNDOCUMENTED, "tally.py", "settle")}
    assert told(check.new) == {
        (Fault.STALE_NAME, "README.md", "invented_call()"),
        (Fault.BROKEN_LINK, "README.md", "docs/gone.md"),
    }


def test_a_change_that_mends_all_leaves_nothing(folder, examiner):
    commit(folder, FIRST, "Begin")
    state = examiner.examine(commit(folder, SECOND, "Tip"))
    text = FIRST["README.md"].replace(b"round_up", b"settle")
    write(folder, {"README.md": text})
    git(folder, "add", "--all")
    check = examiner.examine_change(state, git(folder, "write-tree"))
    assert (check.left, check.new) == ((), ())


def test_odd_files_raise_nothing(folder, examiner):
    write(
        folder, {"a.md": b"\xff\xfe[x](\xff.md)\n", "b.md": b"\0", "huge.md": b"`x_y`\n" * 200_000}
    )
    (folder / "link.md").symlink_to("/etc/passwd")
    state = examiner.examine(commit(folder, {}, "Odd"))
    assert state.documents == ("a.md",)


def test_what_a_tree_explains_is_unexplained_no_more(folder, examiner):
    commit(folder, FIRST, "Begin")
    state = examiner.examine(commit(folder, SECOND, "Tip"))
    asked = [one for one in state.findings if one.fault is Fault.UNDOCUMENTED]
    assert told(examiner.unexplained(state.commit, asked)) == {
        (Fault.UNDOCUMENTED, "tally.py", "settle")
    }
    text = SECOND["tally.py"].replace(b"settle(debts):\n", b'settle(debts):\n    """Settle."""\n')
    write(folder, {"tally.py": text})
    git(folder, "add", "--all")
    assert examiner.unexplained(git(folder, "write-tree"), asked) == ()
